CREATE OR REPLACE PROCEDURE public.revoke_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %s FROM %s', 'public', application);
    EXECUTE format('REVOKE ALL ON FUNCTION %1$s.refresh_agent_statistics() FROM %2$s', 'public', application);
    EXECUTE format('REVOKE USAGE ON SCHEMA %s FROM %s', 'public', application);
END $_$;

REVOKE ALL ON PROCEDURE public.revoke_application_role(application regrole) FROM PUBLIC;

COMMENT ON PROCEDURE public.revoke_application_role(application regrole) IS 'Takes back all that a role may do in this schema.';
