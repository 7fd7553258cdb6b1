-- Writes the query for every object of the current schema and of the database as a whole, whatever its kind. A row is the catalog that
-- holds it, and its kind and name, once as pgCodeKeeper has them and once as PostgreSQL has them.
select $$
select relname,
       pg_catalog.concat_ws(' ', case when typtype = 'd' then 'domain' else pg_catalog.replace(kind, '-', ' ') end,
         case kind
           when 'type' then typname
           when 'cast' then pg_catalog.btrim(pg_catalog.replace(identity, 'pg_catalog.', ''), '()')
           when 'user mapping' then pg_catalog.replace(identity, ' on server ', ' SERVER ')
           else names[pg_catalog.cardinality(names)]
         end),
       kind || ' ' || pg_catalog.replace(pg_catalog.replace(identity, 'pg_catalog.', ''),
         pg_catalog.quote_ident(current_schema()) || '.', '')
  from ($$ || pg_catalog.string_agg(pg_catalog.format('select tableoid, oid from pg_catalog.%I where oid >= 16384%s', relname,
      (select pg_catalog.format(' and %I = pg_catalog.quote_ident(current_schema())::regnamespace', fkcols[1])
        from pg_catalog.pg_get_catalog_foreign_keys()
        where fktable = c.oid and pktable = 'pg_namespace'::regclass)), ' union all ') || $$) object (classid, objid)
       cross join lateral pg_catalog.pg_identify_object(classid, objid, 0) identified (kind, schema, unique_name, identity)
       cross join lateral pg_catalog.pg_identify_object_as_address(classid, objid, 0) address (kind_there, names, arguments)
       join pg_catalog.pg_class on pg_class.oid = classid
       left join pg_catalog.pg_type on classid = 'pg_type'::regclass and pg_type.oid = objid
  where not exists ( -- it is neither a member of an extension nor part of another object, as an operator class is not of its family
    select from pg_catalog.pg_depend d
      where d.classid = object.classid and d.objid = object.objid and d.objsubid = 0
        and (deptype in ('e', 'i', 'P', 'S') or deptype = 'a' and d.classid <> 'pg_opclass'::regclass))
    and not (classid = 'pg_class'::regclass and names[pg_catalog.cardinality(names)] in ('databasechangelog', 'databasechangeloglock'))
$$
  from pg_catalog.pg_class c join pg_catalog.pg_attribute on attrelid = c.oid and attname = 'oid'
  where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and not relisshared and c.oid < 16384
    and has_any_column_privilege(c.oid, 'select')
    and relname not in ('pg_namespace', 'pg_default_acl', -- they are read all the same
      'pg_enum', 'pg_largeobject_metadata') -- a part of a type, and data
