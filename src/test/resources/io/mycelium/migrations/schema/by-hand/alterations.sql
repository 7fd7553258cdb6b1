alter table coordination_events alter column status type varchar(99), alter column status set default 'x';
alter table task_states alter column retry_count drop not null, alter column retry_count drop default;
alter table agents alter column description set storage external, alter column description set statistics 500;
alter table agents alter column file_path set (n_distinct = 5);
comment on column agents.name is 'Another meaning.';
comment on table agents is null;
