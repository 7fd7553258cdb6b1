-- Adds the rows that a statement wrote to agent_usage to the metrics of their agents, or takes away those that it
-- removed; an update does one after the other. One agent at a time, in the order of their ids, so that two bulk
-- statements cannot deadlock each other; and each once, however many rows. The metrics that clients read follow from
-- the exact counters in the same UPDATE: as generated columns they would cost every insert a fifth of its speed.
CREATE OR REPLACE FUNCTION maintain_agent_metrics() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    direction integer;
    changed   record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE agents
        SET finished_count = 0, completed_count = 0, timed_count = 0, response_time_ms_sum = 0,
            usage_count = 0, success_rate = NULL, avg_response_time_ms = NULL, last_used_at = NULL
        WHERE finished_count > 0;
        RETURN NULL;
    END IF;

    direction = CASE TG_ARGV[0] WHEN 'add' THEN 1 WHEN 'subtract' THEN -1 END;
    IF direction = -1 THEN
        -- Before the loop, so that it sees all that was committed while this waited; and every agent, so that the
        -- addition that follows in an update finds its own locked.
        PERFORM 1 FROM agents WHERE id IN (SELECT agent_id FROM changed_rows) ORDER BY id FOR NO KEY UPDATE;
    END IF;

    FOR changed IN
        SELECT agent_id,
               direction * count(*) AS finished,
               direction * count(*) FILTER (WHERE status = 'completed') AS completed,
               direction * count(response_time_ms) AS timed,
               direction * coalesce(sum(response_time_ms), 0) AS time_ms,
               max(completed_at) AS latest
        FROM changed_rows
        WHERE status <> 'in_progress'
        GROUP BY agent_id
        ORDER BY agent_id
    LOOP
        UPDATE agents
        SET finished_count       = finished_count       + changed.finished,
            completed_count      = completed_count      + changed.completed,
            timed_count          = timed_count          + changed.timed,
            response_time_ms_sum = response_time_ms_sum + changed.time_ms,
            usage_count          = least(finished_count + changed.finished, 2147483647),
            success_rate         = round((completed_count + changed.completed) * 100.0 / nullif(finished_count + changed.finished, 0), 2),
            avg_response_time_ms = round((response_time_ms_sum + changed.time_ms)::numeric / nullif(timed_count + changed.timed, 0)),
            last_used_at         = greatest(last_used_at, CASE direction WHEN 1 THEN changed.latest END)
        WHERE id = changed.agent_id;

        IF direction = -1 THEN
            UPDATE agents
            SET last_used_at = (SELECT max(completed_at) FROM agent_usage
                                WHERE agent_id = changed.agent_id AND status <> 'in_progress')
            WHERE id = changed.agent_id AND last_used_at <= changed.latest;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Whoever writes to agent_usage, and whatever their search_path: agents is the table beside it.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION maintain_agent_metrics() SET search_path = %I, pg_temp', current_schema());
END $$;

COMMENT ON FUNCTION maintain_agent_metrics() IS 'Trigger of agent_usage: keeps the metrics of agents exact.';
