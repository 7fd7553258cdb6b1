-- One finished invocation of one of the first :agents agents.
\set n random(1, :agents)
\set outcome random(1, 10)
INSERT INTO agent_usage (agent_id, workflow_id, status, completed_at, response_time_ms)
VALUES (('00000000-0000-0000-0000-' || lpad((:n)::int::text, 12, '0'))::uuid, uuid_generate_v4(),
        CASE WHEN :outcome < 9 THEN 'completed' ELSE 'failed' END, now(), (:outcome)::int * 100);
