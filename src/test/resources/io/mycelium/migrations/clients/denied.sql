create table mine (a int);

create schema mine;

create function mine() returns int language sql as 'select 1';

alter table agents add column mine int;

alter table agents disable trigger all;

drop table agent_usage;

drop index agents_name_idx;

drop materialized view agent_statistics;

create index mine on agents (description);

create trigger mine before insert on agents for each row execute function touch_updated_at();

create or replace function maintain_agent_metrics() returns trigger language plpgsql
as $$ begin return null; end $$;

refresh materialized view agent_statistics;

delete from agent_usage;

update workflow_state_history set state_snapshot = '{}';

delete from workflow_state_history;

truncate workflow_state_history;

update coordination_events set status = 'rewritten';

truncate coordination_events;

truncate workflow_states cascade;

select * from databasechangelog;

insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype)
values ('x', 'x', 'x', now(), 1, 'EXECUTED');

update databasechangelog set tag = 'mine';

delete from databasechangelog;

drop table databasechangelog;

call grant_application_role('app_role');

call revoke_application_role('app_role');

select * from schema_health();

alter table agents owner to app_role;

do $$ begin execute format('alter database %I set hnsw.ef_search = 1', current_database()); end $$;

drop extension vector;
