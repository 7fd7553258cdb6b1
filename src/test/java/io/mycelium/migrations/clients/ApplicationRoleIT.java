package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application's role may do what the application does, and nothing more. */
class ApplicationRoleIT {

  private static final String ROLE = "app_role";

  private static TestDatabase database;
  private static Connection connection;

  @BeforeAll
  static void grant() throws SQLException {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    Migrations.update(database);
    database.insertSampleRows();
    TestDatabase superusers = database.as(database.server().username(), database.server().password());
    // in this database, from which Citus takes it to the workers
    superusers.execute("create role %s login password 'x'".formatted(ROLE));
    database.execute("call grant_application_role('%s')".formatted(ROLE));
    connection = database.as(ROLE, "x").connect();
  }

  @AfterAll
  static void dropRole() throws SQLException {
    if (connection != null) {
      connection.close();
      database.execute("call revoke_application_role('%s')".formatted(ROLE));
      database.server().execute("drop role " + ROLE); // fails if anything granted is left
    }
  }

  @BeforeEach
  void begin() throws SQLException {
    connection.setAutoCommit(false);
  }

  @AfterEach
  void rollback() throws SQLException {
    connection.rollback();
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, embedding) select 'n', 'n', 'n', 'n', 'n', 'n', 'n', array_agg(g)::vector from generate_series(1, 384) g returning id",
      "update agents set description = 'new', metadata = '{}' where agent_id = 'a'",
      "delete from agents where agent_id = 'a'", "truncate agents cascade",
      "select * from agents where name ilike '%a%' or 'a' = any (keywords) order by name limit 10",
      "select 1 - (embedding <=> embedding) from agents order by embedding <=> (select embedding from agents limit 1) limit 10",
      "select * from search_agents((select array_agg(g)::vector(384) from generate_series(1, 384) g), 10)",
      "select * from search_agents_by_text('a')",
      "insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type) select b.id, a.id, 'optional' from agents a, agents b where a.agent_id < b.agent_id",
      "insert into agent_usage (agent_id, status) select id, 'in_progress' from agents returning id",
      "insert into agent_usage (agent_id, status, completed_at, response_time_ms) select id, 'completed', now(), 7 from agents",
      "update agent_usage set status = 'failed', completed_at = now()",
      "select * from agent_statistics order by usage_count desc", "select refresh_agent_statistics()",
      "insert into workflow_states (workflow_id, status) values ('w', 'paused') on conflict (workflow_id) do update set status = excluded.status, version = workflow_states.version + 1",
      "delete from task_states where workflow_id = 'w1'",
      "insert into task_states (workflow_id, task_id, agent_id, agent_type, status) values ('w1', 'new', 'a', 'a', 'ready')",
      "select * from workflow_states where status = 'running' order by updated_at desc limit 10",
      "insert into workflow_state_history (workflow_id, version, state_snapshot) values ('w', 1, '{}') on conflict (workflow_id, version) do nothing",
      "select state_snapshot from workflow_state_history where workflow_id = 'w' and version = 1",
      "insert into coordination_events (event_id, event_type, workflow_id, timestamp) values ('n', 'n', 'w', now())",
      "select * from coordination_events where workflow_id = 'w' order by timestamp desc limit 10",
      "delete from coordination_events where workflow_id = 'w'"})
  void theRoleMayDoWhatTheApplicationDoes(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"create table mine (a int)", "create schema mine",
      "create function mine() returns int language sql as 'select 1'", "alter table agents add column mine int",
      "alter table agents disable trigger all", "drop table agent_usage", "drop index agents_name_idx",
      "drop materialized view agent_statistics", "create index mine on agents (description)",
      "create trigger mine before insert on agents for each row execute function touch_updated_at()",
      "create or replace function maintain_agent_metrics() returns trigger language plpgsql as $$ begin return null; end $$",
      "refresh materialized view agent_statistics", "delete from agent_usage",
      "update workflow_state_history set state_snapshot = '{}'", "delete from workflow_state_history",
      "truncate workflow_state_history", "update coordination_events set status = 'rewritten'",
      "truncate coordination_events", "truncate workflow_states cascade", "select * from databasechangelog",
      "insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) values ('x', 'x', 'x', now(), 1, 'EXECUTED')",
      "update databasechangelog set tag = 'mine'", "delete from databasechangelog", "drop table databasechangelog",
      "call grant_application_role('app_role')", "call revoke_application_role('app_role')",
      "select * from schema_health()", "alter table agents owner to app_role",
      "do $$ begin execute format('alter database %I set hnsw.ef_search = 1', current_database()); end $$",
      "drop extension vector"})
  void theRoleMayDoNothingElse(String sql) {
    assertThatThrownBy(() -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }).as(sql).hasMessageMatching("(?s)ERROR: (permission denied for|must be owner of|permission denied to).*");
  }

  @Test
  void whatTheRoleMayDoIsNoDrift() throws Exception {
    TestDatabase withoutTheRole = TestDatabase.create();
    Migrations.update(withoutTheRole);
    Drift.Report report = Drift.compare("", "", List.of(), withoutTheRole.catalog(), database.catalog());
    assertThat(report.drift()).isEmpty();
    assertThat(report.foreign()).extracting(Difference::object)
        .anySatisfy(object -> assertThat(object).matches("privileges of \\S+ on table agents"))
        .anySatisfy(
            object -> assertThat(object).matches("privileges of \\S+ on function refresh_agent_statistics\\(\\)"));
  }

  @Test
  void everyTableIsGrantedOrLeftOutOnPurpose() {
    assertThat(database.query("""
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'm', 'v', 'p')
          and not has_table_privilege('%s', oid, 'select')""".formatted(ROLE)))
        .as("tables that grant_application_role leaves out")
        .containsExactly("databasechangelog");
  }

  @Test
  void noFunctionOfOursRunsWithItsOwnersRightsForEverybodyOrWithTheCallersSearchPath() {
    assertThat(database.query(
        """
            select proname from pg_proc
            where pronamespace = current_schema()::regnamespace and prosecdef
              and (has_function_privilege('public', oid, 'execute') or proconfig is null or not proconfig::text like '%search_path%')
              and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')"""))
        .as("SECURITY DEFINER functions that PUBLIC may call, or without a fixed search_path")
        .isEmpty();
  }
}
