package io.mycelium.migrations;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A row or two for the tables, so that a rollback is tried with data; a table without rows here is tried empty. */
final class SampleRows {

  /** In the order of the foreign keys. */
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    ROWS.put("agents", """
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        values ('a', 'a', 'a', 'a', 'a', 'a', 'a'), ('b', 'b', 'b', 'b', 'b', 'b', 'b')""");
    ROWS.put("agent_dependencies", """
        insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
        select a.id, b.id, 'required' from agents a, agents b where a.agent_id < b.agent_id""");
    ROWS.put("agent_usage", "insert into agent_usage (agent_id, status, completed_at, response_time_ms) select id, 'completed', now(), 5 from agents");
    ROWS.put("workflow_states", "insert into workflow_states (workflow_id, status) values ('w', 'running')");
    ROWS.put("task_states", "insert into task_states (workflow_id, task_id, agent_id, agent_type, status) values ('w', 't', 'a', 'a', 'ready')");
    ROWS.put("workflow_state_history", "insert into workflow_state_history (workflow_id, version, state_snapshot) values ('w', 1, '{\"a\": 1}')");
    ROWS.put("coordination_events", "insert into coordination_events (event_id, event_type, workflow_id, timestamp) values ('e', 'message', 'w', now())");
  }

  private SampleRows() {}

  /** Fills each table of ours that is there and empty. */
  static void insert(TestDatabase database) {
    ROWS.forEach((table, insert) -> {
      if (database.query("select to_regclass('%s') is not null".formatted(table)).equals(List.of("t"))
          && database.query("select exists (select from %s)".formatted(table)).equals(List.of("f"))) {
        database.execute(insert);
      }
    });
  }
}
