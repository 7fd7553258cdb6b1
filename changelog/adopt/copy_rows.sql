-- Copies every row of legacy_alembic into the tables of release 1.0. Before that it checks every row against the new
-- constraints. If rows are not allowed, it refuses, with all reasons at once.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.
SET LOCAL row_security = off; -- row security then raises an error, where it would silently leave rows out

-- The later form's coordination tables have other columns. These views give them the new columns.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'legacy_alembic.workflow_states'::regclass AND attname = 'state_type') THEN
        CREATE VIEW legacy_alembic.later_workflow_states AS
        SELECT workflow_id,
               coalesce((SELECT status FROM unnest(ARRAY[state_type, state_data ->> 'status']) WITH ORDINALITY given(status, place)
                         WHERE status IN ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')
                         ORDER BY place LIMIT 1), 'paused') AS status, -- which nothing resumes by itself
               created_at,
               updated_at,
               state_data AS variables,
               jsonb_build_object('alembic', jsonb_build_object('id', id, 'state_type', state_type)) AS metadata
        FROM legacy_alembic.workflow_states;
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'legacy_alembic.task_states'::regclass AND attname = 'result_data') THEN
        CREATE VIEW legacy_alembic.later_task_states AS
        SELECT task_id,
               workflow_id,
               'unknown'::text AS agent_id,
               'unknown'::text AS agent_type,
               status,
               CASE WHEN status IN ('completed', 'failed', 'skipped') THEN updated_at END AS completed_at,
               result_data AS result,
               CASE WHEN error_message IS NOT NULL THEN jsonb_build_object('message', error_message) END AS error
        FROM legacy_alembic.task_states
        WHERE workflow_id IN (SELECT workflow_id FROM legacy_alembic.workflow_states);
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'legacy_alembic.coordination_events'::regclass AND attname = 'event_data') THEN
        CREATE VIEW legacy_alembic.later_coordination_events AS
        SELECT id::text AS event_id, event_type, workflow_id, created_at AS timestamp, event_data AS metadata
        FROM legacy_alembic.coordination_events;
    END IF;
END $$;

DO $$
DECLARE
    here      text = @name@;
    relations text[] = '{agents, agent_dependencies, agent_usage, workflow_states, task_states, workflow_state_history, coordination_events}';
    relation  text;
    source    regclass;
    target    regclass;
    columns   text;
    selects   jsonb = '{}';
    rule      record;
    refused   record;
    reasons   text[] = '{}';
    legacy    bigint;
    copied    bigint;
    blocks    bigint;
    size      bigint;
    inserted  bigint;
BEGIN
    reasons = ARRAY(
        SELECT DISTINCT format('role %s may %s column %s of %s, which has another name now; run: REVOKE %s (%I) ON %s.%I FROM %1$s',
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, lower(privilege_type), attname, relname,
            privilege_type, attname, here, relname)
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
        WHERE relnamespace = 'legacy_alembic'::regnamespace AND relname = ANY (relations) AND NOT EXISTS (
            SELECT FROM pg_attribute new
            WHERE new.attrelid = format('%s.%I', here, relname)::regclass AND new.attname = pg_attribute.attname));

    FOREACH relation IN ARRAY relations LOOP
        source = coalesce(to_regclass('legacy_alembic.later_' || relation), to_regclass('legacy_alembic.' || relation));
        target = format('%s.%I', here, relation)::regclass;
        CONTINUE WHEN source IS NULL;

        -- A column gets the value of the old column of the same name and type. Where there is no such column, or where its
        -- value is a null that is no longer allowed, it gets the default.
        SELECT string_agg(CASE
                   WHEN old.attname IS NULL THEN coalesce(defaults.value, format('null::%s', format_type(new.atttypid, new.atttypmod)))
                   WHEN new.attnotnull AND defaults.value IS NOT NULL THEN format('coalesce(%I, %s)', new.attname, defaults.value)
                   ELSE quote_ident(new.attname) END || format(' AS %I', new.attname), ', ' ORDER BY new.attnum)
        INTO columns
        FROM pg_attribute new
        LEFT JOIN pg_attribute old ON old.attrelid = source AND old.attname = new.attname AND NOT old.attisdropped
            AND format_type(old.atttypid, old.atttypmod) = format_type(new.atttypid, new.atttypmod)
        LEFT JOIN LATERAL (SELECT pg_get_expr(adbin, adrelid) AS value FROM pg_attrdef
                           WHERE adrelid = new.attrelid AND adnum = new.attnum) defaults ON true
        WHERE new.attrelid = target AND new.attnum > 0 AND NOT new.attisdropped;
        selects = selects || jsonb_build_object(relation, format('SELECT %s FROM %s', columns, source));

        FOR rule IN
            WITH key AS (SELECT DISTINCT unnest(conkey) AS attnum FROM pg_constraint
                         WHERE conrelid = target AND contype IN ('p', 'u'))
            SELECT definition, condition,
                   (SELECT string_agg(format('%L, %I', attname, attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = target AND (attnum = ANY (about) OR attnum IN (SELECT attnum FROM key))) AS shown
            FROM (
                SELECT pg_get_constraintdef(oid), conkey, format('NOT (%s)', pg_get_expr(conbin, conrelid))
                FROM pg_constraint WHERE conrelid = target AND contype = 'c'
                UNION ALL
                SELECT pg_get_constraintdef(oid), conkey, format('(%1$s) IN (SELECT %1$s FROM candidate GROUP BY %1$s HAVING count(*) > 1)',
                    (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)))
                FROM pg_constraint WHERE conrelid = target AND contype IN ('p', 'u')
                UNION ALL
                SELECT attname || ' NOT NULL', ARRAY[attnum], format('%I IS NULL', attname)
                FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND attnotnull
            ) rules(definition, about, condition)
        LOOP
            EXECUTE format('WITH candidate AS (%s), refused AS (SELECT jsonb_build_object(%s) AS row FROM candidate WHERE %s)
                            SELECT count(*), (SELECT string_agg(row::text, E''\n    '') FROM (SELECT * FROM refused ORDER BY row LIMIT 10) AS shown) AS rows FROM refused',
                selects ->> relation, rule.shown, rule.condition) INTO refused;
            IF refused.count > 0 THEN
                reasons = reasons || format(E'%s of %s not allowed by %s:\n    %s', refused.count, relation, rule.definition,
                    refused.rows || CASE WHEN refused.count > 10 THEN E'\n    ...' ELSE '' END);
            END IF;
        END LOOP;
    END LOOP;
    IF reasons <> '{}' THEN
        RAISE EXCEPTION USING MESSAGE = E'the take-over was refused, and nothing was changed; mend this first:\n- '
            || array_to_string(reasons, E'\n- ');
    END IF;

    -- For an undo: a row whose transaction (xmin) is not the one that wrote its table's line here was written after the take-over.
    CREATE TABLE legacy_alembic.take_over (relation text PRIMARY KEY, legacy_rows bigint NOT NULL, copied_rows bigint NOT NULL,
        hanging jsonb); -- what hangs on the new table
    FOREACH relation IN ARRAY relations LOOP
        legacy = 0;
        copied = 0;
        IF selects ? relation THEN
            EXECUTE format('SELECT count(*) FROM legacy_alembic.%I', relation) INTO legacy;
            -- A large table in up to 20 parts, so that whoever waits sees how far it is; a view has no blocks.
            blocks = pg_relation_size(coalesce(to_regclass('legacy_alembic.later_' || relation), to_regclass('legacy_alembic.' || relation)))
                / current_setting('block_size')::bigint;
            size = greatest(blocks / 20 + 1, 1024);
            FOR part IN 0 .. blocks / size LOOP
                RAISE NOTICE USING MESSAGE = format('copying %s: %s of %s rows', relation, copied, legacy), ERRCODE = 'MYC01';
                EXECUTE format('INSERT INTO %s.%I %s', here, relation, selects ->> relation) -- into agent_usage, the triggers count it
                    || CASE WHEN blocks >= size THEN format(' WHERE ctid >= %L AND ctid < %L', format('(%s,0)', part * size), format('(%s,0)', (part + 1) * size)) ELSE '' END;
                GET DIAGNOSTICS inserted = ROW_COUNT;
                copied = copied + inserted;
            END LOOP;
        END IF;
        INSERT INTO legacy_alembic.take_over VALUES (relation, legacy, copied);

        IF relation = 'agents' THEN
            -- An agent with finished invocations has its metrics counted from them. Any other keeps its figures, as a start.
            IF to_regclass('legacy_alembic.agent_usage') IS NOT NULL THEN
                UPDATE @schema@.agents SET usage_count = 0, success_rate = NULL, avg_response_time_ms = NULL, last_used_at = NULL
                WHERE id IN (SELECT agent_id FROM legacy_alembic.agent_usage WHERE status <> 'in_progress');
            END IF;
            UPDATE @schema@.agents
            SET finished_count = usage_count,
                completed_count = round(usage_count * coalesce(success_rate, 0) / 100),
                timed_count = CASE WHEN avg_response_time_ms IS NULL THEN 0 ELSE usage_count END,
                response_time_ms_sum = usage_count::bigint * coalesce(avg_response_time_ms, 0)
            WHERE usage_count > 0;
        END IF;
        EXECUTE format('ANALYZE %s.%I', here, relation);
    END LOOP;
    RAISE NOTICE USING MESSAGE = 'refreshing agent_statistics', ERRCODE = 'MYC01';
    REFRESH MATERIALIZED VIEW @schema@.agent_statistics;
    DROP VIEW IF EXISTS legacy_alembic.later_workflow_states, legacy_alembic.later_task_states, legacy_alembic.later_coordination_events;
END $$;

-- Whoever could use the old tables may use the new ones, and nobody else, whatever the default privileges say. A table's storage
-- parameters go on, too.
DO $$
DECLARE
    here   text = @name@;
    change text;
BEGIN
    FOR change IN
        WITH pair AS (
            SELECT new.relname, old.oid AS old, new.oid AS new, CASE new.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind
            FROM pg_class old JOIN pg_class new ON new.relname = old.relname AND new.relnamespace = here::regnamespace
            WHERE old.relnamespace = 'legacy_alembic'::regnamespace AND old.relkind IN ('r', 'm')
        ), privilege AS (
            SELECT oid AS relation, '' AS on_column, acl.* FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) acl
            UNION ALL
            SELECT attrelid, format(' (%I)', attname), acl.* FROM pg_attribute, aclexplode(attacl) acl
        ), had AS (
            SELECT relname, on_column, grantee, privilege_type, is_grantable FROM pair JOIN privilege ON relation = old
        ), has AS (
            SELECT relname, on_column, grantee, privilege_type, is_grantable FROM pair JOIN privilege ON relation = new
        ), difference AS (
            SELECT 'REVOKE' AS verb, 'FROM' AS preposition, * FROM (TABLE has EXCEPT TABLE had) superfluous
            UNION ALL
            SELECT 'GRANT', 'TO', * FROM (TABLE had EXCEPT TABLE has) missing
        ), option AS (
            SELECT relation, '' AS prefix, unnest(reloptions) AS option FROM (SELECT oid AS relation, reloptions FROM pg_class) plain
            UNION ALL
            SELECT c.oid, 'toast.', unnest(toast.reloptions) FROM pg_class c JOIN pg_class toast ON toast.oid = c.reltoastrelid
        )
        (SELECT format('%s %s%s ON %s.%I %s %s%s', verb, privilege_type, on_column, here, relname, preposition,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
            CASE WHEN is_grantable AND verb = 'GRANT' THEN ' WITH GRANT OPTION' END)
        FROM difference ORDER BY verb DESC)
        UNION ALL
        SELECT format('ALTER %s %s.%I SET (%s)', kind, here, relname,
            string_agg(format('%s%s = %L', prefix, split_part(option, '=', 1), substr(option, strpos(option, '=') + 1)), ', '))
        FROM pair JOIN option ON relation = old
        GROUP BY kind, relname
    LOOP
        EXECUTE change;
    END LOOP;

    UPDATE legacy_alembic.take_over
    SET hanging = (SELECT jsonb_agg(jsonb_build_array(catalog, attributes)) FROM legacy_alembic.what_hangs_on(here::regnamespace) found
                   WHERE CASE found.relation WHEN 'agent_statistics' THEN 'agents' ELSE found.relation END = take_over.relation);
END $$;
