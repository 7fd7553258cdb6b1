-- Agents of every kind: with every column filled, with nulls where they were allowed, and with figures.
INSERT INTO agents (agent_id, agent_type, name, display_name, category, description, file_path, capabilities, tools, keywords,
    estimated_tokens, metadata, avg_response_time_ms, success_rate, usage_count, created_at, updated_at, last_used_at)
SELECT 'agent-' || n, 'type-' || n, 'name ' || n, 'Name ' || n, 'category ' || n % 3, 'describes ' || n, n || '.md',
    ARRAY['can ' || n], ARRAY['tool ' || n], ARRAY['word ' || n], 100 * n, jsonb_build_object('n', n),
    NULL, NULL, 0, '2025-01-01'::timestamptz + n * interval '1 hour', '2025-02-01'::timestamptz + n * interval '1 hour', NULL
FROM generate_series(1, 20) n;
INSERT INTO agents (agent_id, agent_type, name, display_name, category, description, file_path, capabilities, tools, keywords, metadata, usage_count)
VALUES ('nulls', 'nulls', 'n', 'n', 'n', 'n', 'n', NULL, NULL, NULL, NULL, NULL);
INSERT INTO agents (agent_id, agent_type, name, display_name, category, description, file_path, usage_count, success_rate, avg_response_time_ms, last_used_at)
VALUES ('figures', 'figures', 'f', 'f', 'f', 'f', 'f', 40, 97.50, 1234, '2025-03-01'),
       ('maximum', 'maximum', 'm', 'm', 'm', 'm', 'm', 2147483647, 33.33, 2147483647, '2025-03-01');
