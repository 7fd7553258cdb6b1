-- agents of the later form.
ALTER TABLE agents ADD COLUMN embedding vector(1536);
CREATE INDEX ix_agents_agent_id ON agents (agent_id);
CREATE INDEX ix_agents_agent_type ON agents (agent_type);
CREATE INDEX ix_agents_category ON agents (category);
CREATE INDEX idx_agent_capabilities ON agents USING gin (capabilities);
CREATE INDEX idx_agent_tools ON agents USING gin (tools);
CREATE INDEX idx_agent_keywords ON agents USING gin (keywords);
CREATE INDEX idx_agent_metadata ON agents USING gin (metadata);
CREATE INDEX idx_agent_embedding ON agents USING ivfflat (embedding vector_l2_ops);
