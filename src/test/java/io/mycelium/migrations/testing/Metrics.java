package io.mycelium.migrations.testing;

/** What clients' metrics ought to be. */
public final class Metrics {

  /** Asks for the agents whose metrics are not those of their usage. The benchmark asks this, too. */
  public static final String WRONG = """
      select a.agent_id || ': ' || concat_ws(' ', a.usage_count, a.success_rate, a.avg_response_time_ms, a.last_used_at)
             || ' but truly ' || concat_ws(' ', u.finished, u.rate, u.mean, u.latest)
      from agents a left join (
        select agent_id, count(*) as finished,
               round(100.0 * count(*) filter (where status = 'completed') / count(*), 2) as rate,
               round(avg(response_time_ms)) as mean, max(completed_at) as latest
        from agent_usage where status <> 'in_progress' group by agent_id) u on u.agent_id = a.id
      where (a.usage_count, a.success_rate, a.avg_response_time_ms::numeric, a.last_used_at)
        is distinct from (coalesce(u.finished, 0), u.rate, u.mean, u.latest)""";

  private Metrics() {}
}
