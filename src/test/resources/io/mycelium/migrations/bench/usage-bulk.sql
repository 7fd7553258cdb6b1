-- Many finished invocations of any agents, in any order, in one statement.
INSERT INTO agent_usage (agent_id, workflow_id, status, completed_at, response_time_ms)
SELECT ('00000000-0000-0000-0000-' || lpad((1 + floor(random() * 1000))::int::text, 12, '0'))::uuid, uuid_generate_v4(),
       CASE WHEN random() < 0.8 THEN 'completed' ELSE 'failed' END, clock_timestamp(), (random() * 1000)::int
FROM generate_series(1, :rows);
