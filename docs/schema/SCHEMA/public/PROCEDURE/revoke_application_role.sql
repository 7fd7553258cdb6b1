CREATE OR REPLACE PROCEDURE public.revoke_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %s', current_schema(), application);
    EXECUTE format('REVOKE ALL ON FUNCTION refresh_agent_statistics() FROM %s', application);
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %s', current_schema(), application);
END $$;

REVOKE ALL ON PROCEDURE public.revoke_application_role(application regrole) FROM PUBLIC;

COMMENT ON PROCEDURE public.revoke_application_role(application regrole) IS 'Takes back all that a role may do in this schema.';
