-- The design that ours is compared with: what one writes at first. Row-level triggers with a running average,
-- updated_at moved and indexed with every use, an index for each column.
CREATE EXTENSION "uuid-ossp";
CREATE EXTENSION vector;

CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id text NOT NULL UNIQUE,
    agent_type text NOT NULL UNIQUE,
    name text NOT NULL,
    display_name text NOT NULL,
    category text NOT NULL,
    description text NOT NULL,
    file_path text NOT NULL,
    capabilities text[] DEFAULT '{}',
    tools text[] DEFAULT '{}',
    keywords text[] DEFAULT '{}',
    embedding vector(384),
    estimated_tokens int,
    metadata jsonb DEFAULT '{}',
    avg_response_time_ms int DEFAULT 0,
    success_rate numeric(5,2) DEFAULT 0,
    usage_count int DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz);
CREATE INDEX ON agents (agent_type);
CREATE INDEX ON agents (category);
CREATE INDEX ON agents (created_at);
CREATE INDEX ON agents (updated_at);
CREATE INDEX ON agents USING gin (capabilities);
CREATE INDEX ON agents USING gin (tools);
CREATE INDEX ON agents USING gin (keywords);
CREATE INDEX ON agents USING hnsw (embedding vector_cosine_ops);

CREATE TABLE agent_usage (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    workflow_id uuid,
    session_id text,
    invoked_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    status text NOT NULL CHECK (status IN ('in_progress', 'completed', 'failed', 'timeout')),
    response_time_ms int,
    task_description text,
    context_metadata jsonb DEFAULT '{}',
    error_message text,
    error_code text);
CREATE INDEX ON agent_usage (agent_id);
CREATE INDEX ON agent_usage (workflow_id);
CREATE INDEX ON agent_usage (invoked_at);
CREATE INDEX ON agent_usage (status);

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION touch();

CREATE FUNCTION count_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agents
    SET usage_count = usage_count + 1,
        avg_response_time_ms = (avg_response_time_ms::bigint * usage_count + coalesce(NEW.response_time_ms, 0)) / (usage_count + 1),
        success_rate = (success_rate * usage_count + CASE NEW.status WHEN 'completed' THEN 100 ELSE 0 END) / (usage_count + 1),
        last_used_at = NEW.completed_at
    WHERE id = NEW.agent_id;
    RETURN NEW;
END $$;
CREATE TRIGGER count_usage AFTER INSERT ON agent_usage FOR EACH ROW EXECUTE FUNCTION count_usage();

CREATE TABLE workflow_states (
    workflow_id text PRIMARY KEY,
    status text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    variables jsonb DEFAULT '{}',
    metadata jsonb DEFAULT '{}',
    error text,
    version int NOT NULL DEFAULT 1);
CREATE INDEX ON workflow_states (status);
CREATE INDEX ON workflow_states (updated_at);

CREATE TABLE task_states (
    id serial PRIMARY KEY,
    task_id text NOT NULL,
    workflow_id text NOT NULL REFERENCES workflow_states ON DELETE CASCADE,
    agent_id text NOT NULL,
    agent_type text NOT NULL,
    status text NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    execution_time double precision,
    result jsonb,
    error jsonb,
    retry_count int DEFAULT 0,
    dependencies text[] DEFAULT '{}',
    UNIQUE (task_id, workflow_id));
CREATE INDEX ON task_states (workflow_id);
CREATE INDEX ON task_states (agent_id);
CREATE INDEX ON task_states (status);

CREATE TABLE workflow_state_history (
    id serial PRIMARY KEY,
    workflow_id text NOT NULL,
    version int NOT NULL,
    state_snapshot jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workflow_id, version));
CREATE INDEX ON workflow_state_history (workflow_id);

-- Events with four composite btrees, which serve the same queries.
CREATE TABLE coordination_events (
    event_id text PRIMARY KEY,
    event_type text NOT NULL,
    workflow_id text NOT NULL,
    task_id text,
    timestamp timestamptz NOT NULL,
    agent_id text,
    agent_type text,
    source_agent jsonb,
    target_agent jsonb,
    status text,
    duration_ms double precision,
    error jsonb,
    metadata jsonb,
    context jsonb,
    performance jsonb);
CREATE INDEX ON coordination_events (workflow_id, timestamp DESC);
CREATE INDEX ON coordination_events (workflow_id, event_type, timestamp DESC);
CREATE INDEX ON coordination_events (task_id, timestamp DESC);
CREATE INDEX ON coordination_events (agent_id, timestamp DESC);
