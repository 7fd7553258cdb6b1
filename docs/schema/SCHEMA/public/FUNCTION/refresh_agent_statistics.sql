CREATE OR REPLACE FUNCTION public.refresh_agent_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY public.agent_statistics;
END $$;

REVOKE ALL ON FUNCTION public.refresh_agent_statistics() FROM PUBLIC;

COMMENT ON FUNCTION public.refresh_agent_statistics() IS 'Refreshes agent_statistics while it is read; for a role that was granted it.';
