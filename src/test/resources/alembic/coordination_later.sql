-- Coordination and events of the later form, which has no history.
CREATE TABLE workflow_states (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    workflow_id text NOT NULL UNIQUE,
    state_type text NOT NULL,
    state_data jsonb DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_workflow_states_state_type ON workflow_states (state_type);

CREATE TABLE task_states (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    task_id text NOT NULL UNIQUE,
    workflow_id text,
    status text NOT NULL,
    result_data jsonb,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_task_states_workflow_id ON task_states (workflow_id);
CREATE INDEX ix_task_states_status ON task_states (status);

CREATE TABLE coordination_events (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    workflow_id text NOT NULL,
    event_type text NOT NULL,
    event_data jsonb DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_coordination_events_workflow_id ON coordination_events (workflow_id);
CREATE INDEX ix_coordination_events_event_type ON coordination_events (event_type);
