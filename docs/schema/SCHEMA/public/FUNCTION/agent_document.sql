CREATE OR REPLACE FUNCTION public.agent_document(name text, agent_type text, keywords text[], description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((setweight(to_tsvector('english'::regconfig, ((name || ' '::text) || agent_type)), 'A'::"char") || setweight(to_tsvector('english'::regconfig, array_to_string(keywords, ' '::text)), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, description), 'C'::"char"));

COMMENT ON FUNCTION public.agent_document(name text, agent_type text, keywords text[], description text) IS 'What search_agents_by_text looks at, by weight.';
