CREATE OR REPLACE FUNCTION public.health_of_invalid_indexes() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    -- What a REINDEX CONCURRENTLY leaves behind has a suffix, and the index itself is there.
    RETURN QUERY
    SELECT 'problem',
           format('%s of %s is not valid, so no query uses it: its building was broken off', i.oid::regclass, indrelid::regclass),
           format(CASE WHEN i.relname ~ '_cc(new|old)\d*$' THEN 'DROP INDEX CONCURRENTLY %s' ELSE 'REINDEX INDEX CONCURRENTLY %s' END, i.oid::regclass)
    FROM pg_index
    JOIN pg_class i ON i.oid = indexrelid
    WHERE i.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'public.agents'::regclass) AND NOT indisvalid
        AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid = indexrelid)
    ORDER BY i.relname;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ('ok', 'every index is valid', NULL::text);
    END IF;
END $_$;

REVOKE ALL ON FUNCTION public.health_of_invalid_indexes() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_invalid_indexes() IS 'A check of schema_health(): whether every index is valid.';
