INSERT INTO workflow_states (workflow_id, state_type, state_data, created_at, updated_at)
VALUES ('by-type', 'running', '{"step": 2}', '2025-01-01', '2025-01-02'),
       ('by-data', 'checkpoint', '{"status": "failed"}', '2025-01-01', '2025-01-02'),
       ('by-neither', 'checkpoint', '["no", "object"]', '2025-01-01', '2025-01-02'),
       ('without-data', 'checkpoint', NULL, '2025-01-01', '2025-01-02');
INSERT INTO task_states (task_id, workflow_id, status, result_data, error_message, created_at, updated_at)
VALUES ('t-1', 'by-type', 'running', '{"r": 1}', NULL, '2025-01-01', '2025-01-02'),
       ('t-2', 'by-type', 'failed', NULL, 'went wrong', '2025-01-01', '2025-01-02'),
       ('t-without', NULL, 'pending', '{"r": 3}', NULL, '2025-01-01', '2025-01-02'),
       ('t-astray', 'no such workflow', 'bogus', NULL, NULL, '2025-01-01', '2025-01-02');
INSERT INTO coordination_events (workflow_id, event_type, event_data, created_at)
SELECT 'workflow-' || n % 15, 'type ' || n % 3, CASE WHEN n <> 7 THEN jsonb_build_object('n', n) END, '2025-01-01'::timestamptz + n * interval '1 minute'
FROM generate_series(1, 50) n;
