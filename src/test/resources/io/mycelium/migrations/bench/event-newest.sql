\set n random(0, :rows - 1)
SELECT event_id FROM coordination_events WHERE workflow_id = 'workflow-' || (:n / 50)::int ORDER BY timestamp DESC LIMIT 20;
SELECT event_id FROM coordination_events WHERE workflow_id = 'workflow-' || (:n / 50)::int AND event_type = 'handoff' ORDER BY timestamp DESC LIMIT 20;
SELECT event_id FROM coordination_events WHERE task_id = 'task-' || (:n / 5)::int ORDER BY timestamp DESC LIMIT 20;
SELECT event_id FROM coordination_events WHERE agent_id = 'agent-' || (:n % 300)::int ORDER BY timestamp DESC LIMIT 20;
