-- The agents nearest in meaning to an embedding, most similar first. The threshold cuts the nearest ones off
-- afterwards: inside the index scan it would drive the scan on through the whole index for rows that cannot come.
-- Up to 500 agents come from the HNSW index; more, or those of one category, from an exact scan, since the index
-- finds the far ones badly and knows no category. What is set for that is set back at the end. A vector of zeros has no
-- direction, so it is like nothing: as a query it finds no agent, and as an embedding it is never found.
--
-- @schema@ becomes the schema of the tables, @vector@ that of pgvector, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace(pg_catalog.replace($create$
CREATE OR REPLACE FUNCTION @schema@.search_agents(
    query              @vector@.vector(384),
    how_many           integer          DEFAULT 10,
    minimum_similarity double precision DEFAULT -1,
    in_category        text             DEFAULT NULL)
RETURNS TABLE (
    id          uuid,
    agent_id    text,
    agent_type  text,
    name        text,
    category    text,
    description text,
    similarity  double precision)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_custom_plan -- a plan for each call, since what is set below decides it
AS $$
#variable_conflict use_column
DECLARE
    settings jsonb;
    before   jsonb;
BEGIN
    IF coalesce(query OPERATOR(@vector@.<=>) query, 'NaN') = 'NaN' THEN -- which also loads pgvector, so that its settings are known below
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
        SELECT id, agent_id, agent_type, name, category, description, 1 - (embedding OPERATOR(@vector@.<=>) query) AS similarity
        FROM @schema@.agents
        WHERE embedding IS NOT NULL AND (in_category IS NULL OR category = in_category)
        ORDER BY embedding OPERATOR(@vector@.<=>) query
        LIMIT how_many) nearest
    WHERE similarity >= minimum_similarity AND similarity <> 'NaN' -- to PostgreSQL NaN is more than every number
    ORDER BY similarity DESC;

    PERFORM set_config(key, value, true) FROM jsonb_each_text(before);
END $$;

COMMENT ON FUNCTION @schema@.search_agents(@vector@.vector, integer, double precision, text) IS 'The agents nearest in meaning to an embedding, with a least similarity, of one category or all.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema())),
        '@vector@', (SELECT pg_catalog.quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'));
END $do$;
