-- What the role of a trial may do with each object; of an object on which it may do nothing there is one row.
select format('%s %s', case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end, relname),
       coalesce(privilege_type, '')
  from pg_class left join lateral aclexplode(relacl) rights on grantee = to_regrole('mycelium_trial')
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and relname !~ '^databasechangelog'
union all
select format('routine %s', oid::regprocedure), coalesce(privilege_type, '')
  from pg_proc left join lateral aclexplode(proacl) rights on grantee = to_regrole('mycelium_trial')
  where pronamespace = current_schema()::regnamespace and prokind <> 'a'
    and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')
union all
select format('type %s', t.oid::regtype), coalesce(privilege_type, '')
  from pg_type t left join lateral aclexplode(typacl) rights on grantee = to_regrole('mycelium_trial')
  where typnamespace = current_schema()::regnamespace and typelem = 0 and typtype in ('e', 'd', 'r', 'c')
    and not exists (select from pg_class c where c.oid = typrelid and relkind <> 'c')
