-- Dependencies, usage, their triggers and the statistics: in the first form and at the later form's head.
CREATE TABLE agent_dependencies (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    depends_on_agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
    dependency_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (agent_id, depends_on_agent_id),
    CONSTRAINT no_self_dependency CHECK (agent_id <> depends_on_agent_id),
    CONSTRAINT valid_dependency_type CHECK (dependency_type IN ('required', 'optional', 'recommended'))
);
CREATE INDEX idx_agent_dependencies_agent_id ON agent_dependencies (agent_id);
CREATE INDEX idx_agent_dependencies_depends_on ON agent_dependencies (depends_on_agent_id);

CREATE TABLE agent_usage (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_id uuid NOT NULL REFERENCES agents ON DELETE CASCADE,
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
    CONSTRAINT valid_status CHECK (status IN ('in_progress', 'completed', 'failed', 'timeout')),
    CONSTRAINT valid_response_time CHECK (response_time_ms IS NULL OR response_time_ms >= 0)
);
CREATE INDEX idx_agent_usage_agent_id ON agent_usage (agent_id);
CREATE INDEX idx_agent_usage_workflow_id ON agent_usage (workflow_id);
CREATE INDEX idx_agent_usage_invoked_at ON agent_usage (invoked_at);
CREATE INDEX idx_agent_usage_status ON agent_usage (status);

CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER update_agents_updated_at BEFORE UPDATE ON agents
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

-- Counts no timeout, and lets the mean drift; here only so far that its figures are wrong as the old ones were.
CREATE FUNCTION update_agent_metrics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agents
    SET usage_count = usage_count + 1,
        last_used_at = NEW.completed_at,
        avg_response_time_ms = coalesce((avg_response_time_ms + NEW.response_time_ms) / 2, NEW.response_time_ms, avg_response_time_ms),
        success_rate = CASE NEW.status WHEN 'completed' THEN 100 ELSE 0 END
    WHERE id = NEW.agent_id;
    RETURN NEW;
END $$;
CREATE TRIGGER update_agent_metrics_on_insert AFTER INSERT ON agent_usage
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed')) EXECUTE FUNCTION update_agent_metrics();
CREATE TRIGGER update_agent_metrics_on_update AFTER UPDATE ON agent_usage
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'failed') AND OLD.status = 'in_progress') EXECUTE FUNCTION update_agent_metrics();

CREATE MATERIALIZED VIEW agent_statistics AS
SELECT a.id, a.agent_type, a.name, a.category, a.usage_count, a.success_rate, a.avg_response_time_ms, a.last_used_at,
       count(DISTINCT u.workflow_id) AS workflow_count,
       count(*) FILTER (WHERE u.status = 'completed') AS successful_invocations,
       count(*) FILTER (WHERE u.status = 'failed') AS failed_invocations,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY u.response_time_ms) AS p95_response_time_ms,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY u.response_time_ms) AS p99_response_time_ms
FROM agents a LEFT JOIN agent_usage u ON u.agent_id = a.id
GROUP BY a.id;
CREATE UNIQUE INDEX idx_agent_statistics_id ON agent_statistics (id);
