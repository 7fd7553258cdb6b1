package io.mycelium.migrations.locks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sample rows for every table, so that changesets and rollbacks are tried with data. A new table gets an entry here.
 */
public final class SampleRows {

  /** The statement that fills each table, in the order of the foreign keys. %s is the number of rows. */
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    ROWS.put("agents", """
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        select 'a' || n, 'a' || n, 'a', 'a', 'a', 'a', 'a' from generate_series(1, %s) n""");
    ROWS.put("agent_dependencies", """
        insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
        select id, next, 'required' from (select id, lead(id) over (order by agent_id) as next from agents) pair
        where next is not null limit %s""");
    ROWS.put("agent_usage", """
        insert into agent_usage (agent_id, status, completed_at, response_time_ms)
        select id, 'completed', now(), 5 from agents limit %s""");
    ROWS.put("workflow_states",
        "insert into workflow_states (workflow_id, status) select 'w' || n, 'running' from generate_series(1, %s) n");
    ROWS.put("task_states", """
        insert into task_states (workflow_id, task_id, agent_id, agent_type, status)
        select workflow_id, 't', 'a', 'a', 'ready' from workflow_states limit %s""");
    ROWS.put("workflow_state_history", """
        insert into workflow_state_history (workflow_id, version, state_snapshot)
        select 'w', n, '{"a": 1}' from generate_series(1, %s) n""");
    ROWS.put("coordination_events", """
        insert into coordination_events (event_id, event_type, workflow_id, timestamp)
        select 'e' || n, 'message', 'w', now() from generate_series(1, %s) n""");
  }

  private SampleRows() {}

  /**
   * Fills each table that is there and has no rows, and commits.
   *
   * @param connection to the database
   * @param count how many rows a table gets
   */
  public static void fill(Connection connection, int count) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (Map.Entry<String, String> rows : ROWS.entrySet()) {
        if (is(statement, "to_regclass('%s') is not null".formatted(rows.getKey()))
            && is(statement, "not exists (select 1 from %s)".formatted(rows.getKey()))) {
          statement.execute(rows.getValue().formatted(count));
          statement.execute("analyze " + rows.getKey());
        }
      }
    }
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
  }

  private static boolean is(Statement statement, String condition) throws SQLException {
    try (ResultSet answer = statement.executeQuery("select " + condition)) {
      answer.next();
      return answer.getBoolean(1);
    }
  }
}
