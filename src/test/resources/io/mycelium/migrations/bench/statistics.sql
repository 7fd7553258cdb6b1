-- agent_statistics as one writes it at first: join, then aggregate, each percentile sorted for itself.
CREATE MATERIALIZED VIEW plain_statistics AS
SELECT a.id, a.agent_type, a.name, a.category, a.usage_count, a.success_rate, a.avg_response_time_ms, a.last_used_at,
       count(DISTINCT u.workflow_id) AS workflow_count,
       count(*) FILTER (WHERE u.status = 'completed') AS successful_invocations,
       count(*) FILTER (WHERE u.status = 'failed') AS failed_invocations,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY u.response_time_ms) FILTER (WHERE u.status <> 'in_progress') AS p95_response_time_ms,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY u.response_time_ms) FILTER (WHERE u.status <> 'in_progress') AS p99_response_time_ms
FROM agents a LEFT JOIN agent_usage u ON u.agent_id = a.id
GROUP BY a.id;
CREATE UNIQUE INDEX ON plain_statistics (id);
