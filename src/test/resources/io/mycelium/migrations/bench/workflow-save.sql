-- A workflow of ten tasks, saved in one transaction with its snapshot.
\set n random(1, 10000)
BEGIN;
INSERT INTO workflow_states (workflow_id, status, updated_at, variables) VALUES ('workflow-' || (:n)::int, 'running', now(), '{"a": 1}')
ON CONFLICT (workflow_id) DO UPDATE SET status = EXCLUDED.status, updated_at = EXCLUDED.updated_at, version = workflow_states.version + 1;
DELETE FROM task_states WHERE workflow_id = 'workflow-' || (:n)::int;
INSERT INTO task_states (task_id, workflow_id, agent_id, agent_type, status)
SELECT 'task-' || t, 'workflow-' || (:n)::int, 'agent-' || t, 'type-' || t, 'ready' FROM generate_series(1, 10) t;
COMMIT;
