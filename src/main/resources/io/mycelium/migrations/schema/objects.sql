-- The objects of the current schema and those of the database as a whole, by kind and name. With the identifier of each that is
-- read whole: it has one of the names of the first parameter, is part of such an object, or such an object needs it. If the second
-- parameter is true, also what else the owner of the history has made in the schema, but for tables that another server holds. If
-- the third is true, also what depends on those, such as a view over a table or another table's foreign key to it.
with recursive object(classid, objid) as (
  select classid, objid from pg_depend
    where refclassid = 'pg_namespace'::regclass and refobjid = pg_catalog.quote_ident(current_schema())::regnamespace
      and deptype = 'n'
  union select 'pg_extension'::regclass, oid from pg_extension where extname <> 'plpgsql'
  union select 'pg_event_trigger'::regclass, oid from pg_event_trigger
  union select 'pg_cast'::regclass, oid from pg_cast where oid >= 16384
  union select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper
  union select 'pg_foreign_server'::regclass, oid from pg_foreign_server
), standing as ( -- neither members of an extension nor parts of another object nor Liquibase's own
  select classid, objid, coalesce( -- an address has the whole name of a type in one word
           (select typname from pg_type where classid = 'pg_type'::regclass and oid = objid),
           names[pg_catalog.cardinality(names)]) as name,
         kind || ' ' || pg_catalog.replace(pg_catalog.replace(identity, 'pg_catalog.', ''),
           pg_catalog.quote_ident(current_schema()) || '.', '') as named,
         schema is not null and kind <> 'foreign table' and coalesce(
           (select relowner from pg_class where classid = 'pg_class'::regclass and oid = objid),
           (select proowner from pg_proc where classid = 'pg_proc'::regclass and oid = objid),
           (select typowner from pg_type where classid = 'pg_type'::regclass and oid = objid), relowner) = relowner as made_by_us
    from object
         left join (select relowner from pg_class where oid = to_regclass('databasechangelog')) history on true
         cross join lateral pg_catalog.pg_identify_object(classid, objid, 0) identified(kind, schema, unique_name, identity)
         cross join lateral pg_catalog.pg_identify_object_as_address(classid, objid, 0) address(kind_there, names, arguments)
    where not exists (
      select from pg_depend d
        where d.classid = object.classid and d.objid = object.objid and d.objsubid = 0 and d.deptype in ('e', 'i'))
      and names[pg_catalog.cardinality(names)] not in ('databasechangelog', 'databasechangeloglock')
), asked(classid, objid) as (
  select classid, objid from standing where name = any(?) or ? and made_by_us
), dependent(classid, objid, objsubid) as (
  select classid, objid, 0 from asked where ?
  union
  select next.* from dependent cross join lateral (
    select d.classid, d.objid, d.objsubid from pg_depend d
      where d.refclassid = dependent.classid and d.refobjid = dependent.objid
        and (dependent.objsubid = 0 or d.refobjsubid = dependent.objsubid)
    union all -- the rule that is a view's query is part of the view
    select d.refclassid, d.refobjid, 0 from pg_depend d
      where d.classid = 'pg_rewrite'::regclass and d.classid = dependent.classid and d.objid = dependent.objid
        and d.deptype = 'i') next
), start(classid, objid) as ( -- with what the dependent ones are part of, such as the table of a foreign key
  select classid, objid from dependent
  union
  select d.refclassid, d.refobjid from start join pg_depend d using (classid, objid) where d.deptype in ('a', 'i', 'P', 'S')
), whole(classid, objid) as (
  select classid, objid from asked union select classid, objid from start
  union
  select next.* from whole cross join lateral (
    select d.classid, d.objid from pg_depend d
      where d.refclassid = whole.classid and d.refobjid = whole.objid and d.deptype in ('a', 'i', 'P', 'S')
    union all
    select d.refclassid, d.refobjid from pg_depend d
      where d.classid = whole.classid and d.objid = whole.objid and d.deptype = 'n') next
)
select whole.objid::bigint, named from whole full join standing using (classid, objid)
