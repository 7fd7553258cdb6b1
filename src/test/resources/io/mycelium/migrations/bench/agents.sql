-- A thousand agents whose id tells their number, as wide as real ones: a description of a few sentences, half a
-- dozen capabilities, tools and keywords, an embedding.
INSERT INTO agents (id, agent_id, agent_type, name, display_name, category, description, file_path, capabilities, tools, keywords, embedding)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'agent-' || n, 'type-' || n, 'Agent ' || n, 'Agent ' || n,
       'category-' || n % 20, (SELECT string_agg(md5((n * k)::text), ' ') FROM generate_series(1, 10) k), 'agents/' || n || '.md',
       (SELECT array_agg('capability-' || n * k % 50) FROM generate_series(1, 6) k),
       (SELECT array_agg('tool-' || n * k % 10) FROM generate_series(1, 6) k),
       (SELECT array_agg('keyword-' || n * k % 100) FROM generate_series(1, 6) k),
       (SELECT array_agg(random() - 0.5) FROM generate_series(1, 384) WHERE n > 0)::vector
FROM generate_series(1, 1000) n;
VACUUM ANALYZE agents;
