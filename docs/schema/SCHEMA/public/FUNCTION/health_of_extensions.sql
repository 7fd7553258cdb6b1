CREATE OR REPLACE FUNCTION public.health_of_extensions() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    RETURN QUERY
    SELECT 'warning',
           format('%s is at %s, the files on the server at %s', name, installed_version, default_version),
           format('ALTER EXTENSION %I UPDATE', name)
    FROM pg_available_extensions
    WHERE name IN ('uuid-ossp', 'vector') AND installed_version <> default_version
    UNION ALL
    -- A search names the schema of pgvector's operator. The extension can be moved to another schema later, or its schema renamed.
    SELECT 'problem',
           format('%s fails, since pgvector is no longer in schema %s', string_agg(DISTINCT proname::text, ', '), schema),
           format('CREATE SCHEMA IF NOT EXISTS %s; ALTER EXTENSION vector SET SCHEMA %1$s', schema)
    FROM pg_proc
    CROSS JOIN LATERAL (SELECT named[1], named[2]
                        FROM regexp_matches(prosrc, 'OPERATOR\(([^()]+)[.]([^().]+)\)', 'g') named) found(schema, operator)
    WHERE pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'public.agents'::regclass)
        AND NOT EXISTS (SELECT 1 FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
                        WHERE o.oprname = operator AND quote_ident(n.nspname) = schema)
    GROUP BY schema;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ('ok', 'uuid-ossp and vector are of the version of their files', NULL::text);
    END IF;
END $_$;

REVOKE ALL ON FUNCTION public.health_of_extensions() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_extensions() IS 'A check of schema_health(): whether the extensions are of the version of their files on the server, and where our functions look for them.';
