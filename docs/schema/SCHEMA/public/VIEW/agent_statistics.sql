CREATE MATERIALIZED VIEW public.agent_statistics AS
	SELECT a.id,
    a.agent_type,
    a.name,
    a.category,
    a.usage_count,
    a.success_rate,
    a.avg_response_time_ms,
    a.last_used_at,
    COALESCE(u.workflow_count, (0)::bigint) AS workflow_count,
    COALESCE(u.successful_invocations, (0)::bigint) AS successful_invocations,
    COALESCE(u.failed_invocations, (0)::bigint) AS failed_invocations,
    u.percentiles[1] AS p95_response_time_ms,
    u.percentiles[2] AS p99_response_time_ms
   FROM (public.agents a
     LEFT JOIN ( SELECT agent_usage.agent_id,
            count(DISTINCT agent_usage.workflow_id) AS workflow_count,
            count(*) FILTER (WHERE (agent_usage.status = 'completed'::text)) AS successful_invocations,
            count(*) FILTER (WHERE (agent_usage.status = 'failed'::text)) AS failed_invocations,
            percentile_cont(ARRAY[(0.95)::double precision, (0.99)::double precision]) WITHIN GROUP (ORDER BY ((agent_usage.response_time_ms)::double precision)) FILTER (WHERE (agent_usage.status <> 'in_progress'::text)) AS percentiles
           FROM public.agent_usage
          GROUP BY agent_usage.agent_id) u ON ((u.agent_id = a.id)))
WITH DATA;

COMMENT ON MATERIALIZED VIEW public.agent_statistics IS 'One row an agent, as of the last REFRESH MATERIALIZED VIEW CONCURRENTLY.';

COMMENT ON COLUMN public.agent_statistics.id IS 'agents.id.';

COMMENT ON COLUMN public.agent_statistics.agent_type IS 'agents.agent_type.';

COMMENT ON COLUMN public.agent_statistics.name IS 'agents.name.';

COMMENT ON COLUMN public.agent_statistics.category IS 'agents.category.';

COMMENT ON COLUMN public.agent_statistics.usage_count IS 'agents.usage_count.';

COMMENT ON COLUMN public.agent_statistics.success_rate IS 'agents.success_rate, percent.';

COMMENT ON COLUMN public.agent_statistics.avg_response_time_ms IS 'agents.avg_response_time_ms, milliseconds.';

COMMENT ON COLUMN public.agent_statistics.last_used_at IS 'agents.last_used_at.';

COMMENT ON COLUMN public.agent_statistics.workflow_count IS 'Distinct workflows that invoked the agent.';

COMMENT ON COLUMN public.agent_statistics.successful_invocations IS 'Invocations completed.';

COMMENT ON COLUMN public.agent_statistics.failed_invocations IS 'Invocations failed; one that timed out is not among them.';

COMMENT ON COLUMN public.agent_statistics.p95_response_time_ms IS '95th percentile (continuous) of finished invocations, milliseconds.';

COMMENT ON COLUMN public.agent_statistics.p99_response_time_ms IS '99th percentile (continuous) of finished invocations, milliseconds.';

--------------------------------------------------------------------------------

CREATE UNIQUE INDEX agent_statistics_id_idx ON public.agent_statistics USING btree (id);

COMMENT ON INDEX public.agent_statistics_id_idx IS 'REFRESH MATERIALIZED VIEW CONCURRENTLY; WHERE id = ?';
