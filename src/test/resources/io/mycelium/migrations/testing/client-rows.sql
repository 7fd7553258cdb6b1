insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, embedding,
    created_at, updated_at)
select 'agent-' || n, 'type-' || n, 'name-' || n, n, case when n % 15 = 0 then 'core' else 'other' end, 'Does ' || n, n,
    (select array_agg(sin(6.0 * n / 300 * d / 384) + cos(5.0 * (n * 7 % 300) / 300 * d / 384))
     from generate_series(1, 384) d)::vector,
    now() - interval '2 days', now() - interval '2 days'
from generate_series(1, 300) n;

insert into agent_usage (agent_id, workflow_id, status, invoked_at, completed_at, response_time_ms)
select id, uuid_generate_v4(), 'completed', now() - interval '2 days', now() - interval '2 days', n
from agents, generate_series(1, 5) n;

insert into workflow_states (workflow_id, status)
select 'seed-' || n, 'running' from generate_series(1, 200) n;

insert into task_states (workflow_id, task_id, agent_id, agent_type, status)
select workflow_id, n, 'agent-1', 'type-1', 'ready' from workflow_states, generate_series(1, 5) n;

insert into workflow_state_history (workflow_id, version, state_snapshot)
select workflow_id, 1, '{}' from workflow_states;

insert into coordination_events (event_id, event_type, workflow_id, task_id, timestamp, agent_id, error)
select 'seed-' || n, 'message', 'seed-' || n % 200, 't', now() - n * interval '1 s', 'agent-1',
    case when n % 10 = 0 then '{}'::jsonb end
from generate_series(1, 5000) n;

refresh materialized view agent_statistics;

vacuum analyze;
