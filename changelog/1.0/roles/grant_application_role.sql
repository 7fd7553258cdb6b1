-- What the statements of the application need, and nothing more: CALL grant_application_role('mycelium_app'). The role
-- cannot change the schema, see Liquibase's own tables, or rewrite the history of a workflow. A procedure rather than
-- a changeset, since which roles there are is the installation's; call it again after a release that adds a table.
CREATE OR REPLACE PROCEDURE grant_application_role(application regrole)
    LANGUAGE plpgsql
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

REVOKE EXECUTE ON PROCEDURE grant_application_role(regrole) FROM PUBLIC;

-- Whatever the caller's search_path: the tables beside it.
DO $$
BEGIN
    EXECUTE format('ALTER PROCEDURE grant_application_role(regrole) SET search_path = %I, pg_temp', current_schema());
END $$;

COMMENT ON PROCEDURE grant_application_role(regrole) IS 'Grants a role what the statements of the application need, and nothing more.';
