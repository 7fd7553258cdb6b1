alter table agents set (fillfactor = 90);
alter table agent_usage set (autovacuum_vacuum_scale_factor = 0.05);
alter table workflow_states enable row level security;
create policy mine on workflow_states using (true);
alter table agent_dependencies force row level security;
alter table task_states replica identity full;
alter table agents cluster on agents_name_idx;
create rule kept as on delete to coordination_events do instead nothing;
alter table agent_usage disable trigger agent_usage_metrics_truncate;
drop trigger agent_usage_metrics_delete on agent_usage;
create or replace trigger agents_touch_updated_at before update of name on agents
  for each row execute function touch_updated_at();
create statistics agents_statistics_name on name, category from agents;
revoke truncate on agents from public;
grant select (id, name) on agents to public;
