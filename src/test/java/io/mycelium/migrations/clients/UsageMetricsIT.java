package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The metrics of an agent follow its usage exactly, whatever clients do with that. */
class UsageMetricsIT {

  private static Client client;

  private UUID agent;

  @BeforeAll
  static void update() throws SQLException {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    client = Client.of(database);
  }

  @AfterAll
  static void close() throws SQLException {
    client.close();
  }

  @BeforeEach
  void registerAnAgent() throws SQLException {
    client.emptyTheTables();
    agent = client.register("a", "type-a", "core", null);
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
    client.execute("UPDATE agent_usage SET status = 'completed', completed_at = now(), response_time_ms = 7");
    assertThat(metrics()).as("finished").isEqualTo("1 100.00 7");
    client.execute("UPDATE agent_usage SET status = 'failed', response_time_ms = NULL");
    assertThat(metrics()).as("corrected").isEqualTo("1 0.00 null");
    client.execute("DELETE FROM agent_usage");
    assertThat(metrics()).as("deleted").isEqualTo("0 null null");
  }

  @Test
  void metricsAreExactInBulkBeyondThirtyTwoBitsAndAfterTruncate() throws SQLException {
    client.execute("""
        INSERT INTO agent_usage (agent_id, status, completed_at, response_time_ms)
        SELECT '%s', CASE WHEN n %% 3 = 0 THEN 'failed' ELSE 'completed' END, now(), 2000000000
        FROM generate_series(1, 9) n""".formatted(agent));
    assertThat(metrics()).isEqualTo("9 66.67 2000000000");
    client.execute("TRUNCATE agent_usage");
    assertThat(metrics()).as("after TRUNCATE").isEqualTo("0 null null");
  }

  @Test
  void metricsFollowATransactionOfManyStatementsAndWhatItRollsBack() throws SQLException {
    client.connection().setAutoCommit(false);
    use("completed", 100);
    use("in_progress", null);
    client.execute("SAVEPOINT before");
    use("failed", 9);
    client.execute("DELETE FROM agent_usage");
    assertThat(metrics()).as("deleted").isEqualTo("0 null null");
    client.execute("ROLLBACK TO before");
    client.execute("UPDATE agent_usage SET status = 'timeout', response_time_ms = 300 WHERE status = 'in_progress'");
    client.connection().commit();
    client.connection().setAutoCommit(true);
    assertThat(metrics()).isEqualTo("2 50.00 200");
  }

  @Test
  void metricsGoWithUsageThatMovesToAnotherAgent() throws SQLException {
    UUID other = client.register("b", "type-b", "core", null);
    use("completed", 100);
    use("failed", 300);
    client.execute("UPDATE agent_usage SET agent_id = '%s' WHERE status = 'failed'".formatted(other));
    assertThat(client.query("""
        SELECT concat_ws(' ', agent_id, usage_count, success_rate, avg_response_time_ms)
        FROM agents ORDER BY agent_id""")).containsExactly("a 1 100.00 100", "b 1 0.00 300");
  }

  @Test
  void lastUsedAtIsTheLatestCompletionThatIsLeft() throws SQLException {
    String insert = "INSERT INTO agent_usage (agent_id, status, completed_at) VALUES ('%s', 'completed', '%s')";
    client.execute(insert.formatted(agent, "2026-01-02 00:00Z"));
    client.execute(insert.formatted(agent, "2026-01-03 00:00Z"));
    client.execute(insert.formatted(agent, "2026-01-01 00:00Z"));
    assertThat(lastUsed()).as("whatever the order of arrival").isEqualTo("2026-01-03");
    client.execute("DELETE FROM agent_usage WHERE completed_at = '2026-01-03 00:00Z'");
    assertThat(lastUsed()).as("after the latest was deleted").isEqualTo("2026-01-02");
    client
        .execute("UPDATE agent_usage SET completed_at = '2025-12-31 00:00Z' WHERE completed_at = '2026-01-02 00:00Z'");
    assertThat(lastUsed()).as("after the latest was corrected").isEqualTo("2026-01-01");
  }

  @Test
  void updatedAtDoesNotMoveWithAMetric() throws SQLException {
    client.execute("UPDATE agents SET updated_at = '2020-01-01 00:00Z'");
    use("completed", 5);
    assertThat(client.query("SELECT usage_count FROM agents WHERE updated_at = '2020-01-01 00:00Z'"))
        .containsExactly("1");
  }

  @Test
  void aDeletedAgentTakesItsUsageWithIt() throws SQLException {
    use("completed", 5);
    client.execute("DELETE FROM agents");
    assertThat(client.query("SELECT id FROM agent_usage")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'done', 1, agent_usage_status_check", "'failed', -1, agent_usage_response_time_ms_check"})
  void whatMakesNoSenseIsRefused(String status, int milliseconds, String check) {
    assertThatThrownBy(() -> use(status, milliseconds)).hasMessageContaining(check);
  }

  @Test
  void statisticsShowEveryAgentAfterARefreshThatLetsReadersRead() throws SQLException {
    client.register("b", "never-used", "core", null);
    client.execute("""
        INSERT INTO agent_usage (agent_id, workflow_id, status, completed_at, response_time_ms)
        SELECT '%s', ('00000000-0000-0000-0000-00000000000' || n %% 2)::uuid,
               CASE WHEN n = 1 THEN 'failed' ELSE 'completed' END, now(), n * 100
        FROM generate_series(1, 5) n""".formatted(agent));
    client.send(ClientStatement.REFRESH_STATISTICS);
    assertThat(client.query("""
        SELECT concat_ws(' ', agent_type, usage_count, success_rate, avg_response_time_ms, workflow_count,
                         successful_invocations, failed_invocations, p95_response_time_ms, p99_response_time_ms)
        FROM agent_statistics ORDER BY agent_type""")).containsExactly("never-used 0 0 0 0",
        "type-a 5 80.00 300 2 4 1 480 496");
  }

  private void use(String status, Integer milliseconds) throws SQLException {
    client.send(ClientStatement.USE_AGENT, agent, null, "s", status,
        status.equals("in_progress") ? null : OffsetDateTime.now(ZoneOffset.UTC), milliseconds, "a task", "{}", null,
        null);
  }

  private String metrics() throws SQLException {
    return client.query("""
        SELECT usage_count || ' ' || coalesce(success_rate::text, 'null') || ' '
          || coalesce(avg_response_time_ms::text, 'null')
        FROM agents""").get(0);
  }

  private String lastUsed() throws SQLException {
    return client.query("SELECT (last_used_at AT TIME ZONE 'UTC')::date FROM agents").get(0);
  }
}
