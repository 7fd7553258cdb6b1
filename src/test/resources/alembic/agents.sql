-- What the first and the later form have in common; both have the revision 45db6a6fd943.
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
