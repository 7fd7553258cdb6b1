package io.mycelium.migrations.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The statements of the existing clients, each as they send it. */
public enum ClientStatement {

  REGISTER_AGENT("""
      INSERT INTO agents (agent_id, agent_type, name, display_name, category, description, file_path,
          capabilities, tools, keywords, embedding, estimated_tokens, metadata)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::vector, ?, ?::jsonb) RETURNING id"""),
  EDIT_AGENT("UPDATE agents SET description = ?, metadata = ?::jsonb WHERE agent_id = ?"),
  DELETE_AGENT("DELETE FROM agents WHERE agent_id = ? RETURNING agent_id"),
  /** An import's, before it writes all of them anew. */
  EMPTY_REGISTRY("TRUNCATE agents CASCADE"),
  DEPEND_ON_AGENT(
      "INSERT INTO agent_dependencies (agent_id, depends_on_agent_id, dependency_type) VALUES (?::uuid, ?::uuid, ?)"),

  FIND_BY_AGENT_ID(Columns.AGENT + "WHERE agent_id = ?"),
  FIND_BY_AGENT_TYPE(Columns.AGENT + "WHERE agent_type = ?"),
  FIND_BY_ID(Columns.AGENT + "WHERE id = ?::uuid"),
  LIST_AGENTS("SELECT agent_type FROM agents ORDER BY name LIMIT ? OFFSET ?"),
  LIST_AGENTS_OF_CATEGORY("SELECT agent_type FROM agents WHERE category = ? ORDER BY name LIMIT ? OFFSET ?"),
  COUNT_AGENTS_OF_CATEGORY("SELECT count(*) FROM agents WHERE category = ?"),
  LIST_CATEGORIES("SELECT DISTINCT category FROM agents ORDER BY category"),
  FIND_AGENTS_BY_TEXT("""
      SELECT agent_type FROM agents
      WHERE description ILIKE ? OR ? = ANY (keywords) OR agent_type ILIKE ? OR name ILIKE ?
      ORDER BY name LIMIT ?"""),
  FIND_AGENTS_BY_KEYWORD("SELECT agent_type FROM agents WHERE ? = ANY (keywords)"),
  FIND_AGENTS_BY_CAPABILITIES("SELECT agent_type FROM agents WHERE capabilities @> ?::text[]"),
  COUNT_AGENTS_WITH_TOOLS("SELECT count(*) FROM agents WHERE tools @> ?::text[]"),
  FIND_AGENTS_BY_EMBEDDING("""
      SELECT agent_type, 1 - (embedding <=> ?::vector) AS similarity FROM agents
      WHERE embedding IS NOT NULL AND 1 - (embedding <=> ?::vector) >= ?
      ORDER BY embedding <=> ?::vector LIMIT ?"""),
  SEARCH_AGENTS("SELECT agent_type, similarity FROM search_agents(?::vector, ?, ?)"),
  SEARCH_AGENTS_BY_TEXT("SELECT agent_type FROM search_agents_by_text(?)"),

  USE_AGENT("""
      INSERT INTO agent_usage (agent_id, workflow_id, session_id, status, completed_at, response_time_ms,
          task_description, context_metadata, error_message, error_code)
      VALUES (?::uuid, ?::uuid, ?, ?, ?, ?, ?, ?::jsonb, ?, ?) RETURNING id"""),
  FINISH_USE("""
      UPDATE agent_usage
      SET status = ?, completed_at = now(), response_time_ms = ?, error_message = ?, error_code = ?
      WHERE id = ?::uuid"""),
  USE_AGENTS_IN_BULK("""
      INSERT INTO agent_usage (agent_id, session_id, status, completed_at, response_time_ms)
      SELECT id, ?, ?, ?, ? FROM agents WHERE category = ?"""),
  FINISH_USES_IN_BULK("""
      UPDATE agent_usage SET status = 'completed', completed_at = now(), response_time_ms = ?
      WHERE session_id = ? AND status = 'in_progress'"""),
  DELETE_USES("DELETE FROM agent_usage WHERE session_id = ? AND status <> ?"),
  REFRESH_STATISTICS("REFRESH MATERIALIZED VIEW CONCURRENTLY agent_statistics"),
  REFRESH_STATISTICS_AS_ANOTHER_ROLE("SELECT refresh_agent_statistics()"),
  READ_STATISTICS("""
      SELECT id, agent_type, name, category, usage_count, success_rate, avg_response_time_ms, last_used_at,
          workflow_count, successful_invocations, failed_invocations, p95_response_time_ms, p99_response_time_ms
      FROM agent_statistics WHERE id = ?::uuid"""),

  FIND_TABLES("""
      SELECT table_name FROM information_schema.tables
      WHERE table_name IN ('workflow_states', 'task_states', 'workflow_state_history') ORDER BY 1"""),
  /** A save is this, then DELETE_TASKS and an INSERT_TASK for each, in one transaction. */
  SAVE_WORKFLOW("""
      INSERT INTO workflow_states (workflow_id, status, created_at, updated_at, variables, metadata, version)
      VALUES (?, ?, now(), now(), ?::jsonb, ?::jsonb, ?)
      ON CONFLICT (workflow_id) DO UPDATE SET status = EXCLUDED.status, updated_at = EXCLUDED.updated_at,
          variables = EXCLUDED.variables, metadata = EXCLUDED.metadata, version = EXCLUDED.version"""),
  DELETE_TASKS("DELETE FROM task_states WHERE workflow_id = ?"),
  INSERT_TASK("""
      INSERT INTO task_states (task_id, workflow_id, agent_id, agent_type, status, execution_time, result, error,
          retry_count, dependencies)
      VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?)"""),
  READ_WORKFLOW("""
      SELECT workflow_id, status, created_at, updated_at, started_at, completed_at, variables, metadata, error, version
      FROM workflow_states WHERE workflow_id = ?"""),
  READ_TASKS("""
      SELECT task_id, workflow_id, agent_id, agent_type, status, started_at, completed_at, execution_time, result,
          error, retry_count, dependencies
      FROM task_states WHERE workflow_id = ? ORDER BY task_id"""),
  LIST_WORKFLOWS("SELECT workflow_id FROM workflow_states WHERE status = ? ORDER BY updated_at DESC LIMIT ?"),
  DELETE_WORKFLOW("DELETE FROM workflow_states WHERE workflow_id = ?"),
  KEEP_SNAPSHOT("""
      INSERT INTO workflow_state_history (workflow_id, version, state_snapshot) VALUES (?, ?, ?::jsonb)
      ON CONFLICT (workflow_id, version) DO NOTHING"""),
  READ_SNAPSHOT("SELECT state_snapshot FROM workflow_state_history WHERE workflow_id = ? AND version = ?"),

  APPEND_EVENT("""
      INSERT INTO coordination_events (event_id, event_type, workflow_id, task_id, timestamp, agent_id, agent_type,
          source_agent, target_agent, status, duration_ms, error, metadata, context, performance)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb, ?::jsonb)"""),
  READ_EVENTS_OF_WORKFLOW(Columns.EVENT + "WHERE workflow_id = ? ORDER BY timestamp DESC LIMIT ?"),
  READ_EVENTS_OF_TYPE(Columns.EVENT + "WHERE workflow_id = ? AND event_type = ? ORDER BY timestamp DESC LIMIT ?"),
  READ_EVENTS_OF_TASK(Columns.EVENT + "WHERE task_id = ? ORDER BY timestamp DESC LIMIT ?"),
  READ_EVENTS_OF_AGENT(Columns.EVENT + "WHERE agent_id = ? ORDER BY timestamp DESC LIMIT ?"),
  COUNT_EVENTS("""
      SELECT event_type || ' ' || count(*) FROM coordination_events
      WHERE timestamp >= ? AND timestamp < ? GROUP BY event_type ORDER BY 1"""),
  DELETE_EVENTS_OF_WORKFLOW("DELETE FROM coordination_events WHERE workflow_id = ?"),
  DELETE_EVENTS_BY_AGE("DELETE FROM coordination_events WHERE timestamp < ? RETURNING event_id");

  /** What the application's tracker does at every start, one statement after the other. */
  public static final List<String> TRACKER_START;

  static {
    List<String> start = new ArrayList<>();
    start.add("""
        CREATE TABLE IF NOT EXISTS coordination_events (
            event_id VARCHAR(36) PRIMARY KEY, event_type VARCHAR(50) NOT NULL, workflow_id VARCHAR(255) NOT NULL,
            task_id VARCHAR(255), agent_id VARCHAR(255), timestamp TIMESTAMP NOT NULL)""");
    for (String column : List.of("workflow_id", "task_id", "agent_id", "event_type", "timestamp")) {
      start.add("CREATE INDEX IF NOT EXISTS idx_%1$s ON coordination_events(%1$s)".formatted(column));
    }
    TRACKER_START = List.copyOf(start);
  }

  private final String sql;

  ClientStatement(String sql) {
    this.sql = sql;
  }

  /** Does what the application's tracker does at every start. */
  public static void startTracker(Statement statement) throws SQLException {
    for (String sql : TRACKER_START) {
      statement.execute(sql);
    }
  }

  /**
   * Sends it.
   *
   * @param parameters one for each question mark
   * @return the first column of its answer, as text; empty where it has none
   */
  public List<String> run(Connection connection, Object... parameters) throws SQLException {
    return run(connection, UnaryOperator.identity(), parameters);
  }

  /** Sends it as another version of the application has it. */
  public List<String> run(Connection connection, UnaryOperator<String> version, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(version.apply(sql))) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.execute() ? Rows.firstColumn(statement.getResultSet()) : List.of();
    }
  }

  private static final class Columns {

    static final String AGENT = """
        SELECT id, agent_id, agent_type, name, display_name, category, description, capabilities, tools, keywords,
            file_path, estimated_tokens, metadata, avg_response_time_ms, success_rate, usage_count,
            created_at, updated_at, last_used_at
        FROM agents\s""";
    static final String EVENT = """
        SELECT event_id, event_type, workflow_id, task_id, timestamp, agent_id, agent_type, source_agent, target_agent,
            status, duration_ms, error, metadata, context, performance
        FROM coordination_events\s""";
  }
}
