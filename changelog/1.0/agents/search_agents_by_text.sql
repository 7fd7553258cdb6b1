-- The agents whose name, type, keywords and description hold the words, best match first. The words as in a web
-- search: all of them, "in this order", or, -without. Inflected forms match; parts of a word do not. @schema@ becomes the schema
-- of the tables, whatever the caller's search_path.
DO $do$
BEGIN
    EXECUTE pg_catalog.replace($create$
CREATE OR REPLACE FUNCTION @schema@.search_agents_by_text(
    query       text,
    how_many    integer DEFAULT 10,
    in_category text    DEFAULT NULL)
RETURNS TABLE (
    id          uuid,
    agent_id    text,
    agent_type  text,
    name        text,
    category    text,
    description text,
    rank        real)
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.agent_id, a.agent_type, a.name, a.category, a.description,
           ts_rank_cd(@schema@.agent_document(a.name, a.agent_type, a.keywords, a.description), words) AS rank
    FROM websearch_to_tsquery('english', query) words
    JOIN @schema@.agents a ON @schema@.agent_document(a.name, a.agent_type, a.keywords, a.description) @@ words
    WHERE in_category IS NULL OR a.category = in_category
    ORDER BY rank DESC, a.name
    LIMIT how_many
$$;

COMMENT ON FUNCTION @schema@.search_agents_by_text(text, integer, text) IS 'The agents whose name, type, keywords and description hold the words, best match first.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema()));
END $do$;
