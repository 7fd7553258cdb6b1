package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.alembic.TakeOver.adopt;
import static io.mycelium.migrations.alembic.TakeOver.assertOurs;
import static io.mycelium.migrations.alembic.TakeOver.contents;
import static io.mycelium.migrations.alembic.TakeOver.run;
import static io.mycelium.migrations.alembic.TakeOver.undo;
import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Metrics;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that Alembic made becomes ours with all that is in it. */
class AdoptAlembicIT {

  private static final String METRICS = "{usage_count,success_rate,avg_response_time_ms,last_used_at}";

  private TestDatabase database;

  @BeforeAll
  static void readAFreshCatalog() {
    TakeOver.readAFreshCatalog();
  }

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyOneGetsTheSchemaOfANewOne(AlembicForm form) {
    form.in(database);
    adopt(database);
    assertOurs(database);
  }

  @ParameterizedTest
  @EnumSource
  void aFullOneGetsTheSchemaOfANewOneAndKeepsTheOldTablesAsTheyWere(AlembicForm form) {
    form.withRowsIn(database);
    database.execute(TakeOver.APPLICATION_INDEXES);
    SortedMap<String, String> before = contents(database, "public");
    adopt(database);
    assertOurs(database);

    SortedMap<String, String> legacy = contents(database, "legacy_alembic");
    assertThat(legacy.remove("take_over")).as("the note of what was taken over").isNotNull();
    assertThat(legacy).as("contents of legacy_alembic").isEqualTo(before);

    SortedMap<String, String> after = contents(database, "public");
    assertOurs(database);
    assertThat(contents(database, "public")).as("contents after another run").isEqualTo(after);

    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects().keySet()).as("what is left after a rollback to base")
        .allMatch(name -> name.startsWith("extension "));
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      FIRST, agents
      FIRST, agent_dependencies
      FIRST, agent_usage
      FIRST, workflow_states
      FIRST, task_states
      FIRST, workflow_state_history
      FIRST, coordination_events
      LATER, agents
      LATER_AT_ITS_HEAD, agents
      LATER_AT_ITS_HEAD, agent_dependencies
      LATER_AT_ITS_HEAD, agent_usage
      """)
  void everyValueIsFoundAgain(AlembicForm form, String table) {
    form.withRowsIn(database);
    adopt(database);
    String ignored = switch (table) {
      case "agents" -> form == AlembicForm.LATER ? METRICS.replace("}", ",embedding}") : METRICS;
      case "workflow_state_history" -> "{id}";
      default -> "{}";
    };
    assertThat(database.query("select count(*) from legacy_alembic." + table)).isNotEqualTo(List.of("0"))
        .isEqualTo(database.query("select count(*) from " + table));
    assertThat(database.query("""
        select old
        from (select jsonb_strip_nulls(to_jsonb(t) - '%2$s'::text[]) as old from legacy_alembic.%1$s t) legacy
        where not exists (select from %1$s t where to_jsonb(t) = to_jsonb(t) || old)""".formatted(table, ignored)))
        .as("rows of legacy_alembic.%s that are not in %s", table, table)
        .isEmpty();
  }

  @Test
  void aLargeTableIsCopiedInPartsThatAreAllOfIt() {
    AlembicForm.LATER_AT_ITS_HEAD.withRowsIn(database);
    database.execute("alter table agent_usage set (fillfactor = 10, autovacuum_enabled = off)",
        "alter table agent_usage disable trigger user", """
            insert into agent_usage (agent_id, status, response_time_ms)
            select id, 'completed', 7 from agents, generate_series(1, 10000) where agent_id = 'agent-1'""");
    assertThat(database.query("select pg_relation_size('agent_usage') / current_setting('block_size')::int > 1024"))
        .as("there is more than one part")
        .containsExactly("t");
    adopt(database);
    assertThat(database.query("""
        select (select count(*) from agent_usage) - (select count(*) from legacy_alembic.agent_usage)"""))
        .as("rows that are missing")
        .containsExactly("0");
    assertThat(wrongMetrics("agent_id = 'agent-1'")).isEmpty();
  }

  @Test
  void whereNullWasAllowedTheDefaultStands() {
    AlembicForm.FIRST.withRowsIn(database);
    adopt(database);
    assertThat(database.query("""
        select concat_ws(' ', capabilities, tools, keywords, metadata, usage_count)
        from agents where agent_id = 'nulls'""")).containsExactly("{} {} {} {} 0");
    assertThat(database.query("""
        select concat_ws(' ', variables, metadata)
        from workflow_states where workflow_id = 'nulls'""")).containsExactly("{} {}");
    assertThat(database.query("""
        select distinct concat_ws(' ', retry_count, dependencies)
        from task_states where task_id = 'task-4'""")).containsExactly("4 {}");
  }

  @ParameterizedTest
  @EnumSource(names = {"FIRST", "LATER_AT_ITS_HEAD"})
  void metricsAreCountedAgainFromUsage(AlembicForm form) {
    form.withRowsIn(database);
    String counted = "agent_id like 'agent-1_'";
    assertThat(wrongMetrics(counted)).as("agents with a wrong figure before").isNotEmpty();
    adopt(database);
    assertThat(wrongMetrics(counted)).as("agents with a wrong figure afterwards").isEmpty();
    assertThat(database.query("""
        select count(*) from agent_statistics s join agents a using (id)
        where s.usage_count = a.usage_count""")).as("agents whose statistics are refreshed")
        .isEqualTo(database.query("select count(*) from agents"));
  }

  @ParameterizedTest
  @EnumSource
  void figuresWithoutUsageAreTheStart(AlembicForm form) {
    form.withRowsIn(database);
    adopt(database);
    String figures = """
        select concat_ws(' ', usage_count, success_rate, avg_response_time_ms, last_used_at at time zone 'utc')
        from agents where agent_id = '%s'""";
    assertThat(database.query(figures.formatted("figures"))).containsExactly(
        "40 97.50 1234 " + database.query("select '2025-03-01'::timestamptz at time zone 'utc'").get(0));
    assertThat(database.query(figures.formatted("maximum"))).singleElement()
        .asString()
        .startsWith("2147483647 33.33 2147483647 ");

    database.execute("""
        insert into agent_usage (agent_id, status, completed_at, response_time_ms)
        select id, 'failed', now(), 2054 from agents where agent_id in ('figures', 'maximum')""");
    assertThat(database.query("""
        select concat_ws(' ', usage_count, success_rate, avg_response_time_ms)
        from agents where agent_id = 'figures'""")).as("39 of 41, and (40 * 1234 + 2054) / 41")
        .containsExactly("41 95.12 1254");
  }

  @Test
  void theLaterFormsCoordinationTablesAreTranslated() {
    AlembicForm.LATER.withRowsIn(database);
    adopt(database);
    assertThat(database.query("""
        select concat_ws(' ', workflow_id, status, variables, metadata -> 'alembic' ->> 'state_type')
        from workflow_states order by workflow_id""")).containsExactly(
        "by-data failed {\"status\": \"failed\"} checkpoint", "by-neither paused [\"no\", \"object\"] checkpoint",
        "by-type running {\"step\": 2} running", "without-data paused {} checkpoint");
    assertThat(database.query("""
        select l.workflow_id
        from legacy_alembic.workflow_states l join workflow_states w using (workflow_id, created_at, updated_at)
        where w.metadata -> 'alembic' ->> 'id' <> l.id::text or w.metadata is null""")).isEmpty();
    assertThat(database.query("""
        select concat_ws(' ', workflow_id, task_id, status, completed_at::date, result, error)
        from task_states order by task_id""")).containsExactly("by-type t-1 running {\"r\": 1}",
        "by-type t-2 failed 2025-01-02 {\"message\": \"went wrong\"}");
    assertThat(database.query("""
        select l.id from legacy_alembic.coordination_events l
        where not exists (
          select from coordination_events e
          where e.event_id = l.id::text and e.workflow_id = l.workflow_id and e.event_type = l.event_type
            and e.timestamp = l.created_at and e.metadata is not distinct from l.event_data)""")).isEmpty();
    assertThat(database.query("""
        select task_id from legacy_alembic.task_states
        where task_id not in (select task_id from task_states) order by 1""")).as("tasks without a workflow, set aside")
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
    adopt(database);
    assertThat(database.query("""
        select concat_ws(' ',
          has_table_privilege('%1$s', 'agents', 'select'),
          has_table_privilege('%1$s', 'agents', 'insert'),
          has_table_privilege('%1$s', 'agents', 'delete'),
          has_table_privilege('%1$s', 'agent_statistics', 'select'),
          has_column_privilege('%1$s', 'task_states', 'status', 'update'),
          has_column_privilege('%1$s', 'task_states', 'result', 'update'))""".formatted(role)))
        .containsExactly("t t f t t f");
  }

  @Test
  void whoeverMayNotUseTheOldTablesMayNotUseTheNewOnesWhateverTheDefaultPrivilegesSay() {
    TestDatabase.assumeServer("everyone is a superuser there");
    AlembicForm.FIRST.withRowsIn(database);
    String role = database.name() + "_reader";
    database.execute("create role " + role, "alter default privileges grant all on tables to " + role,
        "alter default privileges in schema public grant select on tables to public",
        "grant select on agents to %s with grant option".formatted(role),
        "revoke truncate on agents from " + database.username());
    String privileges = """
        select format('%s %s', relname, array(
            select concat_ws(' ', grantee, privilege_type, is_grantable)
            from aclexplode(coalesce(relacl, acldefault('r', relowner))) order by 1))
        from pg_class where relnamespace = '%s'::regnamespace and relname in (
            'agents', 'agent_dependencies', 'agent_usage', 'agent_statistics', 'workflow_states', 'task_states',
            'workflow_state_history', 'coordination_events')
        order by 1""";
    adopt(database);
    assertThat(database.query(privileges.replace("'%s'::regn", "'public'::regn"))).as("privileges on the new tables")
        .isEqualTo(database.query(privileges.replace("'%s'::regn", "'legacy_alembic'::regn")));
  }

  @Test
  void aTablesStorageParametersGoOn() {
    AlembicForm.FIRST.withRowsIn(database);
    database.execute(
        "alter table agent_usage set (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = off)",
        "alter materialized view agent_statistics set (fillfactor = 80)");
    adopt(database);
    assertThat(database.query("""
        select concat_ws(' ', t.relname, t.reloptions, toast.reloptions)
        from pg_class t left join pg_class toast on toast.oid = t.reltoastrelid
        where t.oid in ('agent_usage'::regclass, 'agent_statistics'::regclass) order by 1""")).containsExactly(
        "agent_statistics {fillfactor=80}",
        "agent_usage {autovacuum_vacuum_scale_factor=0.01} {autovacuum_enabled=off}");
  }

  @Test
  void anOwnerWhoIsNoSuperuserTakesItOver() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    AlembicForm.FIRST.withRowsIn(database);
    adopt(database);
    assertOurs(database);
    undo(database);
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
      Catalogs catalog = database.catalogs();
      assertThat(run(database, "preview")).contains("nothing was changed", TakeOver.SQL_FILE);
      assertThat(catalog.differences(database.catalogs())).as("catalog after the preview").isEmpty();

      database.execute("begin; " + Files.readString(Path.of(TakeOver.SQL_FILE)) + " commit");
      assertOurs(database);
      undo(database);
    }
  }

  private MavenRun goal(String... words) {
    return mvn(database.named(words)).succeeded();
  }

  private List<String> wrongMetrics(String condition) {
    return database.query(Metrics.WRONG + " and a." + condition);
  }
}
