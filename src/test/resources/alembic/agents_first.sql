-- agents of the first form, revision 45db6a6fd943.
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('45db6a6fd943');

CREATE TABLE schema_version (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now(), description text NOT NULL);
INSERT INTO schema_version (version, description) VALUES (1, 'registry and coordination');

CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id text NOT NULL UNIQUE,
    agent_type text NOT NULL UNIQUE,
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
    last_used_at timestamptz,
    CONSTRAINT valid_success_rate CHECK (success_rate >= 0 AND success_rate <= 100),
    CONSTRAINT valid_usage_count CHECK (usage_count >= 0)
);
ALTER TABLE agents ADD COLUMN embedding vector(384);
CREATE INDEX idx_agents_agent_type ON agents (agent_type);
CREATE INDEX idx_agents_category ON agents (category);
CREATE INDEX idx_agents_capabilities ON agents USING gin (capabilities);
CREATE INDEX idx_agents_tools ON agents USING gin (tools);
CREATE INDEX idx_agents_keywords ON agents USING gin (keywords);
CREATE INDEX idx_agents_created_at ON agents (created_at);
CREATE INDEX idx_agents_updated_at ON agents (updated_at);
CREATE INDEX idx_agents_embedding_hnsw ON agents USING hnsw (embedding vector_cosine_ops);
