CREATE OR REPLACE FUNCTION public.health_of_pgvector() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
    SELECT CASE WHEN old THEN 'warning' ELSE 'ok' END,
           extversion || CASE WHEN old THEN ': by pgvector''s changelog VACUUM could damage an HNSW index before 0.8.4'
               || CASE WHEN version < ARRAY[0, 8, 2] THEN ', and before 0.8.2 a parallel build overran a buffer' ELSE '' END ELSE '' END,
           CASE WHEN old THEN CASE WHEN available >= ARRAY[0, 8, 4] THEN '' ELSE 'install pgvector 0.8.4 or later on the server; then: ' END
               || 'ALTER EXTENSION vector UPDATE; REINDEX INDEX CONCURRENTLY public.agents_embedding_idx' END
    FROM pg_extension
    JOIN pg_available_extensions ON name = extname
    -- by what they begin with, since services add their own: 0.8.0.google-1
    CROSS JOIN LATERAL (SELECT string_to_array(substring(extversion, '^[0-9]+(?:[.][0-9]+)*'), '.')::int[],
        string_to_array(substring(default_version, '^[0-9]+(?:[.][0-9]+)*'), '.')::int[]) versions(version, available)
    CROSS JOIN LATERAL (SELECT version < ARRAY[0, 8, 4] AS old) verdict
    WHERE extname = 'vector';
END $$;

REVOKE ALL ON FUNCTION public.health_of_pgvector() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_pgvector() IS 'A check of schema_health(): whether pgvector is a version without the known damage to indexes.';
