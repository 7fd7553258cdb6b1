-- What is wrong with this database, and what to do about it: SELECT * FROM schema_health(). One row a finding, and one
-- row that says ok for a check without any, always in this order. A problem needs somebody now; a warning can wait.
--
-- Each check is a function in a file of its own, which is named for it. The next one is another file, and a line here.
--
-- It runs with its owner's rights, and the checks with it, so that a monitoring role needs none on the tables.
CREATE OR REPLACE FUNCTION our.schema_health(usage_limit bigint DEFAULT 1000000)
RETURNS TABLE ("check" text, state text, detail text, remedy text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s' -- whoever locks a table for long shall be named, not waited for
AS $$
DECLARE
    findings text;
BEGIN
    FOR "check", findings IN VALUES
        ('history',           'our.health_of_history()'),
        ('metrics',           'our.health_of_metrics($2)'),
        ('agent_statistics',  'our.health_of_agent_statistics()'),
        ('invalid indexes',   'our.health_of_invalid_indexes()'),
        ('heap-only updates', 'our.health_of_heap_only_updates()'),
        ('blocking sessions', 'our.health_of_blocking_sessions()'),
        ('distribution',      'our.health_of_distribution()'),
        ('hnsw.ef_search',    'our.health_of_hnsw_ef_search()'),
        ('pgvector',          'our.health_of_pgvector()'),
        ('extensions',        'our.health_of_extensions()')
    LOOP
        BEGIN
            RETURN QUERY EXECUTE 'SELECT $1, * FROM ' || findings USING "check", usage_limit;
        EXCEPTION WHEN lock_not_available THEN
            RETURN QUERY VALUES ("check", 'warning', 'not known, since a table is locked; by whom, see blocking sessions', NULL::text);
        END;
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION our.schema_health(bigint) FROM PUBLIC;

COMMENT ON FUNCTION our.schema_health(bigint) IS 'What is wrong with this database, and what to do about it; for a monitoring role that was granted it. usage_limit: how many invocations to count for the metrics, null for all.';
