CREATE OR REPLACE FUNCTION public.health_of_hnsw_ef_search() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
    SELECT CASE WHEN value IS NULL THEN 'problem' ELSE 'ok' END,
           coalesce(value || ' for the database', 'not set for the database, so the clients'' own searches end at 40 rows, whatever their LIMIT'),
           CASE WHEN value IS NULL THEN format('SELECT ''[1]''::%s; %sALTER DATABASE %I SET hnsw.ef_search = 200',
               (SELECT format('%I.vector', nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'),
               (SELECT 'SET citus.enable_ddl_propagation = off; ' FROM pg_extension WHERE extname = 'citus'), current_database()) END
    FROM (
        SELECT (SELECT split_part(setting, '=', 2) FROM pg_db_role_setting s, unnest(s.setconfig) setting
                WHERE s.setrole = 0 AND s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                    AND setting LIKE 'hnsw.ef_search=%') AS value) database;
END $$;

REVOKE ALL ON FUNCTION public.health_of_hnsw_ef_search() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_hnsw_ef_search() IS 'A check of schema_health(): whether hnsw.ef_search is set for the database.';
