-- Functions that say what hangs on the tables of a schema, for check_tables.sql and refuse_to_lose.sql. Which columns of PostgreSQL's
-- catalogs refer to what, PostgreSQL says itself; so a kind of object that a later version brings is found, too.
--
-- The two placeholders become the schema of the tables, as a name and as a literal.

CREATE SCHEMA legacy_alembic;
COMMENT ON SCHEMA legacy_alembic IS 'What Alembic made, as it was when mycelium-migrations took over; drop it when it is no longer needed.';

-- The tables, the view and the functions that a take-over replaces, and what PostgreSQL drops with them. whole is the object as a
-- user knows it: the constraint of an index, the table of its type.
CREATE FUNCTION legacy_alembic.parts(schema regnamespace)
    RETURNS TABLE (relation text, class oid, id oid, whole_class oid, whole oid)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE part(relation, class, id, whole_class, whole) AS (
        SELECT name, 'pg_class'::regclass::oid, oid, 'pg_class'::regclass::oid, oid
        FROM pg_class, regexp_replace(relname, '^(first|later)_', '') name
        WHERE relnamespace = schema AND relkind NOT IN ('i', 'S') AND name = ANY (ARRAY[
            'agents', 'agent_dependencies', 'agent_usage', 'agent_statistics', 'workflow_states', 'task_states', 'workflow_state_history',
            'coordination_events', 'schema_version', 'alembic_version'])
        UNION
        SELECT proname, 'pg_proc'::regclass, oid, 'pg_proc'::regclass, oid
        FROM pg_proc WHERE pronamespace = schema AND proname IN ('update_updated_at_column', 'update_agent_metrics') AND pronargs = 0
        UNION
        SELECT relation, classid, objid, CASE deptype WHEN 'i' THEN whole_class ELSE classid END, CASE deptype WHEN 'i' THEN whole ELSE objid END
        FROM part JOIN pg_depend ON refclassid = class AND refobjid = id AND deptype IN ('a', 'i')
    )
    SELECT DISTINCT ON (class, id) * FROM part ORDER BY class, id, whole = id, relation
$$;

-- What hangs on them: each row of a catalog that refers to one of their parts; each comment and security label; each object that
-- depends on them, or an extension on which they do. attributes are the row's values, without the names and numbers that differ
-- between two tables that were made and changed in the same way.
CREATE FUNCTION legacy_alembic.what_hangs_on(schema regnamespace)
    RETURNS TABLE (relation text, catalog regclass, classid oid, objid oid, objsubid integer, attributes jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off -- to compile the queries would take longer than to run them
AS $$
#variable_conflict use_column
DECLARE
    unlike   text[] = '{oid, relfilenode, relpages, reltuples, relallvisible, relallfrozen, relfrozenxid, relminmxid, relnatts, relchecks,
                        relhasindex, relhasrules, relhastriggers, relhassubclass, relispopulated, attnum, atttypmod, atthasdef, atthasmissing,
                        attmissingval, attcacheoff, adnum, indcheckxmin, indisvalid, indisready, indislive, indisreplident, tgenabled}';
    referrer record;
BEGIN
    FOR referrer IN
        WITH reference AS (
            SELECT fktable, attname, attnum, pktable::oid AS class, pktable::oid IN (SELECT class FROM legacy_alembic.parts(schema)) AS of_part
            FROM pg_get_catalog_foreign_keys() JOIN pg_attribute ON attrelid = fktable AND attname = fkcols[1]
            WHERE cardinality(fkcols) = 1 AND NOT is_array AND has_table_privilege(fktable, 'SELECT')
                AND fktable NOT IN ('pg_depend', 'pg_shdepend', 'pg_description', 'pg_seclabel', 'pg_init_privs', 'pg_statistic')
        ), definition(of_table, value) AS (VALUES -- of what to_jsonb shows as a tree of nodes or by the numbers of columns
            ('pg_attrdef'::regclass, 'format(''%s %s'', (SELECT attname FROM pg_attribute WHERE attrelid = adrelid AND attnum = adnum), pg_get_expr(adbin, adrelid))'),
            ('pg_class', 'pg_get_expr(relpartbound, oid)'),
            ('pg_constraint', 'pg_get_constraintdef(oid)'),
            ('pg_index', 'regexp_replace(pg_get_indexdef(indexrelid), ''INDEX .*? USING '', ''INDEX USING '')'),
            ('pg_policy', 'concat_ws('', '', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))'),
            ('pg_rewrite', 'CASE rulename WHEN ''_RETURN'' THEN NULL ELSE pg_get_ruledef(oid) END'),
            ('pg_statistic_ext', 'pg_get_statisticsobjdef(oid)'),
            ('pg_trigger', 'CASE WHEN NOT tgisinternal THEN pg_get_triggerdef(oid) END')
        )
        SELECT fktable,
               string_agg(format('SELECT t.ctid, relation FROM %s t JOIN part ON class = %s AND id = t.%I', fktable, class, attname), ' UNION ALL ')
                   FILTER (WHERE of_part)
               || CASE WHEN fktable::oid IN (SELECT class FROM legacy_alembic.parts(schema)) AND fktable <> 'pg_proc'::regclass -- new functions are others
                   THEN format(' UNION ALL SELECT t.ctid, relation FROM %s t JOIN part ON class = %s AND id = t.oid', fktable, fktable::oid) ELSE '' END AS hits,
               (array_agg(format('%s, t.%I', class, attname) ORDER BY attnum))[1] AS first_reference,
               -- a reference to a part reads the same for all tables
               concat(string_agg(format(', %L, CASE WHEN EXISTS (SELECT FROM part WHERE (class, id) = (%s, t.%I)) THEN ''a part'' ELSE t.%1$I::text END',
                       attname, class, attname), '') FILTER (WHERE of_part),
                   (SELECT string_agg(format(', %L, %s', attname, CASE
                       WHEN atttypid = 'aclitem[]'::regtype THEN format('(SELECT array_agg(DISTINCT concat_ws('' '', grantee, privilege_type, is_grantable))
                           FROM aclexplode(%I) WHERE grantee <> grantor)', attname)
                       WHEN attname = 'attoptions' THEN '(SELECT array_agg(o ORDER BY o) FROM unnest(attoptions) o WHERE o NOT LIKE ''pg_attver=%'')' -- a mark of 17.12
                       ELSE 'NULL' END), '')
                   FROM pg_attribute WHERE attrelid = fktable AND attnum > 0 AND attname <> 'attname' AND (attname = ANY (unlike || '{attoptions}')
                       OR attname LIKE '%namespace' OR atttypid = ANY ('{name, pg_node_tree, int2vector, int2[], aclitem[]}'::regtype[])))) AS read_otherwise,
               (SELECT value FROM definition WHERE of_table = fktable) AS definition,
               EXISTS (SELECT FROM pg_attribute WHERE attrelid = fktable AND attname = 'oid') AS has_number
        FROM reference GROUP BY fktable HAVING bool_or(of_part)
    LOOP
        RETURN QUERY EXECUTE format($query$
            WITH part AS MATERIALIZED (SELECT * FROM legacy_alembic.parts($1)), hit(row, relation) AS (%s), referring AS (
                SELECT relation, key.*, jsonb_strip_nulls(to_jsonb(t) || jsonb_build_object(
                    'definition', replace(replace(%s, 'legacy_alembic_form.', ''), $2, '') %s)) AS attributes
                FROM (SELECT row, min(relation) FROM hit GROUP BY row) found(row, relation) JOIN %s t ON t.ctid = row,
                LATERAL (SELECT %s) key(class, id, subid)
                WHERE %s)
            SELECT referring.relation, %L::regclass, coalesce(whole_class, refclassid, class), coalesce(whole, refobjid, id),
                   CASE WHEN coalesce(whole, refobjid, id) = id THEN subid ELSE 0 END, attributes
            FROM referring LEFT JOIN part USING (class, id)
            LEFT JOIN pg_depend ON whole IS NULL AND classid = class AND pg_depend.objid = id AND deptype = 'i'
            $query$, referrer.hits, coalesce(referrer.definition, 'NULL'), referrer.read_otherwise, referrer.fktable,
            CASE WHEN referrer.fktable = 'pg_attribute'::regclass THEN format('%s, attrelid, attnum::int', 'pg_class'::regclass::oid)
                WHEN referrer.has_number THEN format('%s, t.oid, 0', referrer.fktable::oid) ELSE referrer.first_reference || ', 0' END,
            CASE referrer.fktable
                WHEN 'pg_attribute'::regclass THEN 'attnum > 0 AND NOT attisdropped AND (SELECT relkind FROM pg_class WHERE oid = attrelid) NOT IN (''i'', ''t'', ''S'')'
                WHEN 'pg_class'::regclass THEN 'relnamespace <> ''pg_toast''::regnamespace' -- a TOAST table goes with its table
                ELSE 'true' END,
            referrer.fktable) USING schema, @name@ || '.';
    END LOOP;

    RETURN QUERY
        WITH part AS MATERIALIZED (SELECT * FROM legacy_alembic.parts(schema))
        SELECT relation, 'pg_description'::regclass, class, id, d.objsubid, jsonb_build_object('comment', description)
        FROM part JOIN pg_description d ON d.classoid = class AND d.objoid = id
        UNION ALL
        SELECT relation, 'pg_seclabel', class, id, l.objsubid, jsonb_build_object(provider, label)
        FROM part JOIN pg_seclabel l ON l.classoid = class AND l.objoid = id
        UNION ALL
        SELECT relation, 'pg_depend', class, id, 0, jsonb_build_object('needs', pg_describe_object(extension.refclassid, extension.refobjid, 0))
        FROM part JOIN pg_depend extension ON extension.classid = class AND extension.objid = id AND deptype IN ('e', 'x')
        UNION ALL -- an object that depends on a part; of a view it is the rule that depends
        SELECT DISTINCT relation, 'pg_depend'::regclass, coalesce(its.refclassid, d.classid), coalesce(its.refobjid, d.objid),
            CASE WHEN its IS NULL THEN d.objsubid ELSE 0 END, jsonb_build_object('depends', pg_describe_object(d.classid, d.objid, d.objsubid))
        FROM part JOIN pg_depend d ON d.refclassid = class AND d.refobjid = id
        LEFT JOIN pg_depend its ON its.classid = d.classid AND its.objid = d.objid AND its.deptype = 'i'
        WHERE NOT EXISTS (SELECT FROM part WHERE class = d.classid AND id = d.objid);
END $$;

-- An object as a message names it, and the command that removes it; null where there is no simple one.
CREATE FUNCTION legacy_alembic.named(class oid, id oid, subid integer, OUT name text, OUT removal text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN contype = 'f' THEN 'foreign key' WHEN type = 'table constraint' THEN 'constraint'
                WHEN type = 'table column' THEN 'column' ELSE type END
           || ' ' || regexp_replace(identity, ' on (?=\S+$)', ' of table '),
           CASE WHEN type IN ('policy', 'rule', 'trigger', 'index', 'view', 'materialized view', 'function', 'procedure', 'aggregate')
                    THEN format('DROP %s %s', upper(type), identity)
                WHEN type = 'statistics object' THEN 'DROP STATISTICS ' || identity
                WHEN type = 'table constraint' THEN format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
                WHEN type = 'default value' THEN (SELECT format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', adrelid::regclass, attname)
                    FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE pg_attrdef.oid = id) END
    FROM pg_identify_object(class, id, subid) LEFT JOIN pg_constraint ON class = 'pg_constraint'::regclass AND pg_constraint.oid = id
$$;

-- A value of a row as a command takes it; some are letters or numbers there.
CREATE FUNCTION legacy_alembic.shown(attribute text, value text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE attribute
        WHEN 'reltablespace' THEN (SELECT spcname FROM pg_tablespace JOIN pg_database ON datname = current_database()
            AND pg_tablespace.oid = coalesce(nullif(value::oid, 0), dattablespace))
        WHEN 'relam' THEN (SELECT amname FROM pg_am WHERE oid = value::oid)
        WHEN 'relreplident' THEN CASE value WHEN 'd' THEN 'DEFAULT' WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX' END
        WHEN 'relpersistence' THEN CASE value WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END
        WHEN 'attstorage' THEN CASE value WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
        WHEN 'attcompression' THEN CASE value WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE 'default' END
        WHEN 'attoptions' THEN (SELECT string_agg(option, ', ') FROM jsonb_array_elements_text(value::jsonb) option)
        ELSE value END
$$;
