-- Adds to agents what a statement added to agent_usage, and takes from it what the statement took away.
-- The agents' rows are locked in the order of their id, so two bulk statements cannot deadlock each other.
CREATE OR REPLACE FUNCTION maintain_agent_metrics() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE agents a
        SET finished_count       = a.finished_count       + delta.finished,
            completed_count      = a.completed_count      + delta.completed,
            timed_count          = a.timed_count          + delta.timed,
            response_time_ms_sum = a.response_time_ms_sum + delta.time_ms,
            last_used_at         = greatest(a.last_used_at, delta.latest)
        FROM (
            SELECT sums.*
            FROM (
                SELECT agent_id, count(*) AS finished,
                       count(*) FILTER (WHERE status = 'completed') AS completed,
                       count(response_time_ms) AS timed,
                       coalesce(sum(response_time_ms), 0) AS time_ms,
                       max(completed_at) AS latest
                FROM new_rows
                WHERE status <> 'in_progress'
                GROUP BY agent_id) sums
            JOIN agents locked ON locked.id = sums.agent_id
            ORDER BY locked.id
            FOR NO KEY UPDATE OF locked) delta
        WHERE a.id = delta.agent_id;

    ELSIF TG_OP = 'UPDATE' THEN
        -- A statement of its own, so that the next one sees all that was committed while it waited.
        PERFORM FROM agents
        WHERE id IN (SELECT agent_id FROM old_rows UNION SELECT agent_id FROM new_rows)
        ORDER BY id
        FOR NO KEY UPDATE;

        UPDATE agents a
        SET finished_count       = a.finished_count       + delta.finished,
            completed_count      = a.completed_count      + delta.completed,
            timed_count          = a.timed_count          + delta.timed,
            response_time_ms_sum = a.response_time_ms_sum + delta.time_ms,
            last_used_at         = CASE
                WHEN delta.latest_gone >= a.last_used_at THEN (
                    SELECT max(completed_at) FROM agent_usage u
                    WHERE u.agent_id = a.id AND u.status <> 'in_progress')
                ELSE greatest(a.last_used_at, delta.latest) END
        FROM (
            SELECT agent_id, sum(sign) AS finished,
                   coalesce(sum(sign) FILTER (WHERE status = 'completed'), 0) AS completed,
                   coalesce(sum(sign) FILTER (WHERE response_time_ms IS NOT NULL), 0) AS timed,
                   coalesce(sum(sign * response_time_ms::bigint), 0) AS time_ms,
                   max(completed_at) FILTER (WHERE sign = 1) AS latest,
                   max(completed_at) FILTER (WHERE sign = -1) AS latest_gone
            FROM (
                SELECT 1 AS sign, agent_id, status, response_time_ms, completed_at FROM new_rows
                UNION ALL
                SELECT -1, agent_id, status, response_time_ms, completed_at FROM old_rows) changed
            WHERE status <> 'in_progress'
            GROUP BY agent_id) delta
        WHERE a.id = delta.agent_id;

    ELSIF TG_OP = 'DELETE' THEN
        PERFORM FROM agents
        WHERE id IN (SELECT agent_id FROM old_rows)
        ORDER BY id
        FOR NO KEY UPDATE;

        UPDATE agents a
        SET finished_count       = a.finished_count       - delta.finished,
            completed_count      = a.completed_count      - delta.completed,
            timed_count          = a.timed_count          - delta.timed,
            response_time_ms_sum = a.response_time_ms_sum - delta.time_ms,
            last_used_at         = CASE
                WHEN delta.latest_gone >= a.last_used_at THEN (
                    SELECT max(completed_at) FROM agent_usage u
                    WHERE u.agent_id = a.id AND u.status <> 'in_progress')
                ELSE a.last_used_at END
        FROM (
            SELECT agent_id, count(*) AS finished,
                   count(*) FILTER (WHERE status = 'completed') AS completed,
                   count(response_time_ms) AS timed,
                   coalesce(sum(response_time_ms), 0) AS time_ms,
                   max(completed_at) AS latest_gone
            FROM old_rows
            WHERE status <> 'in_progress'
            GROUP BY agent_id) delta
        WHERE a.id = delta.agent_id;

    ELSE -- TRUNCATE
        UPDATE agents
        SET finished_count = 0, completed_count = 0, timed_count = 0, response_time_ms_sum = 0, last_used_at = NULL
        WHERE finished_count > 0;
    END IF;
    RETURN NULL;
END $$;

-- Whoever writes to agent_usage, and whatever their search_path: agents is the table beside it.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION maintain_agent_metrics() SET search_path = %I, pg_temp', current_schema());
END $$
