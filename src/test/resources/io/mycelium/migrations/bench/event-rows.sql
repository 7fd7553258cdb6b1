-- Events as the tracker writes them: those of a workflow as such have neither task nor agent.
INSERT INTO coordination_events (event_id, event_type, workflow_id, task_id, timestamp, agent_id, agent_type, status, duration_ms, metadata)
SELECT uuid_generate_v4()::text,
       (ARRAY['workflow_start', 'workflow_progress', 'task_start', 'task_complete', 'handoff', 'message'])[1 + n % 6],
       'workflow-' || n / 50, CASE WHEN n % 6 IN (2, 3, 4) THEN 'task-' || n / 5 END,
       clock_timestamp(), CASE WHEN n % 6 > 2 THEN 'agent-' || n % 300 END, CASE WHEN n % 6 > 2 THEN 'type-' || n % 300 END,
       'completed', n, '{"attempt": 1}'
FROM generate_series(:first::bigint, :first::bigint + :rows - 1) n;
