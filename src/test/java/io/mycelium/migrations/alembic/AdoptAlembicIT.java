package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.AdoptAlembic;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Metrics;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that Alembic made becomes ours with all that is in it, or stays what it was. */
class AdoptAlembicIT {

  private static final String METRICS = "{usage_count,success_rate,avg_response_time_ms,last_used_at}";
  /** What the running application adds, as far as its table has the columns. */
  private static final String APPLICATION_INDEXES = """
      do $$ declare name text; begin
        foreach name in array '{workflow_id,task_id,agent_id,event_type,timestamp}'::text[] loop
          if exists (select from pg_attribute where attrelid = 'coordination_events'::regclass and attname = name) then
            execute format('create index if not exists %I on coordination_events (%I)', 'idx_' || name, name);
          end if;
        end loop;
      end $$""";

  private static Schema fresh;

  private TestDatabase database;

  @BeforeAll
  static void readAFreshCatalog() {
    TestDatabase reference = TestDatabase.create();
    reference.execute("create extension \"uuid-ossp\"", "create extension vector");
    Migrations.updateToTag(reference, "1.0");
    fresh = reference.catalog();
  }

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyOneGetsTheSchemaOfANewOne(AlembicForm form) {
    form.in(database);
    adopt();
    assertOurs();
  }

  @ParameterizedTest
  @EnumSource
  void aFullOneGetsTheSchemaOfANewOneAndKeepsTheOldTablesAsTheyWere(AlembicForm form) {
    form.withRowsIn(database);
    database.execute(APPLICATION_INDEXES);
    SortedMap<String, String> before = contents("public");
    adopt();
    assertOurs();

    SortedMap<String, String> legacy = contents("legacy_alembic");
    assertThat(legacy.remove("take_over")).as("the note of what was taken over").isNotNull();
    assertThat(legacy).as("contents of legacy_alembic").isEqualTo(before);

    SortedMap<String, String> after = contents("public");
    assertOurs();
    assertThat(contents("public")).as("contents after another run").isEqualTo(after);

    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects().keySet()).as("what is left after a rollback to base")
        .allMatch(name -> name.startsWith("extension "));
  }

  @ParameterizedTest
  @CsvSource({"FIRST, agents", "FIRST, agent_dependencies", "FIRST, agent_usage", "FIRST, workflow_states",
      "FIRST, task_states", "FIRST, workflow_state_history", "FIRST, coordination_events", "LATER, agents",
      "LATER_AT_ITS_HEAD, agents", "LATER_AT_ITS_HEAD, agent_dependencies", "LATER_AT_ITS_HEAD, agent_usage"})
  void everyValueIsFoundAgain(AlembicForm form, String table) {
    form.withRowsIn(database);
    adopt();
    String ignored = switch (table) {
      case "agents" -> form == AlembicForm.LATER ? METRICS.replace("}", ",embedding}") : METRICS;
      case "workflow_state_history" -> "{id}";
      default -> "{}";
    };
    assertThat(database.query("select count(*) from legacy_alembic." + table)).isNotEqualTo(List.of("0"))
        .isEqualTo(database.query("select count(*) from " + table));
    assertThat(database.query(
        """
            select old from (select jsonb_strip_nulls(to_jsonb(t) - '%2$s'::text[]) as old from legacy_alembic.%1$s t) legacy
            where not exists (select from %1$s t where to_jsonb(t) = to_jsonb(t) || old)"""
            .formatted(table, ignored)))
        .as("rows of legacy_alembic.%s that are not in %s", table, table)
        .isEmpty();
  }

  @Test
  void aLargeTableIsCopiedInPartsThatAreAllOfIt() {
    AlembicForm.LATER_AT_ITS_HEAD.withRowsIn(database);
    database.execute("alter table agent_usage set (fillfactor = 10, autovacuum_enabled = off)",
        "alter table agent_usage disable trigger user",
        "insert into agent_usage (agent_id, status, response_time_ms) select (select id from agents where agent_id = 'agent-1'), 'completed', 7 from generate_series(1, 10000)");
    assertThat(database.query("select pg_relation_size('agent_usage') / current_setting('block_size')::int > 1024"))
        .as("there is more than one part")
        .containsExactly("t");
    adopt();
    assertThat(
        database.query("select (select count(*) from agent_usage) - (select count(*) from legacy_alembic.agent_usage)"))
        .as("rows that are missing")
        .containsExactly("0");
    assertThat(wrongMetrics("agent_id = 'agent-1'")).isEmpty();
  }

  @Test
  void whereNullWasAllowedTheDefaultStands() {
    AlembicForm.FIRST.withRowsIn(database);
    adopt();
    assertThat(database.query(
        "select concat_ws(' ', capabilities, tools, keywords, metadata, usage_count) from agents where agent_id = 'nulls'"))
        .containsExactly("{} {} {} {} 0");
    assertThat(
        database.query("select concat_ws(' ', variables, metadata) from workflow_states where workflow_id = 'nulls'"))
        .containsExactly("{} {}");
    assertThat(database
        .query("select distinct concat_ws(' ', retry_count, dependencies) from task_states where task_id = 'task-4'"))
        .containsExactly("4 {}");
  }

  @ParameterizedTest
  @EnumSource(names = {"FIRST", "LATER_AT_ITS_HEAD"})
  void metricsAreCountedAgainFromUsage(AlembicForm form) {
    form.withRowsIn(database);
    String counted = "agent_id like 'agent-1_'";
    assertThat(wrongMetrics(counted)).as("agents with a wrong figure before").isNotEmpty();
    adopt();
    assertThat(wrongMetrics(counted)).as("agents with a wrong figure afterwards").isEmpty();
    assertThat(database
        .query("select count(*) from agent_statistics s join agents a using (id) where s.usage_count = a.usage_count"))
        .as("agents whose statistics are refreshed")
        .isEqualTo(database.query("select count(*) from agents"));
  }

  @ParameterizedTest
  @EnumSource
  void figuresWithoutUsageAreTheStart(AlembicForm form) {
    form.withRowsIn(database);
    adopt();
    String figures =
        "select concat_ws(' ', usage_count, success_rate, avg_response_time_ms, last_used_at at time zone 'utc') from agents where agent_id = '%s'";
    assertThat(database.query(figures.formatted("figures"))).containsExactly(
        "40 97.50 1234 " + database.query("select '2025-03-01'::timestamptz at time zone 'utc'").get(0));
    assertThat(database.query(figures.formatted("maximum"))).singleElement()
        .asString()
        .startsWith("2147483647 33.33 2147483647 ");

    database.execute(
        "insert into agent_usage (agent_id, status, completed_at, response_time_ms) select id, 'failed', now(), 2054 from agents where agent_id in ('figures', 'maximum')");
    assertThat(database.query(
        "select concat_ws(' ', usage_count, success_rate, avg_response_time_ms) from agents where agent_id = 'figures'"))
        .as("39 of 41, and (40 * 1234 + 2054) / 41")
        .containsExactly("41 95.12 1254");
  }

  @Test
  void theLaterFormsCoordinationTablesAreTranslated() {
    AlembicForm.LATER.withRowsIn(database);
    adopt();
    assertThat(database.query(
        "select concat_ws(' ', workflow_id, status, variables, metadata -> 'alembic' ->> 'state_type') from workflow_states order by workflow_id"))
        .containsExactly("by-data failed {\"status\": \"failed\"} checkpoint",
            "by-neither paused [\"no\", \"object\"] checkpoint", "by-type running {\"step\": 2} running",
            "without-data paused {} checkpoint");
    assertThat(database.query(
        """
            select l.workflow_id from legacy_alembic.workflow_states l join workflow_states w using (workflow_id, created_at, updated_at)
            where w.metadata -> 'alembic' ->> 'id' <> l.id::text or w.metadata is null"""))
        .isEmpty();
    assertThat(database.query(
        "select concat_ws(' ', workflow_id, task_id, status, completed_at::date, result, error) from task_states order by task_id"))
        .containsExactly("by-type t-1 running {\"r\": 1}",
            "by-type t-2 failed 2025-01-02 {\"message\": \"went wrong\"}");
    assertThat(database.query(
        """
            select l.id from legacy_alembic.coordination_events l
            where not exists (select from coordination_events e where e.event_id = l.id::text and e.workflow_id = l.workflow_id
              and e.event_type = l.event_type and e.timestamp = l.created_at and e.metadata is not distinct from l.event_data)"""))
        .isEmpty();
    assertThat(database.query(
        "select task_id from legacy_alembic.task_states where task_id not in (select task_id from task_states) order by 1"))
        .as("tasks without a workflow, set aside")
        .containsExactly("t-astray", "t-without");
    assertThat(database.query("select count(embedding) from agents")).as("embeddings of another dimension")
        .containsExactly("0");
  }

  @Test
  void whoeverMayUseTheOldTablesMayUseTheNewOnes() {
    TestDatabase.assumeServer("everyone is a superuser there");
    AlembicForm.FIRST.withRowsIn(database);
    String role = database.name() + "_app";
    database.execute("create role %s login password 'x'".formatted(role), "grant select, insert on agents to " + role,
        "grant select on agent_statistics to " + role, "grant update (status) on task_states to " + role);
    adopt();
    assertThat(database.query(
        """
            select concat_ws(' ', has_table_privilege('%1$s', 'agents', 'select'), has_table_privilege('%1$s', 'agents', 'insert'),
              has_table_privilege('%1$s', 'agents', 'delete'), has_table_privilege('%1$s', 'agent_statistics', 'select'),
              has_column_privilege('%1$s', 'task_states', 'status', 'update'), has_column_privilege('%1$s', 'task_states', 'result', 'update'))"""
            .formatted(role)))
        .containsExactly("t t f t t f");
  }

  @Test
  void anOwnerWhoIsNoSuperuserTakesItOver() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    AlembicForm.FIRST.withRowsIn(database);
    adopt();
    assertOurs();
    undo();
  }

  /** What it refuses, and then changes nothing. */
  @Nested
  class IsRefusedBecause {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', value = {
        "LATER | update agents set agent_type = 'same' where agent_id in ('agent-1', 'agent-2') | 2 of agents not allowed by UNIQUE \\(agent_type\\):(?=.*\"agent-1\")(?=.*\"agent-2\")",
        "LATER | update agents set usage_count = -1 where agent_id = 'agent-1' | 1 of agents not allowed by CHECK .*\"agent_id\": \"agent-1\"",
        "LATER | update task_states set status = 'exploded' where task_id = 't-1' | 1 of task_states not allowed by CHECK \\(\\(status = .*\"status\": \"exploded\", \"task_id\": \"t-1\"",
        "FIRST | update task_states set status = 'exploded' | 104 of task_states not allowed by CHECK \\(\\(status = .*\\.\\.\\.",
        "FIRST | update workflow_states set status = 'exploded' where workflow_id = 'workflow-1' | 1 of workflow_states not allowed by CHECK .*\"workflow_id\": \"workflow-1\"",
        "FIRST | alter table agent_usage drop constraint valid_status; update agent_usage set status = 'odd' where session_id = 's4' | 10 of agent_usage not allowed by CHECK",
        "FIRST | alter table agents add column owner text | table agents has a shape that no revision of Alembic gave it; it has besides owner text",
        "FIRST | alter table task_states alter retry_count type bigint | table task_states has a shape .*; it lacks retry_count integer; it has besides retry_count bigint",
        "LATER | alter table workflow_states drop column state_data cascade | table workflow_states has a shape .*; it lacks state_data jsonb",
        "FIRST | drop table coordination_events | table coordination_events is missing",
        "FIRST | create view mine as select * from agents | view public.mine would stay with the old tables",
        "FIRST | create table mine (agent uuid references agents) | foreign key mine_agent_fkey of table public.mine would stay with the old tables",
        "FIRST | create table mine (updated_at timestamptz); create trigger touch before update on mine for each row execute function update_updated_at_column() | trigger touch of table public.mine would stay",
        "FIRST | create publication mine for table agents, task_states | publication mine of table public.agents would stay",
        "FIRST | create schema legacy_alembic | the schema legacy_alembic is there already",
        "FIRST | create function search_agents() returns int language sql as 'select 1' | Already in schema public, and not made by these migrations: search_agents"})
    void ofWhatItDoesNotKnow(AlembicForm form, String sql, String reason) {
      form.withRowsIn(database);
      database.execute(sql);
      try {
        assertRefused(database, reason);
      } finally {
        database.execute("drop publication if exists mine");
      }
    }

    @Test
    void everyReasonIsGivenAtOnce() {
      AlembicForm.FIRST.in(database);
      database.execute("alter table agents add column owner text", "create view mine as select * from agents",
          "drop table coordination_events");
      assertRefused(database, "(?=.*agents has a shape)(?=.*view public.mine)(?=.*coordination_events is missing)");
    }

    @Test
    void ofAnEmptyDatabase() {
      assertRefused(database,
          "schema public holds nothing that Alembic made; a new database is made by: mvn initialize liquibase:update");
    }

    @Test
    void ofAnotherRolesTables() {
      TestDatabase.assumeServer("everyone is a superuser there");
      database = TestDatabase.createOwnedByAPlainRole();
      AlembicForm.LATER.in(database);
      assertRefused(database.as(database.server().username(), database.server().password()),
          "agents, .* belong to role " + database.username() + "; run this as that role");
    }

    @Test
    void ofARoleThatMayNotCreateTheSchema() {
      TestDatabase.assumeServer("everyone is a superuser there");
      database = TestDatabase.createOwnedByAPlainRole();
      AlembicForm.LATER.in(database);
      database.server()
          .execute("alter database %s owner to %s".formatted(database.name(), database.server().username()));
      assertRefused(database,
          "role %s may not create the schema legacy_alembic; have the owner of the database run: GRANT CREATE ON DATABASE"
              .formatted(database.username()));
    }

    private void assertRefused(TestDatabase as, String reason) {
      Schema catalog = database.catalog();
      SortedMap<String, String> contents = contents("public");
      for (String action : new String[] {"preview", "adopt"}) {
        // a preview copies and builds nothing
        if (action.equals("adopt") || !reason.matches(".*(not allowed by|Already in schema).*")) {
          assertThatThrownBy(() -> run(as, action)).as(action).message().matches("(?s).*" + reason + ".*");
        }
        assertThat(catalog.differences(database.catalog())).as("catalog after the refusal to %s", action).isEmpty();
        assertThat(contents("public")).as("contents after the refusal to %s", action).isEqualTo(contents);
      }
    }
  }

  /** The way back. */
  @Nested
  class UndoingIt {

    @ParameterizedTest
    @EnumSource
    void leavesWhatAlembicLeft(AlembicForm form) {
      form.withRowsIn(database);
      database.execute(APPLICATION_INDEXES);
      Schema catalog = database.catalog();
      SortedMap<String, String> contents = contents("public");
      adopt();
      database.execute("refresh materialized view agent_statistics");

      undo();
      assertThat(catalog.differences(database.catalog())).as("catalog after the undo").isEmpty();
      assertThat(contents("public")).as("contents after the undo").isEqualTo(contents);
      assertThat(database.query("select nspname from pg_namespace where nspname = 'legacy_alembic'")).isEmpty();
      adopt();
      assertOurs();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "update agents set name = 'new' where agent_id = 'agent-1' | agents: 1 rows written, 22 of 23 untouched",
        "delete from coordination_events where event_id = 'event-1' | coordination_events: 0 rows written, 49 of 50 untouched",
        "insert into workflow_states (workflow_id, status) values ('new', 'running') | workflow_states: 1 rows written, 13 of 13 untouched",
        "insert into agent_usage (agent_id, status) select id, 'failed' from agents where agent_id = 'figures' | (?=.*agent_usage: 1 rows written)(?=.*agents: 1 rows written)"})
    void isRefusedWhenItWouldLoseSomething(String sql, String reason) {
      AlembicForm.FIRST.withRowsIn(database);
      adopt();
      database.execute(sql);
      SortedMap<String, String> contents = contents("public");
      assertThatThrownBy(() -> run(database, "undo")).message().matches("(?s).*nothing was changed:.*" + reason + ".*");
      assertThat(contents("public")).as("contents after the refusal").isEqualTo(contents);
    }

    @Test
    void followsARollbackToBaseAsWell() {
      AlembicForm.FIRST.withRowsIn(database);
      SortedMap<String, String> contents = contents("public");
      adopt();
      Migrations.rollback(database, "base");
      undo();
      assertThat(contents("public")).as("contents after the undo").isEqualTo(contents);
    }

    @Test
    void isRefusedWhereNothingWasTakenOver() {
      Migrations.update(database);
      assertThatThrownBy(() -> run(database, "undo")).hasMessageContaining("there is no take-over to undo");
    }
  }

  /** As a user runs it. */
  @Nested
  class Command {

    @Test
    @ResourceLock(MavenRun.OUTPUT)
    void takesOverThenSaysThatNothingIsLeftThenUndoes() {
      AlembicForm.LATER_AT_ITS_HEAD.withRowsIn(database);
      MavenRun update = mvn(database.named("initialize", "liquibase:update"));
      assertThat(update.exitCode()).isNotZero();
      assertThat(update.output()).contains("mvn -Padopt-alembic");

      assertThat(goal("compile", "exec:java@preview", "exec:java@adopt").output()).contains("nothing was changed",
          " is at tag 1.0;", "agents: 23 of 23 rows", "task_states: 2 of 4 rows",
          "the old tables stand in the schema legacy_alembic");
      assertThat(goal("initialize", "liquibase:update", "liquibase:status", "liquibase:rollback",
          "-Dliquibase.rollbackTag=1.0").output()).as("releases after 1.0").contains("is up to date");
      assertThat(goal("compile", "exec:java@adopt", "exec:java@undo").output()).contains("nothing to take over",
          "is as Alembic left it");
    }

    @Test
    void aRefusalIsAFailureThatSaysWhyWithoutAStackTrace() {
      MavenRun refused = mvn(database.named("-Padopt-alembic"));
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.output()).contains("holds nothing that Alembic made").doesNotContain("\tat ", "    at ");
    }

    @ParameterizedTest
    @EnumSource
    void thePreviewChangesNothingAndItsSqlDoesTheSame(AlembicForm form) throws Exception {
      form.withRowsIn(database);
      Schema catalog = database.catalog();
      assertThat(runUnchecked("preview")).contains("nothing was changed", "target/adopt/migrate.sql");
      assertThat(catalog.differences(database.catalog())).as("catalog after the preview").isEmpty();

      database.execute("begin; " + Files.readString(Path.of("target/adopt/migrate.sql")) + " commit");
      assertOurs();
      undo();
    }
  }

  /** Faults in the middle of it. */
  @Nested
  class Interrupted {

    @BeforeEach
    void assumeSessions() {
      TestDatabase.assumeServer("it has one session");
      AlembicForm.FIRST.withRowsIn(database);
    }

    @Test
    void aRunThatIsKilledLeavesTheOldDatabase() throws Exception {
      // enough for the copying to take seconds
      database.execute("set session_replication_role = replica", """
          insert into agent_usage (agent_id, status, response_time_ms)
          select id, 'completed', n from agents, generate_series(1, 5000) n""");
      Schema catalog = database.catalog();
      SortedMap<String, String> contents = contents("public");

      Process adoption = MavenRun.start(Path.of("target/adopt-killed.log"), database.named("-Padopt-alembic"));
      database.awaitMigration("the rows are being copied",
          "query like '%Copies every row%' and state = 'active' and clock_timestamp() > query_start + interval '0.3 seconds'");
      adoption.destroyForcibly().waitFor();
      database.awaitNoMigration();
      assertThat(catalog.differences(database.catalog())).as("catalog after the kill").isEmpty();
      assertThat(contents("public")).as("contents after the kill").isEqualTo(contents);

      adopt();
      assertOurs();
    }

    @Test
    void aLockThatAnotherSessionHoldsEndsItAndChangesNothing() throws Exception {
      Schema catalog = database.catalog();
      try (Connection other = database.connect(); Connection own = database.connect()) {
        other.setAutoCommit(false);
        other.createStatement().execute("select count(*) from agents");
        own.createStatement().execute("set lock_timeout = '100ms'");
        assertThatThrownBy(() -> AdoptAlembic.run(Migrations.CHANGELOG, own, "adopt", null))
            .hasMessageContaining("lock timeout");
      }
      assertThat(catalog.differences(database.catalog())).as("catalog after the timeout").isEmpty();
      adopt();
    }

    @Test
    void ofTwoAtOnceOneTakesOverAndTheOtherFindsNothingToDo() throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      Future<String> one = threads.submit(() -> run(database, "adopt"));
      Future<String> other = threads.submit(() -> run(database, "adopt"));
      threads.shutdown();
      assertThat(List.of(one.get(), other.get())).filteredOn(done -> done.contains("nothing to take over")).hasSize(1);
      assertOurs();
    }
  }

  private String adopt() {
    return runUnchecked("adopt");
  }

  private void undo() {
    runUnchecked("undo");
  }

  private String runUnchecked(String action) {
    try {
      return run(database, action);
    } catch (Exception e) {
      throw new AssertionError(action + ": " + e.getMessage(), e);
    }
  }

  private static String run(TestDatabase as, String action) throws Exception {
    try (Connection connection = as.connect()) {
      return AdoptAlembic.run(Migrations.CHANGELOG, connection, action, "target/adopt/migrate.sql");
    }
  }

  private MavenRun goal(String... words) {
    return mvn(database.named(words)).succeeded();
  }

  private void assertOurs() {
    assertThat(fresh.differences(database.catalog())).as("against the catalog of a new database").isEmpty();
    assertThat(adopt()).as("another run").contains("nothing to take over").contains(" is at tag 1.0;");
  }

  private List<String> wrongMetrics(String condition) {
    return database.query(Metrics.WRONG + " and a." + condition);
  }

  /** Each table of a schema with its number of rows and a checksum of all their values. */
  private SortedMap<String, String> contents(String schema) {
    SortedMap<String, String> contents = new TreeMap<>();
    for (String table : database
        .query("select relname from pg_class where relnamespace = '%s'::regnamespace and relkind in ('r', 'm')"
            .formatted(schema))) {
      contents
          .put(table,
              database
                  .query(
                      "select concat_ws(' ', count(*), md5(string_agg(t::text, chr(10) order by t::text))) from %s.%s t"
                          .formatted(schema, table))
                  .get(0));
    }
    return contents;
  }
}
