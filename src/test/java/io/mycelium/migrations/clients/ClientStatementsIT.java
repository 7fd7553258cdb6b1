package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every statement of the existing clients does what they expect of it, as they send it; and the metrics follow exactly.
 */
class ClientStatementsIT {

  private static TestDatabase database;
  private static Connection connection;

  @BeforeAll
  static void update() throws SQLException {
    database = TestDatabase.create();
    Migrations.update(database);
    connection = database.connect();
  }

  @AfterAll
  static void close() throws SQLException {
    connection.close();
  }

  @BeforeEach
  void emptyTheTables() throws SQLException {
    ClientStatement.EMPTY_REGISTRY.run(connection);
    run("TRUNCATE workflow_states CASCADE");
    run("TRUNCATE workflow_state_history, coordination_events");
  }

  @Nested
  class OfTheRegistry {

    @Test
    void anAgentIsRegisteredAndReadBack() throws SQLException {
      UUID id = register("01-core-backend-developer", "backend-developer", "core", null);
      assertThat(ClientStatement.FIND_BY_AGENT_ID.run(connection, "01-core-backend-developer"))
          .containsExactly(id.toString());
      assertThat(ClientStatement.FIND_BY_AGENT_TYPE.run(connection, "backend-developer"))
          .containsExactly(id.toString());
      assertThat(ClientStatement.FIND_BY_ID.run(connection, id)).containsExactly(id.toString());
      assertThat(rows("SELECT avg_response_time_ms IS NULL AND success_rate IS NULL AND usage_count = 0 FROM agents"))
          .as("metrics of an agent never used")
          .containsExactly("t");
    }

    @ParameterizedTest
    @CsvSource({"a, other-type", "other-id, type-a"})
    void aDuplicateIsAUniqueViolation(String agentId, String agentType) throws SQLException {
      register("a", "type-a", "core", null);
      assertThatThrownBy(() -> register(agentId, agentType, "core", null)).isInstanceOfSatisfying(SQLException.class,
          e -> assertThat(e.getSQLState()).isEqualTo("23505"));
    }

    @Test
    void anAgentIsUpdatedAndDeletedByItsAgentId() throws SQLException {
      register("a", "type-a", "core", null);
      run("UPDATE agents SET updated_at = '2020-01-01'");
      ClientStatement.EDIT_AGENT.run(connection, "new", "{\"k\": 1}", "a");
      assertThat(rows("SELECT description FROM agents WHERE updated_at > '2020-01-01'")).containsExactly("new");
      assertThat(ClientStatement.DELETE_AGENT.run(connection, "a")).containsExactly("a");
    }

    @Test
    void agentsAreListedCountedAndSearched() throws SQLException {
      register("1", "zeta", "core", null);
      register("2", "alpha", "core", null);
      register("3", "beta", "data", null);
      assertThat(ClientStatement.LIST_AGENTS.run(connection, 2, 1)).containsExactly("beta", "zeta");
      assertThat(ClientStatement.LIST_AGENTS_OF_CATEGORY.run(connection, "core", 10, 0)).containsExactly("alpha",
          "zeta");
      assertThat(ClientStatement.COUNT_AGENTS_OF_CATEGORY.run(connection, "core")).containsExactly("2");
      assertThat(ClientStatement.LIST_CATEGORIES.run(connection)).containsExactly("core", "data");
      assertThat(ClientStatement.FIND_AGENTS_BY_TEXT.run(connection, "%bet%", "%bet%", "%bet%", "%bet%", 10))
          .containsExactly("beta");
      assertThat(ClientStatement.FIND_AGENTS_BY_KEYWORD.run(connection, "keyword-zeta")).containsExactly("zeta");
      assertThat(ClientStatement.FIND_AGENTS_BY_CAPABILITIES.run(connection, (Object) new String[] {"can-beta"}))
          .containsExactly("beta");
      assertThat(ClientStatement.COUNT_AGENTS_WITH_TOOLS.run(connection, (Object) new String[] {"shell"}))
          .containsExactly("3");
    }

    @Test
    void semanticSearchReturnsTheNearestFirstAndNothingBelowTheThreshold() throws SQLException {
      register("near", "near", "core", vector(1, 0.1));
      register("nearest", "nearest", "core", vector(1, 0));
      register("far", "far", "core", vector(0, 1));
      register("without", "without", "core", null);
      String query = vector(1, 0);
      assertThat(ClientStatement.FIND_AGENTS_BY_EMBEDDING.run(connection, query, query, 0.5, query, 10))
          .containsExactly("nearest", "near");
    }

    @Test
    void anEmbeddingOfAnotherDimensionIsRefused() {
      assertThatThrownBy(() -> register("a", "a", "core", "[1,2,3]"))
          .hasMessageContaining("expected 384 dimensions, not 3");
    }

    @Test
    void aDependencyNeedsTwoAgentsAndGoesWithEither() throws SQLException {
      UUID a = register("a", "a", "core", null);
      UUID b = register("b", "b", "core", null);
      ClientStatement.DEPEND_ON_AGENT.run(connection, a, b, "required");
      assertThatThrownBy(() -> ClientStatement.DEPEND_ON_AGENT.run(connection, a, b, "optional"))
          .hasMessageContaining("duplicate key");
      assertThatThrownBy(() -> ClientStatement.DEPEND_ON_AGENT.run(connection, a, a, "required"))
          .hasMessageContaining("agent_dependencies_not_itself_check");
      assertThatThrownBy(() -> ClientStatement.DEPEND_ON_AGENT.run(connection, b, a, "nice"))
          .hasMessageContaining("agent_dependencies_dependency_type_check");
      ClientStatement.DELETE_AGENT.run(connection, "b");
      assertThat(rows("SELECT id FROM agent_dependencies")).isEmpty();
    }
  }

  @Nested
  class OfUsage {

    private UUID agent;

    @BeforeEach
    void agent() throws SQLException {
      agent = register("a", "type-a", "core", null);
    }

    @Test
    void metricsAreExactForUsageThatArrivesFinished() throws SQLException {
      use("completed", 100);
      use("completed", 101);
      use("failed", null);
      use("timeout", 30000);
      use("in_progress", null);
      assertThat(metrics()).isEqualTo("4 50.00 10067"); // (100 + 101 + 30000) / 3 = 10067
    }

    @Test
    void metricsFollowUsageThatFinishesLaterIsCorrectedOrDeleted() throws SQLException {
      use("in_progress", null);
      assertThat(metrics()).as("in progress").isEqualTo("0 null null");
      run("UPDATE agent_usage SET status = 'completed', completed_at = now(), response_time_ms = 7");
      assertThat(metrics()).as("finished").isEqualTo("1 100.00 7");
      run("UPDATE agent_usage SET status = 'failed', response_time_ms = NULL");
      assertThat(metrics()).as("corrected").isEqualTo("1 0.00 null");
      run("DELETE FROM agent_usage");
      assertThat(metrics()).as("deleted").isEqualTo("0 null null");
    }

    @Test
    void metricsAreExactInBulkBeyondThirtyTwoBitsAndAfterTruncate() throws SQLException {
      run("""
          INSERT INTO agent_usage (agent_id, status, completed_at, response_time_ms)
          SELECT '%s', CASE WHEN n %% 3 = 0 THEN 'failed' ELSE 'completed' END, now(), 2000000000
          FROM generate_series(1, 9) n""".formatted(agent));
      assertThat(metrics()).isEqualTo("9 66.67 2000000000");
      run("TRUNCATE agent_usage");
      assertThat(metrics()).as("after TRUNCATE").isEqualTo("0 null null");
    }

    @Test
    void metricsFollowATransactionOfManyStatementsAndWhatItRollsBack() throws SQLException {
      connection.setAutoCommit(false);
      use("completed", 100);
      use("in_progress", null);
      run("SAVEPOINT before");
      use("failed", 9);
      run("DELETE FROM agent_usage");
      assertThat(metrics()).as("deleted").isEqualTo("0 null null");
      run("ROLLBACK TO before");
      run("UPDATE agent_usage SET status = 'timeout', response_time_ms = 300 WHERE status = 'in_progress'");
      connection.commit();
      connection.setAutoCommit(true);
      assertThat(metrics()).isEqualTo("2 50.00 200");
    }

    @Test
    void metricsGoWithUsageThatMovesToAnotherAgent() throws SQLException {
      UUID other = register("b", "type-b", "core", null);
      use("completed", 100);
      use("failed", 300);
      run("UPDATE agent_usage SET agent_id = '%s' WHERE status = 'failed'".formatted(other));
      assertThat(rows(
          "SELECT concat_ws(' ', agent_id, usage_count, success_rate, avg_response_time_ms) FROM agents ORDER BY agent_id"))
          .containsExactly("a 1 100.00 100", "b 1 0.00 300");
    }

    @Test
    void lastUsedAtIsTheLatestCompletionThatIsLeft() throws SQLException {
      String insert = "INSERT INTO agent_usage (agent_id, status, completed_at) VALUES ('%s', 'completed', '%s')";
      run(insert.formatted(agent, "2026-01-02 00:00Z"));
      run(insert.formatted(agent, "2026-01-03 00:00Z"));
      run(insert.formatted(agent, "2026-01-01 00:00Z"));
      assertThat(lastUsed()).as("whatever the order of arrival").isEqualTo("2026-01-03");
      run("DELETE FROM agent_usage WHERE completed_at = '2026-01-03 00:00Z'");
      assertThat(lastUsed()).as("after the latest was deleted").isEqualTo("2026-01-02");
      run("UPDATE agent_usage SET completed_at = '2025-12-31 00:00Z' WHERE completed_at = '2026-01-02 00:00Z'");
      assertThat(lastUsed()).as("after the latest was corrected").isEqualTo("2026-01-01");
    }

    @Test
    void updatedAtDoesNotMoveWithAMetric() throws SQLException {
      run("UPDATE agents SET updated_at = '2020-01-01 00:00Z'");
      use("completed", 5);
      assertThat(rows("SELECT usage_count FROM agents WHERE updated_at = '2020-01-01 00:00Z'")).containsExactly("1");
    }

    @Test
    void everyColumnThatDescribesAnAgentMovesUpdatedAt() {
      assertThat(database.query("""
          SELECT attname FROM pg_attribute
          WHERE attrelid = 'agents'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            AND attnum <> ALL (SELECT unnest(tgattr) FROM pg_trigger WHERE tgname = 'agents_touch_updated_at')""")).as(
          "columns whose edit leaves updated_at alone: the key, the metrics, the embedding and the times; one that describes an agent belongs into the trigger agents_touch_updated_at")
          .containsExactlyInAnyOrder("id", "finished_count", "completed_count", "timed_count", "response_time_ms_sum",
              "usage_count", "success_rate", "avg_response_time_ms", "embedding", "embedding_of", "created_at",
              "updated_at", "last_used_at");
    }

    @Test
    void aDeletedAgentTakesItsUsageWithIt() throws SQLException {
      use("completed", 5);
      run("DELETE FROM agents");
      assertThat(rows("SELECT id FROM agent_usage")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'done', 1, agent_usage_status_check", "'failed', -1, agent_usage_response_time_ms_check"})
    void whatMakesNoSenseIsRefused(String status, int milliseconds, String check) {
      assertThatThrownBy(() -> use(status, milliseconds)).hasMessageContaining(check);
    }

    @Test
    void statisticsShowEveryAgentAfterARefreshThatLetsReadersRead() throws SQLException {
      register("b", "never-used", "core", null);
      run("""
          INSERT INTO agent_usage (agent_id, workflow_id, status, completed_at, response_time_ms)
          SELECT '%s', ('00000000-0000-0000-0000-00000000000' || n %% 2)::uuid,
                 CASE WHEN n = 1 THEN 'failed' ELSE 'completed' END, now(), n * 100
          FROM generate_series(1, 5) n""".formatted(agent));
      ClientStatement.REFRESH_STATISTICS.run(connection);
      assertThat(rows("""
          SELECT concat_ws(' ', agent_type, usage_count, success_rate, avg_response_time_ms, workflow_count,
                           successful_invocations, failed_invocations, p95_response_time_ms, p99_response_time_ms)
          FROM agent_statistics ORDER BY agent_type""")).containsExactly("never-used 0 0 0 0",
          "type-a 5 80.00 300 2 4 1 480 496");
    }

    private void use(String status, Integer milliseconds) throws SQLException {
      ClientStatement.USE_AGENT.run(connection, agent, null, "s", status,
          status.equals("in_progress") ? null : OffsetDateTime.now(), milliseconds, "a task", "{}", null, null);
    }

    private String metrics() throws SQLException {
      return rows(
          """
              SELECT usage_count || ' ' || coalesce(success_rate::text, 'null') || ' ' || coalesce(avg_response_time_ms::text, 'null')
              FROM agents""")
          .get(0);
    }

    private String lastUsed() throws SQLException {
      return rows("SELECT (last_used_at AT TIME ZONE 'UTC')::date FROM agents").get(0);
    }
  }

  @Nested
  class OfCoordination {

    @Test
    void aWorkflowIsSavedAgainAndAgainInOneTransaction() throws SQLException {
      for (int version = 1; version <= 2; version++) {
        connection.setAutoCommit(false);
        ClientStatement.SAVE_WORKFLOW.run(connection, "w", "running", "{\"a\": 1}", "{}", version);
        ClientStatement.DELETE_TASKS.run(connection, "w");
        ClientStatement.INSERT_TASK.run(connection, "t1", "w", "a", "type-a", "completed", 12.5, "{\"ok\": true}", null,
            0, new String[0]);
        ClientStatement.INSERT_TASK.run(connection, "t2", "w", "a", "type-a", "pending", null, null, null, 0,
            new String[] {"t1"});
        connection.commit();
        connection.setAutoCommit(true);
      }
      assertThat(rows("SELECT version FROM workflow_states")).containsExactly("2");
      assertThat(ClientStatement.READ_TASKS.run(connection, "w")).containsExactly("t1", "t2");
      ClientStatement.DELETE_WORKFLOW.run(connection, "w");
      assertThat(rows("SELECT task_id FROM task_states")).as("tasks of a deleted workflow").isEmpty();
    }

    @Test
    void workflowsAreListedByStatusLatestFirst() throws SQLException {
      run("""
          INSERT INTO workflow_states (workflow_id, status, updated_at)
          SELECT 'w' || n, CASE WHEN n = 2 THEN 'failed' ELSE 'running' END, now() + n * interval '1 s' FROM generate_series(1, 3) n""");
      assertThat(ClientStatement.LIST_WORKFLOWS.run(connection, "running", 5)).containsExactly("w3", "w1");
    }

    @Test
    void anUnknownStatusIsRefused() throws SQLException {
      assertThatThrownBy(() -> run("INSERT INTO workflow_states (workflow_id, status) VALUES ('w', 'done')"))
          .hasMessageContaining("workflow_states_status_check");
      run("INSERT INTO workflow_states (workflow_id, status) VALUES ('w', 'pending')");
      assertThatThrownBy(() -> run(
          "INSERT INTO task_states (task_id, workflow_id, agent_id, agent_type, status) VALUES ('t', 'w', 'a', 'a', 'done')"))
          .hasMessageContaining("task_states_status_check");
    }

    @Test
    void theStateManagersStartFindsItsTables() throws SQLException {
      assertThat(ClientStatement.FIND_TABLES.run(connection)).containsExactly("task_states", "workflow_state_history",
          "workflow_states");
    }

    @Test
    void aSnapshotIsKeptOnceAVersionAndOutlivesItsWorkflow() throws SQLException {
      for (String snapshot : List.of("{\"v\": 1}", "{\"v\": 2}")) {
        ClientStatement.KEEP_SNAPSHOT.run(connection, "w", 1, snapshot);
      }
      assertThat(ClientStatement.READ_SNAPSHOT.run(connection, "w", 1)).containsExactly("{\"v\": 1}");
    }
  }

  @Nested
  class OfEvents {

    @BeforeEach
    void append() throws SQLException {
      for (int n = 1; n <= 6; n++) {
        ClientStatement.APPEND_EVENT.run(connection, "e" + n, n % 2 == 0 ? "handoff" : "message", "w",
            n > 3 ? "t" : null, OffsetDateTime.parse("2026-01-0" + n + "T00:00:00Z"), n > 4 ? "a" : null, null, "{}",
            null, "ok", 1.5, null, "{}", null, "{}");
      }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
        value = {"READ_EVENTS_OF_WORKFLOW | w         | e6 e5", "READ_EVENTS_OF_TYPE     | w message | e5 e3",
            "READ_EVENTS_OF_TASK     | t         | e6 e5", "READ_EVENTS_OF_AGENT    | a         | e6 e5"})
    void theNewestEventsAreRead(ClientStatement statement, String of, String expected) throws SQLException {
      List<Object> parameters = new ArrayList<>(List.of(of.split(" ")));
      parameters.add(2);
      assertThat(statement.run(connection, parameters.toArray())).containsExactly(expected.split(" "));
    }

    @Test
    void eventsAreCountedOverARangeAndDeletedByWorkflowOrByAge() throws SQLException {
      assertThat(ClientStatement.COUNT_EVENTS.run(connection, OffsetDateTime.parse("2026-01-02T00:00:00Z"),
          OffsetDateTime.parse("2026-01-05T00:00:00Z"))).containsExactly("handoff 2", "message 1");
      assertThat(ClientStatement.DELETE_EVENTS_BY_AGE.run(connection, OffsetDateTime.parse("2026-01-03T00:00:00Z")))
          .containsExactly("e1", "e2");
      ClientStatement.DELETE_EVENTS_OF_WORKFLOW.run(connection, "w");
      assertThat(rows("SELECT event_id FROM coordination_events")).isEmpty();
    }

    @Test
    void theTrackersStartChangesNothing() throws SQLException {
      Schema before = database.catalog();
      for (String statement : ClientStatement.TRACKER_START) {
        run(statement);
      }
      assertThat(before.differences(database.catalog())).as("the catalog after the application's start").isEmpty();
    }
  }

  private static UUID register(String agentId, String agentType, String category, String embedding)
      throws SQLException {
    return UUID.fromString(
        ClientStatement.REGISTER_AGENT
            .run(connection, agentId, agentType, agentType, agentType, category, "Does " + agentType, agentType + ".md",
                new String[] {"can-" + agentType}, new String[] {"shell"}, new String[] {"keyword-" + agentType},
                embedding, 100, "{}")
            .get(0));
  }

  /** A vector of 384 dimensions, of which only the first two are given. */
  private static String vector(double x, double y) {
    return "[" + x + "," + y + "," + String.join(",", Collections.nCopies(382, "0")) + "]";
  }

  private static void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }
}
