-- What PostgreSQL does without our triggers.
DROP TRIGGER agent_usage_metrics_insert ON agent_usage;
DROP TRIGGER agent_usage_metrics_delete ON agent_usage;
DROP TRIGGER agent_usage_metrics_update_1 ON agent_usage;
DROP TRIGGER agent_usage_metrics_update_2 ON agent_usage;
DROP TRIGGER agent_usage_metrics_truncate ON agent_usage;
