-- The best of search_agents and search_agents_by_text in one ranking: each counts an agent 1 / (60 + its place), and the
-- sum decides (reciprocal rank fusion, with its authors' 60). The words as search_agents_by_text takes them, all of them
-- in an agent; where no agent has them all, the meaning alone decides. Each looks further than how_many, so that an agent
-- which both have lower down is found.
--
-- @schema@ becomes the schema of the tables, @vector@ that of pgvector, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE FUNCTION @schema@.search_agents_hybrid(
    words       text,
    embedding   @vector@.vector(384),
    how_many    integer DEFAULT 10,
    in_category text    DEFAULT NULL)
RETURNS TABLE (
    id               uuid,
    agent_id         text,
    agent_type       text,
    name             text,
    category         text,
    description      text,
    score            double precision,
    place_by_meaning bigint,
    similarity       double precision,
    place_by_words   bigint,
    rank             real)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH meaning AS (
        SELECT m.*, row_number() OVER (ORDER BY m.similarity DESC, m.name) AS place
        FROM @schema@.search_agents(embedding, 2 * how_many + 20, -1, in_category) m),
    said AS (
        SELECT s.*, row_number() OVER (ORDER BY s.rank DESC, s.name) AS place
        FROM @schema@.search_agents_by_text(words, 2 * how_many + 20, in_category) s)
    SELECT coalesce(m.id, s.id), coalesce(m.agent_id, s.agent_id), coalesce(m.agent_type, s.agent_type),
           coalesce(m.name, s.name), coalesce(m.category, s.category), coalesce(m.description, s.description),
           coalesce(1.0 / (60 + m.place), 0)::double precision + coalesce(1.0 / (60 + s.place), 0)::double precision AS score,
           m.place, m.similarity, s.place, s.rank
    FROM meaning m
    FULL JOIN said s ON s.id = m.id
    ORDER BY score DESC, m.similarity DESC NULLS LAST, 4
    LIMIT how_many
$$;

COMMENT ON FUNCTION @schema@.search_agents_hybrid(text, @vector@.vector, integer, text) IS 'The agents that match best by their words and by their meaning, in one ranking, with both parts of it.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@vector@', (SELECT pg_catalog.quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'));
END $do$;
