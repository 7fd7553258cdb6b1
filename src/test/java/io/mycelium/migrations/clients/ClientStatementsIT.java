package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.SQLException;
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

/** Every statement of the existing clients does what they expect of it, as they send it. */
class ClientStatementsIT {

  private static TestDatabase database;
  private static Client client;

  @BeforeAll
  static void update() throws SQLException {
    database = TestDatabase.create();
    Migrations.update(database);
    client = Client.of(database);
  }

  @AfterAll
  static void close() throws SQLException {
    client.close();
  }

  @BeforeEach
  void emptyTheTables() throws SQLException {
    client.emptyTheTables();
  }

  @Nested
  class OfTheRegistry {

    @Test
    void anAgentIsRegisteredAndReadBack() throws SQLException {
      UUID id = client.register("01-core-backend-developer", "backend-developer", "core", null);
      assertThat(client.send(ClientStatement.FIND_BY_AGENT_ID, "01-core-backend-developer"))
          .containsExactly(id.toString());
      assertThat(client.send(ClientStatement.FIND_BY_AGENT_TYPE, "backend-developer")).containsExactly(id.toString());
      assertThat(client.send(ClientStatement.FIND_BY_ID, id)).containsExactly(id.toString());
      assertThat(
          client.query("SELECT avg_response_time_ms IS NULL AND success_rate IS NULL AND usage_count = 0 FROM agents"))
          .as("metrics of an agent never used")
          .containsExactly("t");
    }

    @ParameterizedTest
    @CsvSource({"a, other-type", "other-id, type-a"})
    void aDuplicateIsAUniqueViolation(String agentId, String agentType) throws SQLException {
      client.register("a", "type-a", "core", null);
      assertThatThrownBy(() -> client.register(agentId, agentType, "core", null))
          .isInstanceOfSatisfying(SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23505"));
    }

    @Test
    void anAgentIsUpdatedAndDeletedByItsAgentId() throws SQLException {
      client.register("a", "type-a", "core", null);
      client.execute("UPDATE agents SET updated_at = '2020-01-01'");
      client.send(ClientStatement.EDIT_AGENT, "new", "{\"k\": 1}", "a");
      assertThat(client.query("SELECT description FROM agents WHERE updated_at > '2020-01-01'")).containsExactly("new");
      assertThat(client.send(ClientStatement.DELETE_AGENT, "a")).containsExactly("a");
    }

    @Test
    void everyColumnThatDescribesAnAgentMovesUpdatedAt() {
      assertThat(database.query("""
          SELECT attname FROM pg_attribute
          WHERE attrelid = 'agents'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            AND attnum <> ALL (SELECT unnest(tgattr) FROM pg_trigger WHERE tgname = 'agents_touch_updated_at')"""))
          .as("columns whose edit leaves updated_at alone: the key, the metrics, the embedding and the times;"
              + " one that describes an agent belongs into the trigger agents_touch_updated_at")
          .containsExactlyInAnyOrder("id", "finished_count", "completed_count", "timed_count", "response_time_ms_sum",
              "usage_count", "success_rate", "avg_response_time_ms", "embedding", "embedding_of", "created_at",
              "updated_at", "last_used_at");
    }

    @Test
    void agentsAreListedCountedAndSearched() throws SQLException {
      client.register("1", "zeta", "core", null);
      client.register("2", "alpha", "core", null);
      client.register("3", "beta", "data", null);
      assertThat(client.send(ClientStatement.LIST_AGENTS, 2, 1)).containsExactly("beta", "zeta");
      assertThat(client.send(ClientStatement.LIST_AGENTS_OF_CATEGORY, "core", 10, 0)).containsExactly("alpha", "zeta");
      assertThat(client.send(ClientStatement.COUNT_AGENTS_OF_CATEGORY, "core")).containsExactly("2");
      assertThat(client.send(ClientStatement.LIST_CATEGORIES)).containsExactly("core", "data");
      assertThat(client.send(ClientStatement.FIND_AGENTS_BY_TEXT, "%bet%", "%bet%", "%bet%", "%bet%", 10))
          .containsExactly("beta");
      assertThat(client.send(ClientStatement.FIND_AGENTS_BY_KEYWORD, "keyword-zeta")).containsExactly("zeta");
      assertThat(client.send(ClientStatement.FIND_AGENTS_BY_CAPABILITIES, (Object) new String[] {"can-beta"}))
          .containsExactly("beta");
      assertThat(client.send(ClientStatement.COUNT_AGENTS_WITH_TOOLS, (Object) new String[] {"shell"}))
          .containsExactly("3");
    }

    @Test
    void semanticSearchReturnsTheNearestFirstAndNothingBelowTheThreshold() throws SQLException {
      client.register("near", "near", "core", vector(1, 0.1));
      client.register("nearest", "nearest", "core", vector(1, 0));
      client.register("far", "far", "core", vector(0, 1));
      client.register("without", "without", "core", null);
      String query = vector(1, 0);
      assertThat(client.send(ClientStatement.FIND_AGENTS_BY_EMBEDDING, query, query, 0.5, query, 10))
          .containsExactly("nearest", "near");
    }

    @Test
    void anEmbeddingOfAnotherDimensionIsRefused() {
      assertThatThrownBy(() -> client.register("a", "a", "core", "[1,2,3]"))
          .hasMessageContaining("expected 384 dimensions, not 3");
    }

    @Test
    void aDependencyNeedsTwoAgentsAndGoesWithEither() throws SQLException {
      UUID a = client.register("a", "a", "core", null);
      UUID b = client.register("b", "b", "core", null);
      client.send(ClientStatement.DEPEND_ON_AGENT, a, b, "required");
      assertThatThrownBy(() -> client.send(ClientStatement.DEPEND_ON_AGENT, a, b, "optional"))
          .hasMessageContaining("duplicate key");
      assertThatThrownBy(() -> client.send(ClientStatement.DEPEND_ON_AGENT, a, a, "required"))
          .hasMessageContaining("agent_dependencies_not_itself_check");
      assertThatThrownBy(() -> client.send(ClientStatement.DEPEND_ON_AGENT, b, a, "nice"))
          .hasMessageContaining("agent_dependencies_dependency_type_check");
      client.send(ClientStatement.DELETE_AGENT, "b");
      assertThat(client.query("SELECT id FROM agent_dependencies")).isEmpty();
    }
  }

  @Nested
  class OfCoordination {

    @Test
    void aWorkflowIsSavedAgainAndAgainInOneTransaction() throws SQLException {
      for (int version = 1; version <= 2; version++) {
        client.connection().setAutoCommit(false);
        client.send(ClientStatement.SAVE_WORKFLOW, "w", "running", "{\"a\": 1}", "{}", version);
        client.send(ClientStatement.DELETE_TASKS, "w");
        client.send(ClientStatement.INSERT_TASK, "t1", "w", "a", "type-a", "completed", 12.5, "{\"ok\": true}", null, 0,
            new String[0]);
        client.send(ClientStatement.INSERT_TASK, "t2", "w", "a", "type-a", "pending", null, null, null, 0,
            new String[] {"t1"});
        client.connection().commit();
        client.connection().setAutoCommit(true);
      }
      assertThat(client.query("SELECT version FROM workflow_states")).containsExactly("2");
      assertThat(client.send(ClientStatement.READ_TASKS, "w")).containsExactly("t1", "t2");
      client.send(ClientStatement.DELETE_WORKFLOW, "w");
      assertThat(client.query("SELECT task_id FROM task_states")).as("tasks of a deleted workflow").isEmpty();
    }

    @Test
    void workflowsAreListedByStatusLatestFirst() throws SQLException {
      client.execute("""
          INSERT INTO workflow_states (workflow_id, status, updated_at)
          SELECT 'w' || n, CASE WHEN n = 2 THEN 'failed' ELSE 'running' END, now() + n * interval '1 s'
          FROM generate_series(1, 3) n""");
      assertThat(client.send(ClientStatement.LIST_WORKFLOWS, "running", 5)).containsExactly("w3", "w1");
    }

    @Test
    void anUnknownStatusIsRefused() throws SQLException {
      assertThatThrownBy(() -> client.execute("INSERT INTO workflow_states (workflow_id, status) VALUES ('w', 'done')"))
          .hasMessageContaining("workflow_states_status_check");
      client.execute("INSERT INTO workflow_states (workflow_id, status) VALUES ('w', 'pending')");
      assertThatThrownBy(() -> client.execute("""
          INSERT INTO task_states (task_id, workflow_id, agent_id, agent_type, status)
          VALUES ('t', 'w', 'a', 'a', 'done')""")).hasMessageContaining("task_states_status_check");
    }

    @Test
    void theStateManagersStartFindsItsTables() throws SQLException {
      assertThat(client.send(ClientStatement.FIND_TABLES)).containsExactly("task_states", "workflow_state_history",
          "workflow_states");
    }

    @Test
    void aSnapshotIsKeptOnceAVersionAndOutlivesItsWorkflow() throws SQLException {
      for (String snapshot : List.of("{\"v\": 1}", "{\"v\": 2}")) {
        client.send(ClientStatement.KEEP_SNAPSHOT, "w", 1, snapshot);
      }
      assertThat(client.send(ClientStatement.READ_SNAPSHOT, "w", 1)).containsExactly("{\"v\": 1}");
    }
  }

  @Nested
  class OfEvents {

    @BeforeEach
    void append() throws SQLException {
      for (int n = 1; n <= 6; n++) {
        client.send(ClientStatement.APPEND_EVENT, "e" + n, n % 2 == 0 ? "handoff" : "message", "w", n > 3 ? "t" : null,
            OffsetDateTime.parse("2026-01-0" + n + "T00:00:00Z"), n > 4 ? "a" : null, null, "{}", null, "ok", 1.5, null,
            "{}", null, "{}");
      }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        READ_EVENTS_OF_WORKFLOW | w         | e6 e5
        READ_EVENTS_OF_TYPE     | w message | e5 e3
        READ_EVENTS_OF_TASK     | t         | e6 e5
        READ_EVENTS_OF_AGENT    | a         | e6 e5
        """)
    void theNewestEventsAreRead(ClientStatement statement, String of, String expected) throws SQLException {
      List<Object> parameters = new ArrayList<>(List.of(of.split(" ")));
      parameters.add(2);
      assertThat(client.send(statement, parameters.toArray())).containsExactly(expected.split(" "));
    }

    @Test
    void eventsAreCountedOverARangeAndDeletedByWorkflowOrByAge() throws SQLException {
      assertThat(client.send(ClientStatement.COUNT_EVENTS, OffsetDateTime.parse("2026-01-02T00:00:00Z"),
          OffsetDateTime.parse("2026-01-05T00:00:00Z"))).containsExactly("handoff 2", "message 1");
      assertThat(client.send(ClientStatement.DELETE_EVENTS_BY_AGE, OffsetDateTime.parse("2026-01-03T00:00:00Z")))
          .containsExactly("e1", "e2");
      client.send(ClientStatement.DELETE_EVENTS_OF_WORKFLOW, "w");
      assertThat(client.query("SELECT event_id FROM coordination_events")).isEmpty();
    }

    @Test
    void theTrackersStartChangesNothing() throws SQLException {
      Catalogs before = database.catalogs();
      for (String statement : ClientStatement.TRACKER_START) {
        client.execute(statement);
      }
      assertThat(before.differences(database.catalogs())).as("the catalog after the application's start").isEmpty();
    }
  }

  /** A vector of 384 dimensions, of which only the first two are given. */
  private static String vector(double x, double y) {
    return "[" + x + "," + y + "," + String.join(",", Collections.nCopies(382, "0")) + "]";
  }
}
