-- What the statements of the application need, and nothing more: CALL grant_application_role('mycelium_app'). The role
-- cannot change the schema, see Liquibase's own tables, or rewrite the history of a workflow. A procedure rather than
-- a changeset, since which roles there are is the installation's; call it again after a release that adds a table.
--
-- @schema@ becomes the schema of the tables, @name@ the same as a literal, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE PROCEDURE @schema@.grant_application_role(application regrole)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO %s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %1$s.agents TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %1$s.agent_dependencies TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, TRUNCATE ON %1$s.agent_usage TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT ON %1$s.agent_statistics TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$s.workflow_states, %1$s.task_states TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT ON %1$s.workflow_state_history TO %2$s', @name@, application);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %1$s.coordination_events TO %2$s', @name@, application);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %1$s.refresh_agent_statistics() TO %2$s', @name@, application);
END $$;

REVOKE EXECUTE ON PROCEDURE @schema@.grant_application_role(regrole) FROM PUBLIC;

COMMENT ON PROCEDURE @schema@.grant_application_role(regrole) IS 'Grants a role what the statements of the application need, and nothing more.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@name@', pg_catalog.quote_literal(pg_catalog.quote_ident(pg_catalog.current_schema())));
END $do$;
