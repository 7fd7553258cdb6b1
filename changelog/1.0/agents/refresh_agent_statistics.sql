-- REFRESH needs the owner's right; this lends it to whoever may call the function, and to nobody else.
CREATE OR REPLACE FUNCTION refresh_agent_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY agent_statistics;
END $$;

REVOKE EXECUTE ON FUNCTION refresh_agent_statistics() FROM PUBLIC;

-- Whatever the caller's search_path: the view beside it.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION refresh_agent_statistics() SET search_path = %I, pg_temp', current_schema());
END $$;

COMMENT ON FUNCTION refresh_agent_statistics() IS 'Refreshes agent_statistics while it is read; for a role that was granted it.';
