CREATE OR REPLACE FUNCTION public.search_agents_hybrid(words text, embedding public.vector, how_many integer = 10, in_category text = NULL::text) RETURNS TABLE(id uuid, agent_id text, agent_type text, name text, category text, description text, score double precision, place_by_meaning bigint, similarity double precision, place_by_words bigint, rank real)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH meaning AS (
        SELECT m.*, row_number() OVER (ORDER BY m.similarity DESC, m.name) AS place
        FROM public.search_agents(embedding, 2 * how_many + 20, -1, in_category) m),
    said AS (
        SELECT s.*, row_number() OVER (ORDER BY s.rank DESC, s.name) AS place
        FROM public.search_agents_by_text(words, 2 * how_many + 20, in_category) s)
    SELECT coalesce(m.id, s.id), coalesce(m.agent_id, s.agent_id), coalesce(m.agent_type, s.agent_type),
           coalesce(m.name, s.name), coalesce(m.category, s.category), coalesce(m.description, s.description),
           coalesce(1.0 / (60 + m.place), 0)::double precision + coalesce(1.0 / (60 + s.place), 0)::double precision AS score,
           m.place, m.similarity, s.place, s.rank
    FROM meaning m
    FULL JOIN said s ON s.id = m.id
    ORDER BY score DESC, m.similarity DESC NULLS LAST, 4
    LIMIT how_many
$$;

COMMENT ON FUNCTION public.search_agents_hybrid(words text, embedding public.vector, how_many integer, in_category text) IS 'The agents that match best by their words and by their meaning, in one ranking, with both parts of it.';
