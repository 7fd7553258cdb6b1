-- Of the tables of the current schema those of these names, the largest first, each followed by its indexes.
select c.relname, null, greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid)), pg_table_size(c.oid),
       null::bigint, pg_size_pretty(pg_table_size(c.oid)), pg_total_relation_size(c.oid) as total
  from pg_class c where c.relnamespace = pg_catalog.quote_ident(current_schema())::regnamespace
    and c.relkind in ('r', 'm') and c.relname = any(?)
union all
select i.relname, t.relname, null, pg_relation_size(i.oid), pg_stat_get_numscans(i.oid),
       pg_size_pretty(pg_relation_size(i.oid)), pg_total_relation_size(t.oid)
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
  where t.relnamespace = pg_catalog.quote_ident(current_schema())::regnamespace
    and t.relkind in ('r', 'm') and t.relname = any(?)
order by total desc, 2 nulls first, 4 desc, 1
