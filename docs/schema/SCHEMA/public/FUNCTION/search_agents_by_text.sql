CREATE OR REPLACE FUNCTION public.search_agents_by_text(query text, how_many integer = 10, in_category text = NULL::text) RETURNS TABLE(id uuid, agent_id text, agent_type text, name text, category text, description text, rank real)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT a.id, a.agent_id, a.agent_type, a.name, a.category, a.description,
           pg_catalog.ts_rank_cd(public.agent_document(a.name, a.agent_type, a.keywords, a.description), words) AS rank
    FROM pg_catalog.websearch_to_tsquery('english', query) words
    JOIN public.agents a ON public.agent_document(a.name, a.agent_type, a.keywords, a.description) OPERATOR(pg_catalog.@@) words
    WHERE in_category IS NULL OR a.category OPERATOR(pg_catalog.=) in_category
    ORDER BY rank DESC, a.name
    LIMIT how_many
$$;

COMMENT ON FUNCTION public.search_agents_by_text(query text, how_many integer, in_category text) IS 'The agents whose name, type, keywords and description hold the words, best match first.';
