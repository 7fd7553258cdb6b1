-- Compares the tables with those that Alembic made (alembic_tables.sql). It refuses, with all reasons at once, where a table has other
-- columns, or where something hangs on it that Alembic did not make and the new table would lack. What was granted on the tables and
-- their storage parameters are no such reason, since copy_rows.sql takes them along.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.
DO $$
DECLARE
    here    text = @name@;
    reasons text;
BEGIN
    SET LOCAL jit = off; -- to compile the query would take longer than to run it
    WITH table_of AS (
        SELECT relation, id, relkind, relnamespace = here::regnamespace AS is_old, columns
        FROM (SELECT * FROM legacy_alembic.parts(here::regnamespace) UNION ALL SELECT * FROM legacy_alembic.parts('legacy_alembic_form')) part
        JOIN pg_class ON oid = id AND class = 'pg_class'::regclass AND relkind NOT IN ('i', 'S', 't', 'c'),
        LATERAL (SELECT array_agg(attname || ' ' || regexp_replace(format_type(atttypid, atttypmod), '^.*vector\(\d+\)$', 'vector'))
                 FROM pg_attribute WHERE attrelid = id AND attnum > 0 AND NOT attisdropped) found(columns)
    ), difference AS ( -- between each table and the form that is nearest to it
        SELECT DISTINCT ON (relation) relation, old.relkind <> form.relkind AS is_another_kind, lacks, has
        FROM table_of old JOIN table_of form USING (relation)
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT unnest(form.columns) EXCEPT SELECT unnest(old.columns)) AS lacks,
                   ARRAY(SELECT unnest(old.columns) EXCEPT SELECT unnest(form.columns)) AS has) compared
        WHERE old.is_old AND NOT form.is_old
        ORDER BY relation, cardinality(lacks) + cardinality(has)
    ), found AS MATERIALIZED (
        SELECT is_old, relation, catalog, classid, objid, objsubid, attributes - '{relacl, attacl}'::text[]
            - CASE WHEN attributes ->> 'relkind' IN ('r', 'm') THEN 'reloptions' WHEN attributes ->> 'relkind' = 'i' THEN 'relpersistence' ELSE '' END AS attributes
        FROM (VALUES (true, here::regnamespace), (false, 'legacy_alembic_form')) side(is_old, schema), legacy_alembic.what_hangs_on(schema)
    ), expected AS MATERIALIZED (
        SELECT relation, catalog, attributes FROM found WHERE NOT is_old
    ), superfluous AS MATERIALIZED ( -- what a new table would lack
        SELECT relation, catalog, classid, objid, objsubid, attributes FROM found
        WHERE is_old AND (relation, catalog, attributes) NOT IN (TABLE expected)
            AND catalog <> 'pg_publication_rel'::regclass -- see below
    ), lost AS ( -- with what Alembic made and is nearest to it
        SELECT superfluous.*, nearest.attributes AS expected
        FROM superfluous LEFT JOIN LATERAL (
            SELECT expected.attributes FROM expected
            WHERE (relation, catalog) = (superfluous.relation, superfluous.catalog)
                AND NOT EXISTS (
                    SELECT FROM unnest(ARRAY['definition', 'attname', 'relkind', 'atttypid']) key
                    WHERE expected.attributes ->> key IS DISTINCT FROM superfluous.attributes ->> key)
            ORDER BY (SELECT count(*) FROM jsonb_each(superfluous.attributes) each WHERE expected.attributes -> key IS DISTINCT FROM each.value)
            LIMIT 1) nearest ON true
    ), setting(attribute, undone, done) AS (VALUES -- of a table, by ALTER TABLE: column, value, index, and the value of a new one
        ('relrowsecurity', 'DISABLE ROW LEVEL SECURITY', 'ENABLE ROW LEVEL SECURITY'),
        ('relforcerowsecurity', 'NO FORCE ROW LEVEL SECURITY', 'FORCE ROW LEVEL SECURITY'),
        ('relreplident', 'REPLICA IDENTITY DEFAULT', 'REPLICA IDENTITY %2$s %3$s'),
        ('relpersistence', 'SET LOGGED', 'SET UNLOGGED'),
        ('reltablespace', 'SET TABLESPACE %4$I', 'SET TABLESPACE %2$I'),
        ('relam', 'SET ACCESS METHOD %4$I', 'SET ACCESS METHOD %2$I'),
        ('indisclustered', 'SET WITHOUT CLUSTER', 'CLUSTER ON %3$s'),
        ('attnotnull', 'ALTER COLUMN %1$I DROP NOT NULL', 'ALTER COLUMN %1$I SET NOT NULL'),
        ('attstattarget', 'ALTER COLUMN %1$I SET STATISTICS -1', 'ALTER COLUMN %1$I SET STATISTICS %2$s'),
        ('attstorage', 'ALTER COLUMN %1$I SET STORAGE %4$s', 'ALTER COLUMN %1$I SET STORAGE %2$s'),
        ('attcompression', 'ALTER COLUMN %1$I SET COMPRESSION %4$s', 'ALTER COLUMN %1$I SET COMPRESSION %2$s'),
        ('attoptions', 'ALTER COLUMN %1$I RESET (%5$s)', 'ALTER COLUMN %1$I SET (%2$s)')
    ), reason(text) AS (
        SELECT 'table ' || name || ' is missing'
        FROM unnest('{agents, workflow_states, task_states, coordination_events}'::text[]) name
        WHERE NOT EXISTS (SELECT FROM table_of WHERE relation = name AND is_old)
        UNION ALL
        SELECT format('table %s has a shape that no revision of Alembic gave it%s%s%s', relation,
            CASE WHEN is_another_kind THEN '; it is a table of another kind' END,
            '; it lacks ' || nullif(array_to_string(lacks, ', '), ''), '; it has besides ' || nullif(array_to_string(has, ', '), ''))
        FROM difference WHERE is_another_kind OR cardinality(lacks) + cardinality(has) > 0
        UNION ALL
        (SELECT DISTINCT CASE
            WHEN catalog = 'pg_description'::regclass THEN format('the comment on %s would be lost; remove it, and make it again afterwards: COMMENT ON %s IS NULL',
                name, regexp_replace(replace(name, ' of table ', ' ON '), '^foreign key', 'constraint'))
            WHEN catalog = 'pg_seclabel'::regclass THEN format('the security label on %s would be lost; remove it, and make it again afterwards', name)
            WHEN removal IS NULL THEN format('%s would stay with the old tables; free it from them, and put it back afterwards', name)
            ELSE format('%s would stay with the old tables; drop it, and make it again afterwards: %s', name, removal) END
        FROM lost CROSS JOIN LATERAL legacy_alembic.named(classid, objid, objsubid)
        WHERE expected IS NULL AND catalog <> 'pg_attribute'::regclass -- a column is part of the shape
        ORDER BY 1)
        UNION ALL
        (SELECT DISTINCT format('%s has %s %s, and a new one would have %s; ', name, key, value, coalesce(new_value, 'none'))
            || CASE WHEN undone IS NULL THEN 'give it the same, and give it this again afterwards'
                ELSE format('undo it, and do it again afterwards: ALTER TABLE %s.%I %s; ALTER TABLE %1$s.%2$I %4$s', here, relation,
                    format(undone, column_name, value, index_name, new_value, regexp_replace(value, '=[^,]*', '', 'g')),
                    format(done, column_name, value, index_name)) END
        FROM lost CROSS JOIN LATERAL legacy_alembic.named(classid, objid, objsubid)
        CROSS JOIN LATERAL jsonb_object_keys(lost.attributes || expected) key
        CROSS JOIN LATERAL (SELECT lost.attributes ->> 'attname', (
                SELECT quote_ident(relname) FROM pg_index JOIN pg_class ON oid = indexrelid JOIN table_of ON id = indrelid
                WHERE table_of.relation = lost.relation AND table_of.is_old AND CASE key WHEN 'relreplident' THEN indisreplident ELSE indisclustered END),
            legacy_alembic.shown(key, lost.attributes ->> key),
            legacy_alembic.shown(key, expected ->> key)) its(column_name, index_name, value, new_value)
        LEFT JOIN setting ON attribute = key AND coalesce(lost.attributes ->> 'relkind' IN ('r', 'm'), true)
        WHERE lost.attributes -> key IS DISTINCT FROM expected -> key
        ORDER BY 1)
        UNION ALL
        SELECT CASE WHEN puballtables OR of_schema
            THEN format('publication %s would send every row again; drop it, and make it and its subscriptions again afterwards, WITH (copy_data = false): %s',
                pubname, CASE WHEN puballtables THEN format('DROP PUBLICATION %I', pubname)
                    ELSE format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', pubname, here) END)
            ELSE format('publication %s of table %s.%s would stay with the old tables; drop it there, and put it back afterwards: '
                'ALTER PUBLICATION %1$I DROP TABLE %2$s.%3$I', pubname, here, tablename) END
        FROM (
            SELECT DISTINCT ON (pubname, CASE WHEN NOT puballtables AND NOT of_schema THEN tablename END) *
            FROM pg_publication_tables JOIN pg_publication USING (pubname)
            CROSS JOIN LATERAL (SELECT EXISTS (
                SELECT FROM pg_publication_namespace WHERE pnpubid = pg_publication.oid AND pnnspid = here::regnamespace)) its(of_schema)
            WHERE quote_ident(schemaname) = here AND tablename IN (SELECT relation FROM table_of WHERE is_old)) published
        UNION ALL
        SELECT 'before you drop anything, keep how it was made: pg_dump --schema-only --file=before.sql' WHERE EXISTS (SELECT FROM lost)
    )
    SELECT E'the take-over was refused, and nothing was changed:\n- ' || string_agg(text, E'\n- ') INTO reasons FROM reason;
    IF reasons IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = reasons;
    END IF;
    DROP SCHEMA legacy_alembic_form CASCADE;
    RESET client_min_messages;
    RESET jit;
END $$;
