package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.CurrentSchema;
import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.embedded.ScratchDatabase;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.images.builder.Transferable;

/** Databases as installations have them: with tablespaces, extensions in other schemas, other applications beside. */
class InstallationsIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest
  @ValueSource(strings = {"alter index agents_pkey set tablespace %s",
      "alter index agents_name_idx set tablespace %s; alter index agent_statistics_id_idx set tablespace %1$s",
      "alter table agent_usage set tablespace %s", "alter materialized view agent_statistics set tablespace %s"})
  void whereSomethingIsStoredIsNoDrift(String move) throws Exception {
    TestDatabase.assumeServer("it has one tablespace");
    Migrations.update(database);
    database.execute(move.formatted(createTablespace()));
    assertThat(examine().drift()).isEmpty();
  }

  @Test
  void whereEverythingIsStoredIsNoDrift() throws Exception {
    TestDatabase.assumeServer("it has one tablespace");
    database.execute("alter database %s set default_tablespace = %s".formatted(database.name(), createTablespace()));
    Migrations.update(database);
    assertThat(database.query("select relname from pg_class where relname = 'agents' and reltablespace <> 0"))
        .as("tables in the tablespace")
        .hasSize(1);
    assertThat(examine().drift()).isEmpty();
  }

  private String createTablespace() {
    String name = database.name() + "_space";
    database.execute("set allow_in_place_tablespaces = on", "create tablespace %s location ''".formatted(name));
    return name;
  }

  @Test
  void aPartitionHasNoColumnsWithoutADefinition() {
    database.execute("create table parent (a int not null, b text) partition by range (a)",
        "create table child partition of parent for values from (0) to (9)",
        "alter table child alter column b set default 'x'");
    assertThat(database.catalog().objects()).doesNotContainKey("column child.a")
        .containsKey("column child.b")
        .doesNotContainValue("");
    assertThat(read("parent").objects()).as("what is read of a partitioned table that is named")
        .containsKeys("table parent", "table child", "column child.b")
        .doesNotContainKey("column child.a");
  }

  @Test
  void whatIsNamedIsReadWithItsPartsAndWhatItNeeds() {
    database.execute("create type mood as enum ('fine')", "create table other (id int primary key)",
        "create function touch() returns trigger language plpgsql as 'begin return new; end'",
        "create table mine (id serial primary key, mood mood, other int references other,"
            + " a int generated always as identity)",
        "create trigger touch before insert on mine for each row execute function touch()",
        "create index mine_lower on mine ((id + 1))", "create policy everybody on mine using (true)",
        "create statistics mine_statistics on id, other from mine", "create table theirs (mine int references mine)",
        "create view theirs_view as select id from mine", "create rule quiet as on delete to mine do instead nothing");
    Schema whole = database.catalog();
    Schema read = read("mine");
    assertThat(read.others()).contains("table theirs", "view theirs_view");
    assertThat(read.differences(whole)).extracting(Difference::object)
        .containsExactlyInAnyOrder("table theirs", "view theirs_view");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      mine   | mine,mood,touch,theirs,over,over_over,row_of,policed
      theirs | theirs,mine,mood,touch,farther
      touch  | touch,mine,mood
      mood   | mood,mine,touch,moody,moods,over_moods
      over   | over,mine,mood,touch,over_over
      farther | farther,theirs,mine,mood,touch
      """)
  void whatDependsOnWhatIsNamedIsReadAroundIt(String name, String expected) throws Exception {
    database.execute("create type mood as enum ('fine')", "create domain moody as mood not null",
        "create table moods (mood mood, other int)", "create view over_moods as select mood from moods",
        "create view over_other as select other from moods",
        "create function touch() returns trigger language plpgsql as 'begin return new; end'",
        "create table mine (id int primary key, mood mood)",
        "create trigger touch before insert on mine for each row execute function touch()",
        "create table theirs (id int primary key references mine)", "create table farther (id int references theirs)",
        "create view over as select id from mine", "create materialized view over_over as select id from over",
        "create function row_of(mine[]) returns int language sql as 'select 1'", "create table policed (id int)",
        "create policy mine on policed using (exists (select from mine where mine.id = policed.id))");
    try (Connection connection = database.connect()) {
      Schema read = Snapshot.of(connection, snapshot -> Schema.readAround(snapshot, Set.of(name)));
      assertThat(read.names()).as("what is read around " + name).containsExactlyInAnyOrder(expected.split(","));
    }
  }

  private Schema read(String name) {
    try (Connection connection = database.connect()) {
      return Snapshot.of(connection, snapshot -> Schema.read(snapshot, Set.of(name)));
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"vector in extensions, extensions, public", "both in one, extensions, extensions",
      "each in its own, v, \"Odd Name\""})
  void extensionsStandInAnySchema(String places, String vectors, String uuids) throws Exception {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    database.execute("create schema if not exists " + vectors, "create schema if not exists " + uuids,
        "create extension vector schema " + vectors, "create extension \"uuid-ossp\" schema " + uuids,
        "alter database %s set search_path = public, %s, %s".formatted(database.name(), vectors, uuids));
    Migrations.update(database);
    assertThat(examine().drift()).isEmpty();
  }

  @Test
  void anExtensionThatWasMovedIsMendedByReplacingWhatNamesItsSchema() throws Exception {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    Migrations.update(database);
    database.execute("create schema extensions", "create schema others", "alter extension vector set schema extensions",
        "alter extension \"uuid-ossp\" set schema others",
        "alter database %s set search_path = public, extensions, others".formatted(database.name()));
    Drift.Report report = examine();
    assertThat(report.drift()).extracting(Difference::object)
        .containsExactly("function search_agents(extensions.vector, integer, double precision, text)");
    assertThat(report.sql()).doesNotContain("DROP");
    psql(report.sql());
    assertThat(examine().drift()).isEmpty();
    assertThat(database.query("select search_agents(array_fill(0.1, array[384])::vector)")).as("search").isEmpty();
  }

  @Test
  void whatIsBuiltAnewKeepsTheRightsOfTheInstallation() throws Exception {
    TestDatabase.assumeServer("it knows no roles at its connections");
    Migrations.update(database);
    String role = database.name() + "_app";
    database.execute("create role " + role, "drop index agents_name_idx",
        "create index agents_name_idx on agents using hash (name)",
        "alter table task_states drop constraint task_states_workflow_id_fkey, add constraint"
            + " task_states_workflow_id_fkey foreign key (workflow_id) references workflow_states",
        "drop materialized view agent_statistics", "create materialized view agent_statistics as select id from agents",
        "drop function agent_document cascade",
        "create function agent_document(a text, b text, c text[], d text)"
            + " returns int language sql immutable as 'select 1'",
        "grant execute on function agent_document to " + role, "grant select on agent_statistics to " + role,
        "grant execute on function refresh_agent_statistics to " + role,
        "update pg_index set indisvalid = false where indexrelid = 'agents_name_idx'::regclass");
    Drift.Report report = examine();
    assertThat(report.sql()).contains("-- DROPS OR REBUILDS:\nDROP INDEX public.agents_name_idx;",
        "-- DROPS OR REBUILDS:\nALTER TABLE public.task_states\n\tDROP CONSTRAINT task_states_workflow_id_fkey;",
        "-- DROPS OR REBUILDS:\nDROP MATERIALIZED VIEW public.agent_statistics;");
    psql(report.sql());
    assertThat(examine().drift()).isEmpty();
    assertThat(database.query("""
        select has_table_privilege('%1$s', 'agent_statistics', 'select')
            and bool_and(has_function_privilege('%1$s', oid, 'execute'))
          from pg_proc where proname in ('agent_document', 'refresh_agent_statistics')""".formatted(role)))
        .as("rights of the application")
        .containsExactly("t");
  }

  @Test
  void whereAStatementFailsNothingIsChanged() throws Exception {
    TestDatabase.assumeServer("it has no psql");
    Migrations.update(database);
    database.execute("drop index agents_name_idx", "drop index idx_task_id",
        "alter table workflow_states drop constraint workflow_states_status_check",
        "insert into workflow_states (workflow_id, status) values ('w', 'none of ours')");
    psql(examine().sql());
    assertThat(examine().drift()).extracting(Difference::object)
        .contains("index agents_name_idx", "index idx_task_id",
            "constraint workflow_states.workflow_states_status_check");
  }

  /** Runs it as the pages say, by psql -f, which goes on after an error. */
  private void psql(String sql) throws Exception {
    database.container().copyFileToContainer(Transferable.of(sql), "/tmp/drift.sql");
    assertThat(database.container()
        .execInContainer("psql", "--username=" + database.username(), "--file=/tmp/drift.sql", database.name())
        .getExitCode()).as("exit code of psql").isZero();
  }

  @Test
  void aForeignKeyThatIsNotEnforcedIsMended() throws Exception {
    try (ScratchDatabase scratch = ScratchDatabase.start(Migrations.ROOT); // PostgreSQL 18
        Connection connection = scratch.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("""
          create table a (id int primary key);
          create table b (id int constraint refers references a);
          create index b_id on b (id)""");
      Schema expected = Snapshot.of(connection, Schema::read);
      statement.execute("alter table b alter constraint refers not enforced; drop index b_id");
      Drift.Report report =
          Drift.compare("", "", List.of(), expected, Snapshot.of(connection, Schema::read), Mending.Scratch.NONE);
      assertThat(report.text()).contains("different: constraint b.refers", "NOT ENFORCED", "missing: index b_id");
      statement.execute(report.sql());
      assertThat(expected.differences(Snapshot.of(connection, Schema::read))).as("left by " + report.sql()).isEmpty();
    }
  }

  @Test
  void theSqlIsTriedAndSaysWhatItDoesNotMend() throws Exception {
    database.execute("create table taken (id int)", "create table good (id int, note text)",
        "create procedure routine(id int) language sql as 'select 1'");
    Schema expected = database.catalog();
    database.execute("drop table taken", "create view taken as select 1 as id", "alter table good drop column note",
        "drop procedure routine", "create function routine(id int) returns int language sql as 'select 1'");
    AppliedSchema.Place place;
    try (Connection connection = database.connect()) {
      place = AppliedSchema.Place.of(connection);
    }
    Drift.Report report = Drift.compare("", "", List.of(), expected, database.catalog(),
        trial -> AppliedSchema.inEmptyScratch(Migrations.CHANGELOG, place, trial));
    assertThat(report.sql())
        .contains("-- It was tried in a scratch database that had the drifted schema.\n",
            "-- NOT MENDED, so mend it by hand: table taken; it ought to be\n", "\n-- FAILS: ERROR: ",
            "-- CREATE OR REPLACE PROCEDURE", "-- NOT MENDED, so mend it by hand: procedure routine(integer)",
            "\nALTER TABLE public.good\n\tADD COLUMN IF NOT EXISTS note text;")
        .doesNotContain("by hand: column good.note");
  }

  @Test
  void anotherApplicationsLinesInTheHistoryAreNotOurs() throws Exception {
    Migrations.update(database);
    String before = examine().position();
    database.execute("""
        insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype, tag) values
          ('1', 'somebody', 'db/changelog/master.xml', now() + interval '1 day', 1000, 'EXECUTED', 'their-7'),
          ('raw', 'includeAll', 'changelog/theirs.sql', now() + interval '1 day', 1001, 'EXECUTED', null)""");
    Drift.Report report = examine();
    assertThat(report.position()).isEqualTo(before);
    assertThat(report.drift()).isEmpty();
  }

  @Test
  @Tag("any-version")
  void anotherApplicationsTablesTakeNoMemory() throws Exception {
    TestDatabase.assumeServer("it takes too long to make them there");
    Migrations.update(database);
    database.execute("create schema other", """
        do $$ begin
          for i in 1 .. 8000 loop
            execute format('create table %s_%s (%s)', case when i % 4 = 0 then 'other.theirs' else 'theirs' end, i,
              (select string_agg(format('c%s bigint not null', n), ', ') from generate_series(1, 20) n));
            if i % 1000 = 0 then commit; end if;
          end loop;
        end $$""", "alter table agents add column note text");
    Map<String, String> small = Map.of("MAVEN_OPTS", "-Xmx64m");
    assertThat(MavenRun.mvn(small, database.named("-Pdrift")).output()).contains("extra: column agents.note",
        "drift: 1 object", "more\n");
    assertThat(MavenRun.mvn(small, database.named("-Preport")).succeeded().output()).contains("1 object has drifted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nosuch", "nosuch, public", "''", "\"$user\", nosuch", "\"Public\""})
  void aSearchPathWhoseFirstSchemaDoesNotExistIsRefused(String path) {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    database.execute("alter database %s set search_path = %s".formatted(database.name(), path));
    assertThatThrownBy(this::examine).isInstanceOf(Refused.class)
        .hasMessageContaining("the search_path of this connection is ")
        .hasMessageContaining("ALTER ROLE ... SET search_path");
    assertThatThrownBy(() -> Migrations.update(database))
        .hasMessageContaining("the search_path of this connection is ");
    assertThat(database.query("select relname from pg_class where relname = 'agents'")).as("tables").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"public", "\"$user\", public", "app, public", "App", "\"Odd, Name\", public"})
  void aSearchPathWhoseFirstSchemaExistsIsTaken(String path) throws Exception {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    database.execute("create schema app", "create schema \"Odd, Name\"",
        "alter database %s set search_path = %s".formatted(database.name(), path));
    try (Connection connection = database.connect()) {
      assertThat(CurrentSchema.of(connection)).isEqualTo(connection.getSchema());
    }
  }

  private Drift.Report examine() throws Exception {
    try (Connection connection = database.connect()) {
      return Drift.examine(Migrations.CHANGELOG, connection);
    }
  }
}
