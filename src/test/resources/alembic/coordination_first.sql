-- Coordination, history and events of the first form.
CREATE TABLE workflow_states (
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
CREATE INDEX idx_workflow_status ON workflow_states (status);

CREATE TABLE task_states (
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
    PRIMARY KEY (task_id, workflow_id)
);
CREATE INDEX idx_task_workflow ON task_states (workflow_id);
CREATE INDEX idx_task_status ON task_states (status);

CREATE TABLE workflow_state_history (
    id serial PRIMARY KEY,
    workflow_id text NOT NULL,
    version int NOT NULL,
    state_snapshot jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workflow_id, version)
);
CREATE INDEX idx_history_workflow ON workflow_state_history (workflow_id);

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
    performance jsonb
);
CREATE INDEX idx_events_workflow ON coordination_events (workflow_id, timestamp DESC);
CREATE INDEX idx_events_task ON coordination_events (task_id, timestamp DESC);
CREATE INDEX idx_events_agent ON coordination_events (agent_id, timestamp DESC);
CREATE INDEX idx_events_workflow_type ON coordination_events (workflow_id, event_type, timestamp DESC);
