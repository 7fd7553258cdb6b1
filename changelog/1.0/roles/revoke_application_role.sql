-- Takes back all that the role may do in this schema: CALL revoke_application_role('mycelium_app').
CREATE OR REPLACE PROCEDURE revoke_application_role(application regrole)
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %s', current_schema(), application);
    EXECUTE format('REVOKE ALL ON FUNCTION refresh_agent_statistics() FROM %s', application);
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %s', current_schema(), application);
END $$;

REVOKE EXECUTE ON PROCEDURE revoke_application_role(regrole) FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('ALTER PROCEDURE revoke_application_role(regrole) SET search_path = %I, pg_temp', current_schema());
END $$;

COMMENT ON PROCEDURE revoke_application_role(regrole) IS 'Takes back all that a role may do in this schema.';
