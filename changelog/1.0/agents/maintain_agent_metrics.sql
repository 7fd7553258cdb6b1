-- Adds what a statement did to agent_usage to the metrics of its agents: each agent once, however many rows, and in the
-- order of their ids, so that two statements, each of one kind, never wait for each other in a circle. An update counts
-- what it took away and what it added in one, and leaves alone an agent for which both are the same. The metrics that
-- clients read follow from the exact counters in the same UPDATE: as generated columns they would cost every insert a
-- fifth of its speed.
--
-- No name here is looked for where somebody else may create objects: @schema@ becomes the schema of the tables.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace($create$
CREATE OR REPLACE FUNCTION @schema@.maintain_agent_metrics() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changes refcursor;
    changed record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        -- An agent that was added and used after this transaction's snapshot was taken would keep its metrics. Where
        -- agents was truncated as well, there is none.
        IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
            AND pg_relation_size(format('%I.agents', TG_TABLE_SCHEMA)::regclass) > 0
        THEN
            RAISE serialization_failure USING
                MESSAGE = 'TRUNCATE of agent_usage cannot put the metrics of all agents right at isolation level '
                    || current_setting('transaction_isolation') || ', which does not see those that were used meanwhile',
                HINT = 'Run it at READ COMMITTED.';
        END IF;
        UPDATE @schema@.agents
        SET finished_count = 0, completed_count = 0, timed_count = 0, response_time_ms_sum = 0,
            usage_count = 0, success_rate = NULL, avg_response_time_ms = NULL, last_used_at = NULL
        WHERE finished_count > 0;
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        OPEN changes FOR
            SELECT agent_id,
                   count(*) AS finished,
                   count(*) FILTER (WHERE status = 'completed') AS completed,
                   count(response_time_ms) AS timed,
                   coalesce(sum(response_time_ms), 0) AS time_ms,
                   max(completed_at) AS latest_added,
                   NULL::timestamptz AS latest_removed
            FROM new_rows
            WHERE status <> 'in_progress'
            GROUP BY agent_id
            ORDER BY agent_id;
    ELSIF TG_OP = 'DELETE' THEN
        OPEN changes FOR
            SELECT agent_id,
                   -count(*) AS finished,
                   -count(*) FILTER (WHERE status = 'completed') AS completed,
                   -count(response_time_ms) AS timed,
                   -coalesce(sum(response_time_ms), 0) AS time_ms,
                   NULL::timestamptz AS latest_added,
                   max(completed_at) AS latest_removed
            FROM old_rows
            WHERE status <> 'in_progress'
            GROUP BY agent_id
            ORDER BY agent_id;
    ELSE
        OPEN changes FOR
            SELECT agent_id,
                   sum(times) AS finished,
                   coalesce(sum(times) FILTER (WHERE status = 'completed'), 0) AS completed,
                   coalesce(sum(times) FILTER (WHERE response_time_ms IS NOT NULL), 0) AS timed,
                   coalesce(sum(times * response_time_ms), 0) AS time_ms,
                   max(completed_at) FILTER (WHERE times > 0) AS latest_added,
                   max(completed_at) FILTER (WHERE times < 0) AS latest_removed
            FROM (
                SELECT agent_id, status, response_time_ms, completed_at, sum(times) AS times
                FROM (
                    SELECT agent_id, status, response_time_ms, completed_at, -1 AS times FROM old_rows WHERE status <> 'in_progress'
                    UNION ALL
                    SELECT agent_id, status, response_time_ms, completed_at, 1 FROM new_rows WHERE status <> 'in_progress') rows
                GROUP BY agent_id, status, response_time_ms, completed_at
                HAVING sum(times) <> 0) different
            GROUP BY agent_id
            ORDER BY agent_id;
    END IF;

    LOOP
        FETCH changes INTO changed;
        EXIT WHEN NOT FOUND;
        UPDATE @schema@.agents
        SET finished_count       = finished_count       + changed.finished,
            completed_count      = completed_count      + changed.completed,
            timed_count          = timed_count          + changed.timed,
            response_time_ms_sum = response_time_ms_sum + changed.time_ms,
            usage_count          = least(finished_count + changed.finished, 2147483647),
            success_rate         = round((completed_count + changed.completed) * 100.0 / nullif(finished_count + changed.finished, 0), 2),
            avg_response_time_ms = round((response_time_ms_sum + changed.time_ms)::numeric / nullif(timed_count + changed.timed, 0)),
            last_used_at         = greatest(last_used_at, changed.latest_added)
        WHERE id = changed.agent_id;

        -- The latest use may be gone. The agent is locked by now, so this sees all that was committed while it waited.
        IF changed.latest_removed IS NOT NULL AND (changed.latest_added >= changed.latest_removed) IS NOT TRUE THEN
            UPDATE @schema@.agents
            SET last_used_at = (SELECT max(completed_at) FROM @schema@.agent_usage
                                WHERE agent_id = changed.agent_id AND status <> 'in_progress')
            WHERE id = changed.agent_id AND last_used_at <= changed.latest_removed;
        END IF;
    END LOOP;
    CLOSE changes;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION @schema@.maintain_agent_metrics() IS 'Trigger of agent_usage: keeps the metrics of agents exact.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema()));
END $do$;
