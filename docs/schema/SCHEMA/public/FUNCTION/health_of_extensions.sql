CREATE OR REPLACE FUNCTION public.health_of_extensions() RETURNS TABLE(state text, detail text, remedy text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
    SELECT 'warning',
           format('%s is at %s, the files on the server at %s', name, installed_version, default_version),
           format('ALTER EXTENSION %I UPDATE', name)
    FROM pg_available_extensions
    WHERE name IN ('uuid-ossp', 'vector') AND installed_version <> default_version
    ORDER BY name;
    IF NOT FOUND THEN
        RETURN QUERY VALUES ('ok', 'uuid-ossp and vector are of the version of their files', NULL::text);
    END IF;
END $$;

REVOKE ALL ON FUNCTION public.health_of_extensions() FROM PUBLIC;

COMMENT ON FUNCTION public.health_of_extensions() IS 'A check of schema_health(): whether the extensions are of the version of their files on the server.';
