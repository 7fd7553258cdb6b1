create table teams (id bigint primary key);
comment on table teams is 'Teams.';
comment on column teams.id is 'Key.';

alter table agents add column team bigint;
comment on column agents.team is 'Its team.';
alter table agents add constraint agents_team_fkey foreign key (team) references teams;
alter table agents add constraint agents_name_key unique (name);
alter table agents add constraint agents_name_check check (name <> 'public.x');
alter table coordination_events alter column agent_type set not null;

create index agents_team_idx on agents (team) where team > 0;
comment on index agents_team_idx is 'WHERE team = ?';
drop index agents_name_idx;
create index agents_name_idx on agents using hash (name);
comment on index agents_name_idx is 'WHERE name = ?';
drop index agents_tools_idx;

alter table agent_dependencies drop constraint agent_dependencies_not_itself_check;
alter table workflow_states
  drop constraint workflow_states_status_check,
  add constraint workflow_states_status_check check (status <> '');
