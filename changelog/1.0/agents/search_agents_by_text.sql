-- The agents whose name, type, keywords and description hold the words, best match first. The words as in a web
-- search: all of them, "in this order", or, -without. Inflected forms match; parts of a word do not. @schema@ becomes the schema
-- of the tables. No SET search_path, with which it could not be inlined: every name says where it stands.
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
AS $$
    SELECT a.id, a.agent_id, a.agent_type, a.name, a.category, a.description,
           pg_catalog.ts_rank_cd(@schema@.agent_document(a.name, a.agent_type, a.keywords, a.description), words) AS rank
    FROM pg_catalog.websearch_to_tsquery('english', query) words
    JOIN @schema@.agents a ON @schema@.agent_document(a.name, a.agent_type, a.keywords, a.description) OPERATOR(pg_catalog.@@) words
    WHERE in_category IS NULL OR a.category OPERATOR(pg_catalog.=) in_category
    ORDER BY rank DESC, a.name
    LIMIT how_many
$$;

COMMENT ON FUNCTION @schema@.search_agents_by_text(text, integer, text) IS 'The agents whose name, type, keywords and description hold the words, best match first.';
$create$, '@schema@', pg_catalog.quote_ident(pg_catalog.current_schema()));
END $do$;
