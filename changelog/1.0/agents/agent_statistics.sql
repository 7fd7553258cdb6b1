-- Aggregated before the join, and both percentiles from one sort.
CREATE MATERIALIZED VIEW IF NOT EXISTS agent_statistics AS
SELECT a.id,
       a.agent_type,
       a.name,
       a.category,
       a.usage_count,
       a.success_rate,
       a.avg_response_time_ms,
       a.last_used_at,
       coalesce(u.workflow_count, 0)         AS workflow_count,
       coalesce(u.successful_invocations, 0) AS successful_invocations,
       coalesce(u.failed_invocations, 0)     AS failed_invocations,
       u.percentiles[1]                      AS p95_response_time_ms,
       u.percentiles[2]                      AS p99_response_time_ms
FROM agents a
LEFT JOIN (
    SELECT agent_id,
           pg_catalog.count(DISTINCT workflow_id)       AS workflow_count,
           count(*) FILTER (WHERE status = 'completed') AS successful_invocations,
           count(*) FILTER (WHERE status = 'failed')    AS failed_invocations,
           pg_catalog.percentile_cont(ARRAY[0.95::double precision, 0.99::double precision]) WITHIN GROUP (ORDER BY response_time_ms::double precision)
               FILTER (WHERE status <> 'in_progress')   AS percentiles
    FROM agent_usage
    GROUP BY agent_id) u ON u.agent_id = a.id
