CREATE OR REPLACE PROCEDURE public.grant_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO %s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %1$s.agents TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %1$s.agent_dependencies TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, TRUNCATE ON %1$s.agent_usage TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT ON %1$s.agent_statistics TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$s.workflow_states, %1$s.task_states TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT ON %1$s.workflow_state_history TO %2$s', 'public', application);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %1$s.coordination_events TO %2$s', 'public', application);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %1$s.refresh_agent_statistics() TO %2$s', 'public', application);
END $_$;

REVOKE ALL ON PROCEDURE public.grant_application_role(application regrole) FROM PUBLIC;

COMMENT ON PROCEDURE public.grant_application_role(application regrole) IS 'Grants a role what the statements of the application need, and nothing more.';
