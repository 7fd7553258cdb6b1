-- Makes empty tables as Alembic's revisions made them, in the schema legacy_alembic_form, for check_tables.sql to compare with. A table of
-- which there were several forms stands here several times, with a prefix.
DO $do$
BEGIN
    SET LOCAL client_min_messages = warning; -- an ivfflat index on no rows says that it is of little use
    EXECUTE replace(replace($create$
CREATE SCHEMA legacy_alembic_form;

CREATE TABLE legacy_alembic_form.alembic_version (version_num varchar(32) PRIMARY KEY);

CREATE TABLE legacy_alembic_form.schema_version (
    version int PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now(),
    description text NOT NULL
);

CREATE TABLE legacy_alembic_form.agents ( -- the later form has fewer constraints
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
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
    embedding @vector@.vector(384),
    CHECK (success_rate >= 0 AND success_rate <= 100),
    CHECK (usage_count >= 0)
);
CREATE INDEX ON legacy_alembic_form.agents (agent_id);
CREATE INDEX ON legacy_alembic_form.agents (agent_type);
CREATE INDEX ON legacy_alembic_form.agents (category);
CREATE INDEX ON legacy_alembic_form.agents (created_at);
CREATE INDEX ON legacy_alembic_form.agents (updated_at);
CREATE INDEX ON legacy_alembic_form.agents USING gin (capabilities);
CREATE INDEX ON legacy_alembic_form.agents USING gin (tools);
CREATE INDEX ON legacy_alembic_form.agents USING gin (keywords);
CREATE INDEX ON legacy_alembic_form.agents USING gin (metadata);
CREATE INDEX ON legacy_alembic_form.agents USING hnsw (embedding @vector@.vector_cosine_ops);
CREATE INDEX ON legacy_alembic_form.agents USING hnsw (embedding @vector@.vector_cosine_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX ON legacy_alembic_form.agents USING ivfflat (embedding @vector@.vector_l2_ops);

CREATE TABLE legacy_alembic_form.agent_dependencies (
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
    agent_id uuid NOT NULL REFERENCES legacy_alembic_form.agents ON DELETE CASCADE,
    depends_on_agent_id uuid NOT NULL REFERENCES legacy_alembic_form.agents ON DELETE CASCADE,
    dependency_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (agent_id, depends_on_agent_id),
    CHECK (agent_id <> depends_on_agent_id),
    CHECK (dependency_type IN ('required', 'optional', 'recommended'))
);
CREATE INDEX ON legacy_alembic_form.agent_dependencies (agent_id);
CREATE INDEX ON legacy_alembic_form.agent_dependencies (depends_on_agent_id);

CREATE TABLE legacy_alembic_form.agent_usage (
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
    agent_id uuid NOT NULL REFERENCES legacy_alembic_form.agents ON DELETE CASCADE,
    workflow_id uuid,
    session_id text,
    invoked_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    status text NOT NULL,
    response_time_ms int,
    task_description text,
    context_metadata jsonb DEFAULT '{}',
    error_message text,
    error_code text,
    CHECK (status IN ('in_progress', 'completed', 'failed', 'timeout')),
    CHECK (response_time_ms IS NULL OR response_time_ms >= 0)
);
CREATE INDEX ON legacy_alembic_form.agent_usage (agent_id);
CREATE INDEX ON legacy_alembic_form.agent_usage (workflow_id);
CREATE INDEX ON legacy_alembic_form.agent_usage (invoked_at);
CREATE INDEX ON legacy_alembic_form.agent_usage (status);

CREATE TABLE legacy_alembic_form.workflow_states (
    workflow_id text PRIMARY KEY,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    variables jsonb DEFAULT '{}',
    metadata jsonb DEFAULT '{}',
    error text,
    version int NOT NULL DEFAULT 1
);
CREATE INDEX ON legacy_alembic_form.workflow_states (status);
CREATE TABLE legacy_alembic_form.later_workflow_states (
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
    workflow_id text NOT NULL UNIQUE,
    state_type text NOT NULL,
    state_data jsonb DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON legacy_alembic_form.later_workflow_states (state_type);

CREATE TABLE legacy_alembic_form.task_states (
    task_id text NOT NULL,
    workflow_id text NOT NULL REFERENCES legacy_alembic_form.workflow_states ON DELETE CASCADE,
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
    PRIMARY KEY (task_id, workflow_id)
);
CREATE INDEX ON legacy_alembic_form.task_states (workflow_id);
CREATE INDEX ON legacy_alembic_form.task_states (status);
CREATE TABLE legacy_alembic_form.first_task_states (LIKE legacy_alembic_form.task_states);
ALTER TABLE legacy_alembic_form.first_task_states ALTER COLUMN dependencies SET DEFAULT ARRAY[]::text[];
CREATE TABLE legacy_alembic_form.later_task_states (
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
    task_id text NOT NULL UNIQUE,
    workflow_id text,
    status text NOT NULL,
    result_data jsonb,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON legacy_alembic_form.later_task_states (workflow_id);
CREATE INDEX ON legacy_alembic_form.later_task_states (status);

CREATE TABLE legacy_alembic_form.workflow_state_history (
    id serial PRIMARY KEY,
    workflow_id text NOT NULL,
    version int NOT NULL,
    state_snapshot jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workflow_id, version)
);
CREATE INDEX ON legacy_alembic_form.workflow_state_history (workflow_id);

CREATE TABLE legacy_alembic_form.coordination_events (
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
    performance jsonb
);
CREATE INDEX ON legacy_alembic_form.coordination_events (workflow_id, timestamp DESC);
CREATE INDEX ON legacy_alembic_form.coordination_events (task_id, timestamp DESC);
CREATE INDEX ON legacy_alembic_form.coordination_events (agent_id, timestamp DESC);
CREATE INDEX ON legacy_alembic_form.coordination_events (workflow_id, event_type, timestamp DESC);
CREATE INDEX ON legacy_alembic_form.coordination_events (workflow_id); -- this and the next four the application makes
CREATE INDEX ON legacy_alembic_form.coordination_events (task_id);
CREATE INDEX ON legacy_alembic_form.coordination_events (agent_id);
CREATE INDEX ON legacy_alembic_form.coordination_events (event_type);
CREATE INDEX ON legacy_alembic_form.coordination_events (timestamp);
CREATE TABLE legacy_alembic_form.later_coordination_events (
    id uuid PRIMARY KEY DEFAULT @uuid-ossp@.uuid_generate_v4(),
    workflow_id text NOT NULL,
    event_type text NOT NULL,
    event_data jsonb DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON legacy_alembic_form.later_coordination_events (workflow_id);
CREATE INDEX ON legacy_alembic_form.later_coordination_events (event_type);

CREATE FUNCTION legacy_alembic_form.update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER update_agents_updated_at BEFORE UPDATE ON legacy_alembic_form.agents
    FOR EACH ROW EXECUTE FUNCTION legacy_alembic_form.update_updated_at_column();
CREATE FUNCTION legacy_alembic_form.update_agent_metrics() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER update_agent_metrics_on_insert AFTER INSERT ON legacy_alembic_form.agent_usage
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed')) EXECUTE FUNCTION legacy_alembic_form.update_agent_metrics();
CREATE TRIGGER update_agent_metrics_on_update AFTER UPDATE ON legacy_alembic_form.agent_usage
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed') AND OLD.status = 'in_progress') EXECUTE FUNCTION legacy_alembic_form.update_agent_metrics();

CREATE MATERIALIZED VIEW legacy_alembic_form.agent_statistics AS
SELECT a.id, a.agent_type, a.name, a.category, a.usage_count, a.success_rate, a.avg_response_time_ms, a.last_used_at,
       0::bigint AS workflow_count, 0::bigint AS successful_invocations, 0::bigint AS failed_invocations,
       0::double precision AS p95_response_time_ms, 0::double precision AS p99_response_time_ms
FROM legacy_alembic_form.agents a, legacy_alembic_form.agent_usage u;
CREATE UNIQUE INDEX ON legacy_alembic_form.agent_statistics (id);
$create$, '@uuid-ossp@', (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'uuid-ossp')),
        '@vector@', (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'vector'));
END $do$;
