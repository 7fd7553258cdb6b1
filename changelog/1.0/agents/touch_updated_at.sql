CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$;

COMMENT ON FUNCTION touch_updated_at() IS 'Trigger: sets updated_at to now.';
