-- What PostgreSQL does without our triggers.
DROP TRIGGER agent_usage_metrics_insert ON agent_usage;
DROP TRIGGER agent_usage_metrics_delete ON agent_usage;
DROP TRIGGER agent_usage_metrics_update ON agent_usage;
DROP TRIGGER agent_usage_metrics_truncate ON agent_usage;
