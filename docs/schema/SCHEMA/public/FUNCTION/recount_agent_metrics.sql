CREATE OR REPLACE FUNCTION public.recount_agent_metrics(wrong uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM public.agents WHERE id = ANY (wrong) ORDER BY id FOR NO KEY UPDATE;

    UPDATE public.agents
    SET finished_count       = finished,
        completed_count      = completed,
        timed_count          = timed,
        response_time_ms_sum = time_ms,
        usage_count          = least(finished, 2147483647),
        success_rate         = round(completed * 100.0 / nullif(finished, 0), 2),
        avg_response_time_ms = round(time_ms::numeric / nullif(timed, 0)),
        last_used_at         = latest
    FROM (
        SELECT a.id AS counted_id,
               count(u.id) AS finished,
               count(u.id) FILTER (WHERE u.status = 'completed') AS completed,
               count(u.response_time_ms) AS timed,
               coalesce(sum(u.response_time_ms), 0) AS time_ms,
               max(u.completed_at) AS latest
        FROM public.agents a
        LEFT JOIN public.agent_usage u ON u.agent_id = a.id AND u.status <> 'in_progress'
        WHERE a.id = ANY (wrong)
        GROUP BY a.id) counted
    WHERE id = counted_id;
END $$;

COMMENT ON FUNCTION public.recount_agent_metrics(wrong uuid[]) IS 'Counts the metrics of these agents anew from agent_usage; what was deleted from it no longer counts.';
