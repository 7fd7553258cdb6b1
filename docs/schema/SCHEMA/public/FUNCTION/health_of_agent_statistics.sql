CREATE OR REPLACE FUNCTION public.health_of_agent_statistics() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT (SELECT relispopulated FROM pg_class WHERE oid = 'public.agent_statistics'::regclass) THEN
        RETURN QUERY VALUES ('problem', 'it was never filled, so reading it fails', 'REFRESH MATERIALIZED VIEW public.agent_statistics');
        RETURN;
    END IF;

    RETURN QUERY
    SELECT CASE WHEN stale THEN 'warning' ELSE 'ok' END,
           CASE WHEN NOT stale AND invocations = 0 AND agents = 0 THEN 'lacks nothing'
                ELSE format('lacks %s invocations and %s agents%s; its newest invocation: %s; the newest of all: %s',
                    invocations, agents, CASE WHEN stale THEN '' ELSE ', for less than a day' END,
                    coalesce(newest_in_it::text, 'none'), coalesce(newest::text, 'none')) END,
           CASE WHEN stale THEN 'SELECT public.refresh_agent_statistics()' END
    FROM (
        SELECT coalesce(sum(a.usage_count::bigint), 0) - coalesce(sum(s.usage_count::bigint), 0) AS invocations,
               count(*) FILTER (WHERE s.id IS NULL) AS agents,
               max(s.last_used_at) AS newest_in_it,
               max(a.last_used_at) AS newest,
               coalesce(max(a.last_used_at) - interval '1 day' > coalesce(max(s.last_used_at), min(a.created_at)), false)
                   OR coalesce(bool_or(s.id IS NULL AND a.created_at < now() - interval '1 day'), false) AS stale
        FROM public.agents a
        LEFT JOIN public.agent_statistics s ON s.id = a.id) behind;
END $$;

REVOKE ALL ON FUNCTION public.health_of_agent_statistics() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_agent_statistics() IS 'A check of schema_health(): whether agent_statistics is behind.';
