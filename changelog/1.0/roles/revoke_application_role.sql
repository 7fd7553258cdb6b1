-- Takes back all that the role may do in this schema: CALL revoke_application_role('mycelium_app').
--
-- @schema@ becomes the schema of the tables, @name@ the same as a literal, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE PROCEDURE @schema@.revoke_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %s FROM %s', @name@, application);
    EXECUTE format('REVOKE ALL ON FUNCTION %1$s.refresh_agent_statistics() FROM %2$s', @name@, application);
    EXECUTE format('REVOKE USAGE ON SCHEMA %s FROM %s', @name@, application);
END $$;

REVOKE EXECUTE ON PROCEDURE @schema@.revoke_application_role(regrole) FROM PUBLIC;

COMMENT ON PROCEDURE @schema@.revoke_application_role(regrole) IS 'Takes back all that a role may do in this schema.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@name@', pg_catalog.quote_literal(pg_catalog.quote_ident(pg_catalog.current_schema())));
END $do$;
