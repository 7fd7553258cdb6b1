-- Whether every index is valid, but for those that are being built.
CREATE OR REPLACE FUNCTION our.health_of_invalid_indexes() RETURNS TABLE (state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What a REINDEX CONCURRENTLY leaves behind has a suffix, and the index itself is there.
    RETURN QUERY
    SELECT 'problem',
           format('%s of %s is not valid, so no query uses it: its building was broken off', i.oid::regclass, indrelid::regclass),
           format(CASE WHEN i.relname ~ '_cc(new|old)\d*$' THEN 'DROP INDEX CONCURRENTLY %s' ELSE 'REINDEX INDEX CONCURRENTLY %s' END, i.oid::regclass)
    FROM pg_index
    JOIN pg_class i ON i.oid = indexrelid
    WHERE i.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'our.agents'::regclass) AND NOT indisvalid
        AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE index_relid = indexrelid)
    ORDER BY i.relname;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ('ok', 'every index is valid', NULL::text);
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION our.health_of_invalid_indexes() FROM PUBLIC;

COMMENT ON FUNCTION our.health_of_invalid_indexes() IS 'A check of schema_health(): whether every index is valid.';
