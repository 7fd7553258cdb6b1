INSERT INTO workflow_states (workflow_id, status, created_at, updated_at, started_at, completed_at, variables, metadata, error, version)
SELECT 'workflow-' || n, (ARRAY['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'])[n % 6 + 1],
    '2025-01-01'::timestamptz + n * interval '1 hour', '2025-02-01'::timestamptz + n * interval '1 hour', '2025-01-02', '2025-01-03',
    jsonb_build_object('v', n), jsonb_build_object('m', n), 'error ' || n, n
FROM generate_series(1, 12) n;
INSERT INTO workflow_states (workflow_id, status, created_at, updated_at, variables, metadata)
VALUES ('nulls', 'pending', '2025-01-01', '2025-01-01', NULL, NULL);
INSERT INTO task_states
SELECT 'task-' || n, workflow_id, 'agent-' || n, 'type-' || n,
    (ARRAY['pending', 'ready', 'running', 'completed', 'failed', 'skipped', 'retrying'])[n % 7 + 1], '2025-01-02', '2025-01-03', n * 1.5,
    jsonb_build_object('r', n), jsonb_build_object('e', n), nullif(n, 3), CASE WHEN n <> 4 THEN ARRAY['task-' || n - 1] END
FROM workflow_states, generate_series(1, 8) n;
INSERT INTO workflow_state_history (workflow_id, version, state_snapshot, created_at)
SELECT 'workflow-' || n % 20, n / 20, jsonb_build_object('s', n, 'long', repeat('x', 5000)), '2025-01-01'::timestamptz + n * interval '1 hour'
FROM generate_series(20, 99) n;
INSERT INTO coordination_events
SELECT 'event-' || n, 'type ' || n % 3, 'workflow-' || n % 15, CASE WHEN n % 2 = 0 THEN 'task-' || n END, '2025-01-01'::timestamptz + n * interval '1 minute',
    'agent-' || n, 'type-' || n, jsonb_build_object('s', n), jsonb_build_object('t', n), 'ok', n * 0.5,
    jsonb_build_object('e', n), jsonb_build_object('m', n), jsonb_build_object('c', n), jsonb_build_object('p', n)
FROM generate_series(1, 50) n;
