-- What a text search looks at, by weight: name and type (A), keywords (B), description (C). For an index a
-- function must be immutable; array_to_string is declared stable only for types other than text.
CREATE OR REPLACE FUNCTION agent_document(name text, agent_type text, keywords text[], description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('english', name || ' ' || agent_type), 'A')
        || setweight(to_tsvector('english', array_to_string(keywords, ' ')), 'B')
        || setweight(to_tsvector('english', description), 'C');

COMMENT ON FUNCTION agent_document(text, text, text[], text) IS 'What search_agents_by_text looks at, by weight.';
