CREATE OR REPLACE FUNCTION public.schema_health(usage_limit bigint = 1000000) RETURNS TABLE("check" text, state text, detail text, remedy text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $_$
DECLARE
    findings text;
BEGIN
    FOR "check", findings IN VALUES
        ('history',           'public.health_of_history()'),
        ('metrics',           'public.health_of_metrics($2)'),
        ('agent_statistics',  'public.health_of_agent_statistics()'),
        ('invalid indexes',   'public.health_of_invalid_indexes()'),
        ('heap-only updates', 'public.health_of_heap_only_updates()'),
        ('blocking sessions', 'public.health_of_blocking_sessions()'),
        ('distribution',      'public.health_of_distribution()'),
        ('hnsw.ef_search',    'public.health_of_hnsw_ef_search()'),
        ('pgvector',          'public.health_of_pgvector()'),
        ('extensions',        'public.health_of_extensions()')
    LOOP
        BEGIN
            RETURN QUERY EXECUTE 'SELECT $1, * FROM ' || findings USING "check", usage_limit;
        EXCEPTION WHEN lock_not_available THEN
            RETURN QUERY VALUES ("check", 'warning', 'not known, since a table is locked; by whom, see blocking sessions', NULL::text);
        END;
    END LOOP;
END $_$;

REVOKE ALL ON FUNCTION public.schema_health(usage_limit bigint) FROM PUBLIC;

COMMENT ON FUNCTION public.schema_health(usage_limit bigint) IS 'What is wrong with this database, and what to do about it; for a monitoring role that was granted it. usage_limit: how many invocations to count for the metrics, null for all.';
