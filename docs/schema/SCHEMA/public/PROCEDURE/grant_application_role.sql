CREATE OR REPLACE PROCEDURE public.grant_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', current_schema(), application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON agents TO %s', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON agent_dependencies TO %s', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, TRUNCATE ON agent_usage TO %s', application);
    EXECUTE format('GRANT SELECT ON agent_statistics TO %s', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON workflow_states, task_states TO %s', application);
    EXECUTE format('GRANT SELECT, INSERT ON workflow_state_history TO %s', application);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON coordination_events TO %s', application);
    EXECUTE format('GRANT EXECUTE ON FUNCTION refresh_agent_statistics() TO %s', application);
END $$;

REVOKE ALL ON PROCEDURE public.grant_application_role(application regrole) FROM PUBLIC;

COMMENT ON PROCEDURE public.grant_application_role(application regrole) IS 'Grants a role what the statements of the application need, and nothing more.';
