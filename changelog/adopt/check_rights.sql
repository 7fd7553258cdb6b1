-- Checks that there is something to take over, and that this role may do it. If not, it refuses, with all reasons at once. Then it
-- locks the tables, so that they stay as the next checks find them.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.
DO $$
DECLARE
    here    text = @name@;
    tables  text[] = '{agents, agent_dependencies, agent_usage, agent_statistics, workflow_states, task_states, workflow_state_history,
                       coordination_events, schema_version, alembic_version}';
    reasons text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables)) THEN
        RAISE EXCEPTION 'schema % holds nothing that Alembic made; a new database is made by: mvn initialize liquibase:update', here;
    END IF;

    WITH reason(text) AS (
        SELECT format('%s belong to role %s; run this as that role, which would not own the new tables otherwise',
            string_agg(name, ', ' ORDER BY name), owner::regrole)
        FROM (
            SELECT relname, relowner FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables)
            UNION ALL
            SELECT proname || '()', proowner FROM pg_proc
            WHERE pronamespace = here::regnamespace AND proname IN ('update_updated_at_column', 'update_agent_metrics')) owned(name, owner)
        WHERE owner <> current_user::regrole
        GROUP BY owner
        UNION ALL
        SELECT format('role %I may not create the schema legacy_alembic; have the owner of the database run: GRANT CREATE ON DATABASE %I TO %1$I',
            current_user, current_database())
        WHERE NOT has_database_privilege(current_database(), 'CREATE')
        UNION ALL
        SELECT format('role %I may not create tables; have the owner of the schema run: GRANT CREATE ON SCHEMA %s TO %1$I', current_user, here)
        WHERE NOT has_schema_privilege(here::regnamespace, 'CREATE')
        UNION ALL
        SELECT format('the schema %s is there already; rename it', nspname) FROM pg_namespace WHERE nspname IN ('legacy_alembic', 'legacy_alembic_form')
        UNION ALL
        SELECT format('the extension %s is missing, which Alembic created; run: CREATE EXTENSION %1$I', name)
        FROM unnest('{uuid-ossp, vector}'::text[]) name WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = name)
    )
    SELECT E'the take-over was refused, and nothing was changed:\n- ' || string_agg(text, E'\n- ') INTO reasons FROM reason;
    IF reasons IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = reasons;
    END IF;

    EXECUTE (SELECT format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', string_agg(format('%s.%I', here, relname), ', ' ORDER BY relname))
             FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables) AND relkind IN ('r', 'p'));
END $$;
