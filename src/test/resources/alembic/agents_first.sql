-- agents of the first form.
INSERT INTO schema_version (version, description) VALUES (1, 'registry and coordination');
ALTER TABLE agents
    ADD COLUMN embedding vector(384),
    ADD UNIQUE (agent_type),
    ADD CONSTRAINT valid_success_rate CHECK (success_rate >= 0 AND success_rate <= 100),
    ADD CONSTRAINT valid_usage_count CHECK (usage_count >= 0);
CREATE INDEX idx_agents_agent_type ON agents (agent_type);
CREATE INDEX idx_agents_category ON agents (category);
CREATE INDEX idx_agents_capabilities ON agents USING gin (capabilities);
CREATE INDEX idx_agents_tools ON agents USING gin (tools);
CREATE INDEX idx_agents_keywords ON agents USING gin (keywords);
CREATE INDEX idx_agents_created_at ON agents (created_at);
CREATE INDEX idx_agents_updated_at ON agents (updated_at);
CREATE INDEX idx_agents_embedding_hnsw ON agents USING hnsw (embedding vector_cosine_ops);
