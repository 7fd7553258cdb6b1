-- Goes on from Catalog.OURS: each relation, with a hash of all that is defined of it.
, definition(relation, part) as (
  select oid, concat_ws(' ', 'class', xmin) from pg_class
  union all select attrelid, concat_ws(' ', 'attribute', attnum, xmin) from pg_attribute
  union all select adrelid, concat_ws(' ', 'default', adnum, xmin) from pg_attrdef
  union all select conrelid, concat_ws(' ', 'constraint', oid, xmin) from pg_constraint
  union all select tgrelid, concat_ws(' ', 'trigger', oid, xmin) from pg_trigger
  union all select indrelid, concat_ws(' ', 'index', indexrelid, xmin) from pg_index
  union all select ev_class, concat_ws(' ', 'rule', oid, xmin) from pg_rewrite
  union all select polrelid, concat_ws(' ', 'policy', oid, xmin) from pg_policy
  union all select inhparent, concat_ws(' ', 'part', inhrelid, xmin) from pg_inherits
  union all select seqrelid, concat_ws(' ', 'sequence', xmin) from pg_sequence)
select c.oid, coalesce(indrelid, c.oid), relname, relkind::text, relfilenode, reltuples::bigint,
  (select md5(string_agg(part, ',' order by part)) from definition where relation = c.oid)
from ours c left join pg_index on indexrelid = c.oid
