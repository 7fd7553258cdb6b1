-- Whether the metrics of agents are what agent_usage gives.
--
-- This is the one check that reads much: it counts the agent's rows in agent_usage, from an index alone where autovacuum
-- keeps up. usage_limit bounds how many invocations it counts, by what the agents' own counters say: agents in random
-- order until it is reached, so that in time a call that is repeated meets all of them. Those with more than that are
-- only compared by schema_health(NULL), which compares all, however long that takes.
--
-- Counters that are above what agent_usage gives may be meant: the take-over from Alembic keeps the figures of agents
-- without usage, and so does a deletion without triggers.
CREATE OR REPLACE FUNCTION our.health_of_metrics(usage_limit bigint) RETURNS TABLE (state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    WITH ordered AS (
        SELECT *, sum(finished_count) OVER (ORDER BY coalesce(finished_count > usage_limit, false), random(), id) AS counted_so_far
        FROM our.agents),
    compared AS (
        SELECT id, agent_id,
               finished_count < finished OR completed_count < completed OR timed_count < timed OR response_time_ms_sum < time_ms
                   OR usage_count <> least(finished_count, 2147483647)
                   OR success_rate IS DISTINCT FROM round(completed_count * 100.0 / nullif(finished_count, 0), 2)
                   OR avg_response_time_ms IS DISTINCT FROM round(response_time_ms_sum::numeric / nullif(timed_count, 0)) AS wrong,
               (finished_count, completed_count, timed_count, response_time_ms_sum) <> (finished, completed, timed, time_ms) AS different
        FROM ordered
        CROSS JOIN LATERAL (
            SELECT count(*) AS finished,
                   count(*) FILTER (WHERE u.status = 'completed') AS completed,
                   count(u.response_time_ms) AS timed,
                   coalesce(sum(u.response_time_ms), 0) AS time_ms
            FROM our.agent_usage u
            WHERE u.agent_id = ordered.id AND u.status <> 'in_progress') counted
        WHERE counted_so_far <= usage_limit OR usage_limit IS NULL),
    total AS (
        SELECT format('%s of %s agents compared with agent_usage%s', (SELECT count(*) FROM compared), count(*),
                   CASE WHEN count(*) > (SELECT count(*) FROM compared) THEN '; all of them: SELECT * FROM our.schema_health(NULL)' END) AS scope
        FROM our.agents),
    numbered AS (
        SELECT *, row_number() OVER (PARTITION BY wrong ORDER BY agent_id) AS number FROM compared WHERE wrong OR different),
    finding AS (
        SELECT wrong, count(*) AS count, array_agg(id ORDER BY number) FILTER (WHERE number <= 100) AS ids,
               string_agg(agent_id, ', ' ORDER BY number) FILTER (WHERE number <= 3) || CASE WHEN count(*) > 3 THEN ', ...' ELSE '' END AS names
        FROM numbered GROUP BY wrong)
    SELECT CASE WHEN wrong THEN 'problem' WHEN NOT wrong THEN 'warning' ELSE 'ok' END,
           CASE WHEN wrong THEN format('%s with wrong metrics: %s (%s)', count, names, scope)
                WHEN NOT wrong THEN format('%s with more invocations than agent_usage holds: %s; right if they were deleted without triggers, or taken over from Alembic (%s)', count, names, scope)
                ELSE 'exact: ' || scope END,
           CASE WHEN wrong IS NOT NULL THEN format('SELECT our.recount_agent_metrics(%L)', ids) END
    FROM total LEFT JOIN finding ON true
    ORDER BY wrong DESC;
END $$;

REVOKE EXECUTE ON FUNCTION our.health_of_metrics(bigint) FROM PUBLIC;

COMMENT ON FUNCTION our.health_of_metrics(bigint) IS 'A check of schema_health(): whether the metrics of agents are what agent_usage gives. usage_limit: how many invocations to count, null for all.';
