package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Resource;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import io.mycelium.migrations.commands.Autogenerate;
import io.mycelium.migrations.plan.Asked;
import io.mycelium.migrations.testing.Conventions;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.MigrationFailedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The changesets that are generated make of a new database what somebody made by hand, each run twice, and their
 * rollbacks undo it; both by all that PostgreSQL's catalogs say. They keep the rules, once their TODOs are filled in.
 */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the copied project has symbolic links")
class AutogenerateIT {

  /** What somebody did by hand, and what was asked for by name. */
  private record Change(String name, String sql, String drop, String rename) {

    /** One that stands in a file, its statements parted by lines of two hyphens where they cannot run at once. */
    static Change inFile(String file, String name) {
      return new Change(name, Resource.text(AutogenerateIT.class, "by-hand/" + file), "", "");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @TempDir
  Path root;

  private Changelog changelog;
  private TestDatabase database;

  @BeforeEach
  void copyTheProject() throws IOException {
    for (String shared : List.of("src", ".local")) {
      Files.createDirectories(Migrations.ROOT.resolve(shared));
      Files.createSymbolicLink(root.resolve(shared), Migrations.ROOT.resolve(shared));
    }
    changelog = Migrations.copyTo(root);
    database = TestDatabase.create();
    Migrations.update(database);
  }

  static Stream<Change> changes() {
    return Stream.of( //
        Change.inFile("columns.sql", "columns of every kind"), //
        Change.inFile("types.sql",
            "an enum with commas, a domain, a sequence, a composite type, an aggregate, and columns of them"), //
        Change.inFile("tables.sql", "tables, one partitioned, with keys, indexes, a trigger, row security and rules"),
        Change.inFile("constraints.sql", "keys, checks and indexes of tables in use"), //
        Change.inFile("alterations.sql", "columns altered"), //
        Change.inFile("options.sql", "options, security and triggers of tables in use"), //
        Change.inFile("routines.sql", "functions, overloads among them, and procedures"), //
        Change.inFile("views.sql", "views on views, and the materialized one anew"), //
        Change.inFile("names.sql", "names and values with everything that SQL or Liquibase could take for its own"), //
        Change.inFile("steps.sql", "what needs steps of its own on a live table"), //
        new Change("drops that were asked for",
            "drop table task_states; alter table coordination_events drop column performance",
            "task_states,coordination_events.performance", ""), //
        new Change("renames that were asked for",
            "alter table agents rename column display_name to title; alter table workflow_states rename to workflows",
            "", "agents.display_name:title,workflow_states:workflows"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void whatSomebodyMadeByHandIsWrittenAndUndone(Change change) throws Exception {
    Catalogs before = database.catalogs();
    database.execute(change.sql().split("\n--\n"));
    Catalogs after = database.catalogs();
    int released = changelog.changeSets().size();
    assertThat(generate("change-by-hand", Asked.of(change.drop(), change.rename()))).doesNotContain("not written",
        "is not whole");
    fillIn();
    assertThat(Conventions.violations(root)).as("breaches of the rules").isEmpty();

    TestDatabase other = TestDatabase.create();
    Migrations.update(other);
    List<ChangeSet> generated = changelog.changeSets().subList(released, changelog.changeSets().size());
    assertThat(generated).isNotEmpty();
    on(other, liquibase -> {
      liquibase.setChangeExecListener(new Twice());
      liquibase.update(new Contexts());
    });
    assertThat(after.differences(other.catalogs())).as("after the generated changesets, each applied twice")
        .allMatch(difference -> difference.endsWith("\"description\":\"done\"}")); // the comments that were filled in
    on(other, liquibase -> liquibase.rollback(generated.size(), ""));
    assertThat(before.differences(other.catalogs())).as("after their rollbacks").isEmpty();
  }

  @Test
  void aRowOfTheRegistryThatGetsAColumnIsTouchedOnlyIfTheTriggerKnowsItWhichIsSaid() throws Exception {
    database.execute("alter table agents add column owner text");
    assertThat(generate("add-owner", Asked.of("", "")))
        .contains("agents.owner is not in the trigger agents.agents_touch_updated_at", "next: fill in each TODO")
        .containsPattern("wrote agents-\\d+-add-owner to changelog/");
    assertThat(generated()).contains("COMMENT ON COLUMN agents.owner IS 'TODO what it means'");
  }

  @Test
  void whatMakesTheClientsOfALiveDatabaseWaitOrFailIsSaidByRelation() throws Exception {
    database.execute("alter table task_states drop column error, alter column retry_count type bigint",
        "drop index idx_task_id");
    assertThat(generate("change-by-hand", Asked.of("task_states.error", "")))
        .contains("blocking(task_states): has no column error any more", "better: stop using it in one release");
    assertThat(generated())
        .contains("blocking(task_states): is locked (ACCESS EXCLUSIVE), and its readers and writers wait,"
            + " while this rewrites it; has no column error any more")
        .contains("DROP INDEX CONCURRENTLY IF EXISTS idx_task_id", "CREATE INDEX CONCURRENTLY idx_task_id")
        .doesNotContain("blocking(coordination_events)");
  }

  @Test
  void whatWouldLoseDataIsRefusedUnlessItIsAskedFor() throws Exception {
    database.execute("alter table task_states drop column error");
    assertThatThrownBy(() -> generate("drop-it", Asked.of("", ""))).isInstanceOf(Refused.class)
        .message()
        .contains("no longer there: column task_states.error", "-Drename=task_states.error:new_name",
            "-Ddrop=task_states.error");
    assertThat(changelog.changeSets()).as("changesets").hasSameSizeAs(Migrations.CHANGELOG.changeSets());
  }

  @Test
  void aValueOfAnEnumIsWrittenAndItsRollbackSaysThatItCannotBeUndone() throws Exception {
    database.execute("create type mood as enum ('fine'); alter table agents add column mood mood");
    generate("add-mood", Asked.of("", ""));
    fillIn();
    database = TestDatabase.create();
    on(database, liquibase -> liquibase.update(new Contexts()));
    database.execute("alter type mood add value 'tired'");
    assertThat(generate("add-tired", Asked.of("", ""))).contains(
        "the rollback of add-tired cannot be written, and says so: agents.mood would be dropped and made anew");
    TestDatabase other = TestDatabase.create();
    on(other, liquibase -> liquibase.update(new Contexts()));
    assertThatThrownBy(() -> on(other, liquibase -> liquibase.rollback(1, "")))
        .hasMessageContaining("add-tired cannot be undone: agents.mood would be dropped and made anew");
    assertThat(other.query("select enum_range(null::mood)")).as("the values of mood").containsExactly("{fine,tired}");
  }

  @Test
  void aTypeThatWouldCutAValueFailsAtThatValueInBothDirections() throws Exception {
    TestDatabase narrow = afterGenerating("alter table task_states alter agent_type type varchar(3)");
    narrow.execute("delete from task_states");
    TestDatabase wide = afterGenerating("alter table task_states alter agent_type type varchar(300)");
    String row = "insert into workflow_states (workflow_id, status) values ('w', 'running');"
        + " insert into task_states (workflow_id, task_id, agent_id, agent_type, status)"
        + " values ('w', 't', 'a', repeat('x', 120), 'ready')";
    wide.execute(row);
    assertThatThrownBy(() -> on(wide, liquibase -> liquibase.rollback(1, "")))
        .hasMessageContaining("some values of task_states.agent_type would be changed by a cast to");
    assertThat(wide.query("select length(agent_type) from task_states")).containsExactly("120");

    TestDatabase filled = TestDatabase.create();
    Migrations.update(filled);
    filled.execute(row.replace("120", "90"));
    assertThatThrownBy(() -> on(filled, liquibase -> liquibase.update(new Contexts())))
        .hasMessageContaining("some values of task_states.agent_type would be changed by a cast to");
  }

  @Test
  void whatIsDroppedAndMadeAnewKeepsItsPrivileges() throws Exception {
    TestDatabase.assumeServer("it knows no roles at its connections");
    afterGenerating("create view busy as select name, category from agents;"
        + " create function twice(a integer) returns integer language sql as 'select 2 * a'");
    TestDatabase granted = TestDatabase.create();
    on(granted, liquibase -> liquibase.update(new Contexts()));
    String role = granted.name() + "_reader";
    granted.execute("create role " + role, "grant select on busy to " + role + " with grant option",
        "grant select (category) on busy to public", "revoke all on function twice from public",
        "grant execute on function twice to " + role);
    database.execute("drop view busy; create view busy as select name as title, category from agents",
        "drop function twice; create function twice(number integer) returns integer language sql"
            + " as 'select 2 * number'");
    generate("rename-in-view", Asked.of("", ""));
    fillIn();
    on(granted, liquibase -> liquibase.update(new Contexts()));
    assertThat(granted.query("select relacl || attacl from pg_class, pg_attribute where attrelid = pg_class.oid"
        + " and relname = 'busy' and attname = 'category'")).as("privileges on busy")
        .first()
        .asString()
        .contains(role + "=r*/", ",=r/");
    assertThat(granted.query("select proacl from pg_proc where proname = 'twice'")).as("privileges on twice")
        .first()
        .asString()
        .contains(role + "=X/")
        .doesNotContain("{=X/", ",=X/");
    granted.execute("drop owned by " + role, "drop role " + role);
  }

  @Test
  void aSequenceThatIsMadeAnewGoesOnBehindTheValuesThatAreThere() throws Exception {
    afterGenerating("create table counted (id serial primary key, name text)");
    TestDatabase filled = TestDatabase.create();
    on(filled, liquibase -> liquibase.update(new Contexts()));
    filled.execute("insert into counted (name) select 'n' from generate_series(1, 5)");
    database.execute("alter table counted alter id drop default; drop sequence counted_id_seq;"
        + " alter table counted alter id add generated by default as identity");
    int generated = -changelog.changeSets().size();
    generate("use-identity", Asked.of("", ""));
    generated += changelog.changeSets().size();
    on(filled, liquibase -> liquibase.update(new Contexts()));
    assertThat(filled.query("insert into counted (name) values ('n') returning id")).as("the id after an update")
        .containsExactly("6");
    int steps = generated;
    on(filled, liquibase -> liquibase.rollback(steps, ""));
    assertThat(filled.query("insert into counted (name) values ('n') returning id")).as("the id after a rollback")
        .containsExactly("7");
  }

  @Test
  void indexesOfPartitionsAreBuiltOneByOneAndThenAttached() throws Exception {
    afterGenerating("create table measured (at date not null, value integer) partition by range (at);"
        + " create table measured_2026 partition of measured for values from ('2026-01-01') to ('2027-01-01');"
        + " create table measured_2027 partition of measured for values from ('2027-01-01') to ('2028-01-01')");
    TestDatabase before = TestDatabase.create();
    on(before, liquibase -> liquibase.update(new Contexts()));
    Catalogs catalogs = before.catalogs();
    database.execute("create index measured_value on measured (value)");
    int generated = -changelog.changeSets().size();
    assertThat(generate("find-values", Asked.of("", ""))).doesNotContain("not written", "is not whole");
    generated += changelog.changeSets().size();
    assertThat(generated()).contains("CREATE INDEX CONCURRENTLY measured_2026_value_idx",
        "CREATE INDEX CONCURRENTLY measured_2027_value_idx");
    fillIn();
    on(before, liquibase -> liquibase.update(new Contexts()));
    assertThat(before.query("select indisvalid from pg_index where indexrelid = 'measured_value'::regclass"))
        .as("whether the index of the whole is valid")
        .containsExactly("t");
    int steps = generated;
    on(before, liquibase -> liquibase.rollback(steps, ""));
    assertThat(catalogs.differences(before.catalogs())).as("after the rollbacks").isEmpty();
  }

  @Test
  void whatCannotBeWrittenLeavesNothingInTheCheckout() throws Exception {
    database.execute("create table other (like task_states including all) partition by list (workflow_id);"
        + " drop table task_states; alter table other rename to task_states");
    assertThatThrownBy(() -> generate("change-by-hand", Asked.of("", ""))).isInstanceOf(Refused.class)
        .hasMessageContaining("task_states would be dropped and made anew");
    assertThat(changelog.changeSets()).as("changesets").hasSameSizeAs(Migrations.CHANGELOG.changeSets());
  }

  /** A database in which a change by hand was generated, applied and filled in; {@code database} has it by hand. */
  private TestDatabase afterGenerating(String sql) throws Exception {
    int number = changelog.changeSets().size();
    database.execute(sql);
    generate("prepare-it-" + number, Asked.of("", ""));
    fillIn();
    database = TestDatabase.create();
    on(database, liquibase -> liquibase.update(new Contexts()));
    return database;
  }

  @Test
  void whatBelongsToTheInstallationIsNotWritten() throws Exception {
    TestDatabase.assumeServer("it knows no roles at its connections");
    String role = database.name() + "_reader";
    database.execute("create role " + role, "grant select on agents to " + role,
        "alter database %s set work_mem = '8MB'".formatted(database.name()));
    assertThatThrownBy(() -> generate("change-nothing", Asked.of("", "")))
        .hasMessageContaining("has the schema that the changelog defines");
  }

  @Test
  void whatAnotherRoleMadeAndWhatIsElsewhereIsLeftOutAndNamed() throws Exception {
    String other = database.name() + "_other";
    database.execute("create type another_type as (a int, b text)",
        "create table another_typed of another_type (a primary key)", "comment on column another_typed.b is 'Typed.'",
        "create table another_table (id serial primary key, a uuid)",
        "alter table another_table add foreign key (a) references agents",
        "create view another_view as select id from agents",
        "create function another_function() returns int language sql as 'select 1'", "create role " + other,
        "alter type another_type owner to " + other, "alter table another_typed owner to " + other,
        "alter table another_table owner to " + other, "alter view another_view owner to " + other,
        "alter function another_function owner to " + other, "create foreign data wrapper another_wrapper",
        "create server another_server foreign data wrapper another_wrapper",
        "create foreign table another_foreign (a int) server another_server");
    if (database.hasServer()) {
      database.execute("create extension pg_trgm",
          "create index another_index on another_typed using gin (b gin_trgm_ops)");
    }
    assertThatThrownBy(() -> generate("add-nothing", Asked.of("", ""))).isInstanceOf(Refused.class)
        .hasMessageContaining(
            "has the schema that the changelog defines, but for:\nleft out, since another role has made it")
        .hasMessageContaining("foreign table another_foreign, ")
        .hasMessageContaining("table another_table, ");
    database.execute("create type mood as enum ('fine')", "alter table agents add column mood mood",
        "create table teams (id bigint primary key)");
    generate("add-mood", Asked.of("", ""));
    assertThat(generated())
        .contains("CREATE TYPE mood", "CREATE TABLE IF NOT EXISTS teams (", "ADD COLUMN IF NOT EXISTS mood mood")
        .doesNotContain("another_", "pg_trgm");
    database.execute("drop owned by %s cascade".formatted(other), "drop role " + other);
  }

  @Test
  void aDatabaseThatIsBehindOrAheadIsRefused() {
    Migrations.rollback(database, 1);
    assertThatThrownBy(() -> generate("change-nothing", Asked.of("", ""))).hasMessageContaining("pending, from ");
    Migrations.update(database);
    database.execute("""
        insert into databasechangelog
        select 'agents-999-later', author, filename, now(), 99, exectype from databasechangelog limit 1""");
    assertThatThrownBy(() -> generate("change-nothing", Asked.of("", "")))
        .hasMessageContaining("does not know: agents-999-later");
  }

  /** Runs each changeset a second time, as after a run that was killed before it was noted. */
  private static final class Twice extends AbstractChangeExecListener {

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog log, Database on, ChangeSet.ExecType type) {
      try {
        changeSet.execute(log, on);
      } catch (MigrationFailedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private String generate(String name, Asked asked) throws Exception {
    try (Connection connection = database.connect()) {
      return Autogenerate.write(changelog, connection, "agents", name, asked);
    }
  }

  /** All that the release in the making consists of. */
  private String generated() throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(Release.inTheMaking(root).folder()))) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file));
      }
      return text.toString();
    }
  }

  /** What is left to do by hand. */
  private void fillIn() throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(Release.inTheMaking(root).folder()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, Files.readString(file).replaceAll("TODO[^\\n'\"]*", "done"));
      }
    }
  }

  private void on(TestDatabase theirs, Changelog.Step step) throws Exception {
    changelog.on(new JdbcConnection(theirs.connect()), step);
  }
}
