-- A role that may do everything with all that is there, so that a trial shows which rights would be lost.
do $$
declare
  object record;
begin
  if not exists (select from pg_roles where rolname = 'mycelium_trial') then
    create role mycelium_trial;
  end if;
  for object in select oid::regclass as name, relkind from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S') loop
    execute format('grant all on %s %s to mycelium_trial', case object.relkind when 'S' then 'sequence' else 'table' end, object.name);
  end loop;
  for object in select format('routine %s', oid::regprocedure) as name from pg_proc where pronamespace = current_schema()::regnamespace
      and prokind <> 'a' and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')
      union all select format('type %s', oid::regtype) from pg_type t
        where typnamespace = current_schema()::regnamespace and typelem = 0 and typtype in ('e', 'd', 'r', 'c')
          and not exists (select from pg_class c where c.oid = typrelid and relkind <> 'c') loop
    execute format('grant all on %s to mycelium_trial', object.name);
  end loop;
end $$
