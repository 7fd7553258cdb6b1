-- Who writes another embedding has computed it from the description that the row then has. The value counts, not the SET
-- list: a client that writes the whole row back sets an embedding that it has not computed. As text, since pgvector's
-- operators stand in a schema that only the installation knows. An insert that gives the hash too, as a dump does, knows better.
CREATE OR REPLACE FUNCTION note_embedding_of() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
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

COMMENT ON FUNCTION note_embedding_of() IS 'Trigger of agents: notes which description an embedding was computed from.';
