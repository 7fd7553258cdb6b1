CREATE OR REPLACE FUNCTION public.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.touch_updated_at() IS 'Trigger: sets updated_at to now.';
