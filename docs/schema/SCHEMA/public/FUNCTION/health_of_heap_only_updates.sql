CREATE OR REPLACE FUNCTION public.health_of_heap_only_updates() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
    SELECT 'problem',
           format('%s is on a column that moves with every invocation, so that each writes to all indexes of agents', indexrelid::regclass),
           format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass)
    FROM pg_index
    WHERE indrelid = 'public.agents'::regclass
        AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY (indkey)
                    AND attname IN ('finished_count', 'completed_count', 'timed_count', 'response_time_ms_sum',
                        'usage_count', 'success_rate', 'avg_response_time_ms', 'last_used_at'))
    ORDER BY indexrelid::regclass::text;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT CASE WHEN low THEN 'warning' ELSE 'ok' END,
               format('%s of %s updates of agents%s', coalesce(percent || ' percent', 'none'), n_tup_upd,
                   CASE WHEN low THEN ': many edits, or pages that dead rows fill, which transactions that stay open keep' END),
               CASE WHEN low THEN 'VACUUM public.agents; SELECT pg_stat_reset_single_table_counters(''public.agents''::regclass)' END
        FROM pg_stat_all_tables
        CROSS JOIN LATERAL (SELECT round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) AS percent) share
        CROSS JOIN LATERAL (SELECT n_tup_upd >= 1000 AND percent < 90 AS low) verdict -- few say nothing
        WHERE relid = 'public.agents'::regclass;
    END IF;
END $$;

REVOKE ALL ON FUNCTION public.health_of_heap_only_updates() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_heap_only_updates() IS 'A check of schema_health(): whether counting an invocation touches no index of agents.';
