-- What a text search looks at, by weight: name and type (A), keywords (B), description (C). For an index a
-- function must be immutable; array_to_string is declared stable only for types other than text. Its names are looked
-- up here and now, not when it is called.
CREATE OR REPLACE FUNCTION agent_document(name text, agent_type text, keywords text[], description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pg_catalog.setweight(pg_catalog.to_tsvector('english', name || ' ' || agent_type), 'A')
        || pg_catalog.setweight(pg_catalog.to_tsvector('english', pg_catalog.array_to_string(keywords, ' ')), 'B')
        || pg_catalog.setweight(pg_catalog.to_tsvector('english', description), 'C');

COMMENT ON FUNCTION agent_document(text, text, text[], text) IS 'What search_agents_by_text looks at, by weight.';
