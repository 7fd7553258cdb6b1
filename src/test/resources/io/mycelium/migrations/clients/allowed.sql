insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, embedding)
select 'n', 'n', 'n', 'n', 'n', 'n', 'n', array_agg(g)::vector from generate_series(1, 384) g
returning id;

update agents set description = 'new', metadata = '{}' where agent_id = 'a';

delete from agents where agent_id = 'a';

truncate agents cascade;

select * from agents where name ilike '%a%' or 'a' = any (keywords) order by name limit 10;

select 1 - (embedding <=> embedding) from agents
order by embedding <=> (select embedding from agents limit 1) limit 10;

select * from search_agents((select array_agg(g)::vector(384) from generate_series(1, 384) g), 10);

select * from search_agents_by_text('a');

insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
select b.id, a.id, 'optional' from agents a, agents b where a.agent_id < b.agent_id;

insert into agent_usage (agent_id, status) select id, 'in_progress' from agents returning id;

insert into agent_usage (agent_id, status, completed_at, response_time_ms)
select id, 'completed', now(), 7 from agents;

update agent_usage set status = 'failed', completed_at = now();

select * from agent_statistics order by usage_count desc;

select refresh_agent_statistics();

insert into workflow_states (workflow_id, status) values ('w', 'paused')
on conflict (workflow_id) do update set status = excluded.status, version = workflow_states.version + 1;

delete from task_states where workflow_id = 'w1';

insert into task_states (workflow_id, task_id, agent_id, agent_type, status) values ('w1', 'new', 'a', 'a', 'ready');

select * from workflow_states where status = 'running' order by updated_at desc limit 10;

insert into workflow_state_history (workflow_id, version, state_snapshot) values ('w', 1, '{}')
on conflict (workflow_id, version) do nothing;

select state_snapshot from workflow_state_history where workflow_id = 'w' and version = 1;

insert into coordination_events (event_id, event_type, workflow_id, timestamp) values ('n', 'n', 'w', now());

select * from coordination_events where workflow_id = 'w' order by timestamp desc limit 10;

delete from coordination_events where workflow_id = 'w';
