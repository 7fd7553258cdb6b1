-- Usage of every outcome, in one agent's case only in progress; the triggers leave their wrong figures in agents.
INSERT INTO agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
SELECT a.id, b.id, 'optional' FROM agents a JOIN agents b ON b.agent_id > a.agent_id WHERE a.agent_id < 'agent-13';
INSERT INTO agent_usage (agent_id, workflow_id, session_id, invoked_at, completed_at, status, response_time_ms, task_description,
    context_metadata, error_message, error_code)
SELECT id, CASE WHEN n % 2 = 0 THEN uuid_generate_v4() END, 's' || n, '2025-02-01'::timestamptz + n * interval '1 minute',
    CASE WHEN n % 4 > 0 THEN '2025-02-01'::timestamptz + n * interval '2 minutes' END,
    (ARRAY['in_progress', 'completed', 'failed', 'timeout'])[n % 4 + 1], CASE WHEN n % 4 > 0 THEN nullif(n % 7, 0) END, 'task ' || n,
    CASE WHEN n % 5 > 0 THEN jsonb_build_object('n', n) END, CASE WHEN n % 4 = 2 THEN 'went wrong' END, CASE WHEN n % 4 = 2 THEN 'E' || n END
FROM agents, generate_series(1, 30) n WHERE agent_id LIKE 'agent-1_';
INSERT INTO agent_usage (agent_id, status) SELECT id, 'in_progress' FROM agents WHERE agent_id IN ('agent-2', 'figures');
REFRESH MATERIALIZED VIEW agent_statistics;
