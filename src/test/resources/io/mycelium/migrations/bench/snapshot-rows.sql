-- Snapshots of 10 kB, of which much is alike.
INSERT INTO workflow_state_history (workflow_id, version, state_snapshot)
SELECT 'workflow-' || n, :version, (SELECT jsonb_agg(jsonb_build_object('task_id', 'task-' || t, 'status', 'completed', 'agent_id',
    'agent-' || (n * t) % 300, 'result', md5((n * t)::text), 'dependencies', jsonb_build_array('task-' || t - 1))) FROM generate_series(1, 70) t)
FROM generate_series(1, :rows) n;
