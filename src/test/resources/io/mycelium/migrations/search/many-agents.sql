-- Many agents to embed, and a table that notes each embedding.
insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
select n, n, n, n, 'c', 'Agent ' || n || ' answers questions about the number ' || n * n, 'f'
from generate_series(1, 3000) n;

create table embedded (id uuid);

create function note() returns trigger language plpgsql as $$
begin
  insert into embedded values (new.id);
  return new;
end $$;

create trigger note after update of embedding on agents for each row execute function note();
