create view agent_names as select id, name from agents where name <> 'public.agents';
comment on view agent_names is 'Names.';
comment on column agent_names.id is 'Key.';
comment on column agent_names.name is 'Name.';
create view short_names as select name from agent_names where length(name) < 9;
comment on view short_names is 'Short.';
comment on column short_names.name is 'Name.';

drop materialized view agent_statistics;
create materialized view agent_statistics as select id, name from agents;
comment on materialized view agent_statistics is 'Fewer.';
comment on column agent_statistics.id is 'Key.';
comment on column agent_statistics.name is 'Name.';
create unique index agent_statistics_id_idx on agent_statistics (id);
comment on index agent_statistics_id_idx is 'WHERE id = ?';
