-- Writes the query that shows every row of every catalog that belongs to this database, with names in place of numbers. Which column
-- is a number of what, PostgreSQL says itself; so a new kind of object, or a new column of a catalog, is shown as it is.
with unshown_catalog(name, because) as (
  values
    ('pg_statistic', 'it holds data'), ('pg_statistic_ext_data', 'it holds data'), ('pg_largeobject', 'it holds data'),
    ('pg_largeobject_metadata', 'it holds data'), ('pg_subscription_rel', 'it says how far a copy has come'),
    ('pg_init_privs', 'it is about the rows of initdb and of extensions'),
    ('pg_shdepend', 'the owners and privileges in the rows say it, too'),
    ('pg_authid', 'the server''s'), ('pg_auth_members', 'the server''s'), ('pg_tablespace', 'the server''s'),
    ('pg_parameter_acl', 'the server''s'), ('pg_replication_origin', 'the server''s')
), unshown_column(name, because) as (
  values
    ('oid', 'a number'), ('relfilenode', 'a number'), ('relfrozenxid', 'a number'), ('relminmxid', 'a number'),
    ('datfrozenxid', 'a number'), ('datminmxid', 'a number'), ('datname', 'two databases are compared'),
    ('attnum', 'it has gaps where columns were dropped; so the order of columns is not shown'),
    ('relnatts', 'it counts dropped columns, too'),
    ('relpages', 'a size'), ('reltuples', 'a size'), ('relallvisible', 'a size'), ('relallfrozen', 'a size'),
    ('relhasindex', 'a hint that may outlive the index'), ('relhasrules', 'a hint'), ('relhastriggers', 'a hint'),
    ('relhassubclass', 'a hint'), ('indcheckxmin', 'a hint'), ('attcacheoff', 'a hint'),
    ('atthasmissing', 'how rows are stored that are older than the column'), ('attmissingval', 'the same'),
    ('classid', 'part of objid'), ('objsubid', 'part of objid'), ('classoid', 'part of objoid'),
    ('refclassid', 'part of refobjid'), ('refobjsubid', 'part of refobjid')
), acl(catalog, kind) as ( -- the letters of acldefault
  values
    ('pg_class', 'case relkind when ''S'' then ''s'' else ''r'' end'), ('pg_proc', '''f'''), ('pg_namespace', '''n'''),
    ('pg_type', '''T'''), ('pg_language', '''l'''), ('pg_foreign_data_wrapper', '''F'''), ('pg_foreign_server', '''S'''),
    ('pg_database', '''d''')
), reference as (
  select fktable, fkcols[cardinality(fkcols)] as attname, pktable, is_array,
      cardinality(fkcols) = 1 as is_object, fkcols[1] as relation -- else it is a column of that relation
    from pg_get_catalog_foreign_keys()
), catalog as (
  select oid, relname, relisshared,
      (select attname from reference where fktable = c.oid and pktable = 'pg_database'::regclass) as database,
      (select attname from reference where fktable = c.oid and pktable = 'pg_authid'::regclass and not is_array limit 1) as owner,
      (select attname from reference -- which the expressions in a row are about
        where fktable = c.oid and pktable = 'pg_class'::regclass and attname ~ 'relid$' and attname not in ('confrelid', 'reltoastrelid')
        order by attname <> 'indrelid' limit 1) as relation
    from pg_class c
    where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and oid < 16384 and relname not in (select name from unshown_catalog)
      and has_any_column_privilege(oid, 'select')
), shown as ( -- the columns with the expressions that show their values
  select c.oid as catalog, attnum, a.attname,
      case
        when a.attname = 'ev_action' then 'pg_get_ruledef(row.oid)'
        when a.attname = 'ev_qual' then 'null' -- part of that
        when a.attname = 'tgqual' then 'pg_get_triggerdef(row.oid)'
        when a.attname = 'prosqlbody' then 'pg_get_function_sqlbody(row.oid)'
        when a.attname = 'enumsortorder' then 'rank() over (partition by row.enumtypid order by row.enumsortorder)'
        when a.attname = 'reltoastrelid' then '(select reloptions from pg_class where oid = row.reltoastrelid)'
        when atttypid = 'pg_node_tree'::regtype
          then format('pg_get_expr(row.%I, %s)', a.attname, coalesce('row.' || c.relation, '0'))
        when acl.kind is not null and a.attname ~ 'acl$' -- the default may be said, and need not be
          then format('(select array_agg(e::text order by e::text) from unnest(row.%I) e having array_agg(e::text order by e::text) '
            'is distinct from (select array_agg(d::text order by d::text) from unnest(acldefault((%s)::"char", row.%I)) d))',
            a.attname, acl.kind, c.owner)
        when a.attname ~ '(options|config|acl)$' -- in any order, and without a mark that PostgreSQL 17.12 sets by itself
          then format('(select array_agg(e::text order by e::text) from unnest(row.%I) e where e::text !~ ''^pg_attver='')', a.attname)
        when a.attname ~ 'obj(oid|id)$'
          then format('(select type || '' '' || identity from pg_identify_object(row.%s, row.%s, row.%s))',
            replace(a.attname, 'obj', 'class'), a.attname, regexp_replace(a.attname, 'obj(oid|id)$', 'objsubid'))
        when is_object and is_array
          then format('array(select type || '' '' || identity from unnest(row.%I::oid[]) with ordinality n (id, i), '
            'pg_identify_object(%s, id, 0) order by i)', a.attname, pktable::oid)
        when is_object
          then format('(select type || '' '' || identity from pg_identify_object(%s, row.%I::oid, 0))', pktable::oid, a.attname)
        when is_array
          then format('array(select attname from unnest(row.%I::int2[]) with ordinality n (id, i) '
            'left join pg_attribute on attrelid = row.%I and attnum = id order by i)', a.attname, k.relation)
        when k.relation is not null
          then format('(select attname from pg_attribute where attrelid = row.%I and attnum = row.%I)', k.relation, a.attname)
        else format('row.%I', a.attname)
      end as expression
    from catalog c join pg_attribute a on attrelid = c.oid left join acl on acl.catalog = relname left join lateral (
      select * from reference where fktable = c.oid and attname = a.attname order by is_object desc limit 1) k on true
    where attnum > 0 and not attisdropped and a.attname not in (select name from unshown_column)
      and a.attname is distinct from database and not (relisshared and a.attname = 'objoid') -- it is this database
      and has_column_privilege(c.oid, attnum, 'select')
), row as (
  select relname, relisshared,
      array( -- the columns that name it: those of the first unique index without a number, else all
        select expression from shown
          where catalog = c.oid and attnum = any (coalesce((
            select indkey::int2[] from pg_index
              where indrelid = c.oid and indisunique
                and indkey::int2[] <@ array(select attnum from shown where catalog = c.oid)
              order by indexrelid limit 1), array[attnum]))
          order by attnum) as name,
      (select string_agg(format('%L, %s', attname, expression), ', ' order by attnum) from shown where catalog = c.oid) as columns,
      object, -- to which it belongs
      case
        when object ~ 'obj(oid|id)$' then replace(object, 'obj', 'class')
        when object = 'oid' then 'tableoid'
        else (select pktable::oid::text from reference where fktable = c.oid and attname = object and is_object)
      end as class
    from catalog c cross join lateral (
      select coalesce(
          database,
          (select attname from pg_attribute
            where attrelid = c.oid and attname in ('objoid', 'objid', 'oid') and relname <> 'pg_enum'),
          (select attname from shown join reference using (attname)
            where catalog = c.oid and fktable = c.oid and is_object and not is_array order by attnum limit 1)) as object) o
)
select $$
with recursive left_out(classid, objid) as (
  select tableoid, oid from pg_class
    where relnamespace = 'pg_toast'::regnamespace or relpersistence = 't' or relname ~ '^databasechangelog(lock)?$'
  union select tableoid, oid from pg_namespace where nspname ~ '^pg_(toast_)?temp_'
  union select classid, objid from pg_depend where deptype = 'e' -- it is an extension's
  $$ || case when citus then $$ -- what holds a part of a table, and has its number for a name
    union select tableoid, oid from pg_class
      where oid in (select to_regclass(shard_name(logicalrelid, shardid)) from pg_dist_shard) $$ else '' end || $$
  union select d.classid, d.objid
    from left_out l join pg_depend d on refclassid = l.classid and refobjid = l.objid
    where deptype = 'i' or deptype = 'a' and l.classid = 'pg_class'::regclass
), shown(name, columns) as ($$
  || string_agg(
    format('select concat_ws('', '', %L, %s), json_strip_nulls(json_build_object(%s)) from %I row where ', relname,
      array_to_string(name, '::text, ') || '::text', columns, relname)
    || case when relisshared
      then format('(%s, %s) in (select tableoid, oid from pg_database where datname = current_database())', class, object)
      -- of what initdb made, only schemas and extensions can be dropped
      else format('(%1$s, %2$s) not in (select * from left_out) and (%2$s >= 16384 or %1$s = any (%3$L))', class, object,
        array['pg_namespace'::regclass, 'pg_extension'::regclass]::oid[])
    end
    || case when relname = 'pg_attribute' then ' and attnum > 0 and not attisdropped' else '' end, ' union all ' order by relname)
  || case when citus then $$
    union all select concat_ws(', ', 'pg_dist_partition', logicalrelid), json_build_object('partmethod', partmethod)
      from pg_dist_partition $$ else '' end
  || $$)
select regexp_replace(name, number, '\1', 'g'), regexp_replace(columns::text, number, '\1', 'g')
  from shown, (values ('(_ConstraintTrigger(?:_[ac])?|truncate_trigger)_\d+')) made_up (number) -- PostgreSQL's and Citus' names$$
from row, (select to_regclass('pg_catalog.pg_dist_shard') is not null as citus) c where object is not null group by citus
