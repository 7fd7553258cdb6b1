-- agents of the later form, which has the same revision 45db6a6fd943.
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('45db6a6fd943');

CREATE TABLE schema_version (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now(), description text NOT NULL);

CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id text NOT NULL UNIQUE,
    agent_type text NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    category text NOT NULL,
    description text NOT NULL,
    capabilities text[] DEFAULT '{}',
    tools text[] DEFAULT '{}',
    keywords text[] DEFAULT '{}',
    file_path text NOT NULL,
    estimated_tokens int,
    metadata jsonb DEFAULT '{}',
    avg_response_time_ms int,
    success_rate numeric(5,2),
    usage_count int DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
ALTER TABLE agents ADD COLUMN embedding vector(1536);
CREATE INDEX ix_agents_agent_id ON agents (agent_id);
CREATE INDEX ix_agents_agent_type ON agents (agent_type);
CREATE INDEX ix_agents_category ON agents (category);
CREATE INDEX idx_agent_capabilities ON agents USING gin (capabilities);
CREATE INDEX idx_agent_tools ON agents USING gin (tools);
CREATE INDEX idx_agent_keywords ON agents USING gin (keywords);
CREATE INDEX idx_agent_metadata ON agents USING gin (metadata);
CREATE INDEX idx_agent_embedding ON agents USING ivfflat (embedding vector_l2_ops);
