CREATE OR REPLACE FUNCTION public.search_agents(query public.vector, how_many integer = 10, minimum_similarity double precision = '-1'::integer, in_category text = NULL::text) RETURNS TABLE(id uuid, agent_id text, agent_type text, name text, category text, description text, similarity double precision)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
DECLARE
    settings jsonb;
    before   jsonb;
BEGIN
    IF coalesce(query OPERATOR(public.<=>) query, 'NaN') = 'NaN' THEN -- which also loads pgvector, so that its settings are known below
        RETURN;
    ELSIF in_category IS NULL AND how_many <= 500 THEN
        -- On 50,000 real vectors at least 0.99 of the true nearest, whatever how_many (docs/semantic-search.md).
        settings = jsonb_build_object('hnsw.ef_search', least(60 + 2 * how_many, 1000), 'hnsw.iterative_scan', 'relaxed_order');
    ELSE
        settings = '{"enable_indexscan": "off"}';
    END IF;
    before = (SELECT jsonb_object_agg(key, current_setting(key)) FROM jsonb_object_keys(settings) key);
    PERFORM set_config(key, value, true) FROM jsonb_each_text(settings);

    RETURN QUERY
    SELECT nearest.*
    FROM (
        SELECT id, agent_id, agent_type, name, category, description, 1 - (embedding OPERATOR(public.<=>) query) AS similarity
        FROM public.agents
        WHERE embedding IS NOT NULL AND (in_category IS NULL OR category = in_category)
        ORDER BY embedding OPERATOR(public.<=>) query
        LIMIT how_many) nearest
    WHERE similarity >= minimum_similarity AND similarity <> 'NaN' -- to PostgreSQL NaN is more than every number
    ORDER BY similarity DESC;

    PERFORM set_config(key, value, true) FROM jsonb_each_text(before);
END $$;

COMMENT ON FUNCTION public.search_agents(query public.vector, how_many integer, minimum_similarity double precision, in_category text) IS 'The agents nearest in meaning to an embedding, with a least similarity, of one category or all.';
