-- REFRESH needs the owner's right; this lends it to whoever may call the function, and to nobody else. @schema@ becomes
-- the schema of the view, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace($create$
CREATE OR REPLACE FUNCTION @schema@.refresh_agent_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY @schema@.agent_statistics;
END $$;

REVOKE EXECUTE ON FUNCTION @schema@.refresh_agent_statistics() FROM PUBLIC;

COMMENT ON FUNCTION @schema@.refresh_agent_statistics() IS 'Refreshes agent_statistics while it is read; for a role that was granted it.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema()));
END $do$;
