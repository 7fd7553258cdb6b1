-- Moves everything that Alembic made to the schema legacy_alembic, so that release 1.0 can be built in its place. Before that it
-- checks whether it knows the tables and may move them. If not, it refuses, with all reasons at once.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.
DO $$
DECLARE
    here    text    = @name@;
    tables  text[]  = '{agents, agent_dependencies, agent_usage, workflow_states, task_states, workflow_state_history,
                        coordination_events, schema_version, alembic_version}';
    reasons text;
    object  record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables)) THEN
        RAISE EXCEPTION 'schema % holds nothing that Alembic made; a new database is made by: mvn initialize liquibase:update', here;
    END IF;

    WITH shape(relation, columns) AS (VALUES -- every shape that a revision of Alembic gave a table
        ('agents', 'id uuid, agent_id text, agent_type text, name text, display_name text, category text, description text, '
            || 'capabilities text[], tools text[], keywords text[], file_path text, estimated_tokens integer, metadata jsonb, '
            || 'avg_response_time_ms integer, success_rate numeric(5,2), usage_count integer, created_at timestamp with time zone, '
            || 'updated_at timestamp with time zone, last_used_at timestamp with time zone, embedding vector'),
        ('agent_dependencies', 'id uuid, agent_id uuid, depends_on_agent_id uuid, dependency_type text, created_at timestamp with time zone'),
        ('agent_usage', 'id uuid, agent_id uuid, workflow_id uuid, session_id text, invoked_at timestamp with time zone, '
            || 'completed_at timestamp with time zone, status text, response_time_ms integer, task_description text, '
            || 'context_metadata jsonb, error_message text, error_code text'),
        ('workflow_states', 'workflow_id text, status text, created_at timestamp with time zone, updated_at timestamp with time zone, '
            || 'started_at timestamp with time zone, completed_at timestamp with time zone, variables jsonb, metadata jsonb, error text, '
            || 'version integer'),
        ('workflow_states', 'id uuid, workflow_id text, state_type text, state_data jsonb, created_at timestamp with time zone, '
            || 'updated_at timestamp with time zone'),
        ('task_states', 'task_id text, workflow_id text, agent_id text, agent_type text, status text, started_at timestamp with time zone, '
            || 'completed_at timestamp with time zone, execution_time double precision, result jsonb, error jsonb, retry_count integer, '
            || 'dependencies text[]'),
        ('task_states', 'id uuid, task_id text, workflow_id text, status text, result_data jsonb, error_message text, '
            || 'created_at timestamp with time zone, updated_at timestamp with time zone'),
        ('workflow_state_history', 'id integer, workflow_id text, version integer, state_snapshot jsonb, created_at timestamp with time zone'),
        ('coordination_events', 'event_id text, event_type text, workflow_id text, task_id text, timestamp timestamp with time zone, '
            || 'agent_id text, agent_type text, source_agent jsonb, target_agent jsonb, status text, duration_ms double precision, '
            || 'error jsonb, metadata jsonb, context jsonb, performance jsonb'),
        ('coordination_events', 'id uuid, workflow_id text, event_type text, event_data jsonb, created_at timestamp with time zone'),
        ('schema_version', 'version integer, applied_at timestamp with time zone, description text')
    ), old AS (
        SELECT oid, relname, relowner FROM pg_class
        WHERE relnamespace = here::regnamespace AND relname = ANY (tables || 'agent_statistics'::text)
    ), old_function AS (
        SELECT oid, proname, proowner FROM pg_proc
        WHERE pronamespace = here::regnamespace AND proname IN ('update_updated_at_column', 'update_agent_metrics')
    ), difference AS ( -- between each table and the shape that is nearest to it
        SELECT DISTINCT ON (relname) relname, lacks, has
        FROM old JOIN shape ON relation = relname
        CROSS JOIN LATERAL (
            SELECT array_agg(attname || ' ' || regexp_replace(format_type(atttypid, atttypmod), '^.*vector\(\d+\)$', 'vector')) AS columns
            FROM pg_attribute WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped) actual
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT string_to_table(shape.columns, ', ') EXCEPT SELECT unnest(actual.columns)) AS lacks,
                   ARRAY(SELECT unnest(actual.columns) EXCEPT SELECT string_to_table(shape.columns, ', ')) AS has) compared
        ORDER BY relname, cardinality(lacks) + cardinality(has)
    ), reason(text) AS (
        SELECT 'table ' || name || ' is missing'
        FROM unnest('{agents, workflow_states, task_states, coordination_events}'::text[]) name
        WHERE NOT EXISTS (SELECT FROM old WHERE relname = name)
        UNION ALL
        SELECT format('table %s has a shape that no revision of Alembic gave it%s%s', relname,
            '; it lacks ' || nullif(array_to_string(lacks, ', '), ''), '; it has besides ' || nullif(array_to_string(has, ', '), ''))
        FROM difference WHERE cardinality(lacks) + cardinality(has) > 0
        UNION ALL
        SELECT format('%s belong to role %s; run this as that role, which would not own the new tables otherwise',
            string_agg(name, ', ' ORDER BY name), owner::regrole)
        FROM (SELECT relname, relowner FROM old UNION ALL SELECT proname || '()', proowner FROM old_function) owned(name, owner)
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
        SELECT 'the schema legacy_alembic is there already; rename it' WHERE to_regnamespace('legacy_alembic') IS NOT NULL
        UNION ALL
        SELECT dependent || ' would stay with the old tables; drop it, and make it again afterwards' FROM (
            SELECT format('foreign key %s of table %s', conname, conrelid::regclass) FROM pg_constraint
            WHERE contype = 'f' AND confrelid IN (SELECT oid FROM old) AND conrelid NOT IN (SELECT oid FROM old)
            UNION
            SELECT format('view %s', ev_class::regclass)
            FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid AND classid = 'pg_rewrite'::regclass
            WHERE refclassid = 'pg_class'::regclass AND refobjid IN (SELECT oid FROM old) AND ev_class NOT IN (SELECT oid FROM old)
            UNION
            SELECT format('trigger %s of table %s', tgname, tgrelid::regclass) FROM pg_trigger
            WHERE tgfoid IN (SELECT oid FROM old_function) AND tgrelid NOT IN (SELECT oid FROM old)
            UNION
            SELECT format('publication %s of table %s', pubname, prrelid::regclass)
            FROM pg_publication_rel JOIN pg_publication ON pg_publication.oid = prpubid
            WHERE prrelid IN (SELECT oid FROM old)) found(dependent)
    )
    SELECT E'the take-over was refused, and nothing was changed:\n- ' || string_agg(text, E'\n- ') INTO reasons FROM reason;
    IF reasons IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = reasons;
    END IF;

    EXECUTE (SELECT format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', string_agg(format('%s.%I', here, relname), ', ' ORDER BY relname))
             FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables));
    CREATE SCHEMA legacy_alembic;
    COMMENT ON SCHEMA legacy_alembic IS 'What Alembic made, as it was when mycelium-migrations took over; drop it when it is no longer needed.';
    FOR object IN
        SELECT CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind, oid::regclass::text AS name
        FROM pg_class WHERE relnamespace = here::regnamespace AND relname = ANY (tables || 'agent_statistics'::text)
        UNION ALL
        SELECT 'FUNCTION', oid::regprocedure::text
        FROM pg_proc WHERE pronamespace = here::regnamespace AND proname IN ('update_updated_at_column', 'update_agent_metrics')
    LOOP
        EXECUTE format('ALTER %s %s SET SCHEMA legacy_alembic', object.kind, object.name);
    END LOOP;
END $$;
