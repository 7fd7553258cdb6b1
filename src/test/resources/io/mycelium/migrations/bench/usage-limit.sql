-- The limit of a design that keeps totals in the agent's row: usage-insert.sql and the agent's update in one statement,
-- written by hand.
\set n random(1, :agents)
\set outcome random(1, 10)
WITH used AS (
    INSERT INTO agent_usage (agent_id, workflow_id, status, completed_at, response_time_ms)
    VALUES (('00000000-0000-0000-0000-' || lpad((:n)::int::text, 12, '0'))::uuid, uuid_generate_v4(),
            CASE WHEN :outcome < 9 THEN 'completed' ELSE 'failed' END, now(), (:outcome)::int * 100)
    RETURNING agent_id, status, response_time_ms, completed_at)
UPDATE agents
SET finished_count       = finished_count + 1,
    completed_count      = completed_count + (used.status = 'completed')::integer,
    timed_count          = timed_count + (used.response_time_ms IS NOT NULL)::integer,
    response_time_ms_sum = response_time_ms_sum + coalesce(used.response_time_ms, 0),
    usage_count          = least(finished_count + 1, 2147483647),
    success_rate         = round((completed_count + (used.status = 'completed')::integer) * 100.0 / (finished_count + 1), 2),
    avg_response_time_ms = round((response_time_ms_sum + coalesce(used.response_time_ms, 0))::numeric
                   / nullif(timed_count + (used.response_time_ms IS NOT NULL)::integer, 0)),
    last_used_at         = greatest(last_used_at, used.completed_at)
FROM used WHERE agents.id = used.agent_id;
