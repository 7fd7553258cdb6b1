CREATE OR REPLACE FUNCTION public.note_embedding_of() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NEW.embedding IS NULL THEN
        NEW.embedding_of = NULL;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.embedding_of = coalesce(NEW.embedding_of, sha256(convert_to(NEW.description, 'UTF8')));
    ELSIF NEW.embedding::text IS DISTINCT FROM OLD.embedding::text THEN
        NEW.embedding_of = sha256(convert_to(NEW.description, 'UTF8'));
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.note_embedding_of() IS 'Trigger of agents: notes which description an embedding was computed from.';
