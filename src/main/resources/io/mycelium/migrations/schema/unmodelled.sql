select 'setting ' || name,
       format('DO $$ BEGIN EXECUTE format(''ALTER DATABASE %%I SET %s = %%L'', current_database(), %L); END $$',
         name, value),
       format('DO $$ BEGIN EXECUTE format(''ALTER DATABASE %%I RESET %s'', current_database()); END $$', name),
       null, true
  from pg_db_role_setting, unnest(setconfig) setting,
       lateral (select split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)) parts (name, value)
  where setdatabase = (select oid from pg_database where datname = current_database()) and setrole = 0
union all
select 'replica identity of table ' || relname,
       format('ALTER TABLE %I.%I REPLICA IDENTITY %s', nspname, relname,
         case relreplident
           when 'f' then 'FULL'
           when 'n' then 'NOTHING'
           else (select format('USING INDEX %I', i.relname)
                   from pg_index join pg_class i on i.oid = indexrelid
                   where indrelid = c.oid and indisreplident)
         end),
       format('ALTER TABLE %I.%I REPLICA IDENTITY DEFAULT', nspname, relname),
       'table ' || relname, false
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where nspname = current_schema() and relkind in ('r', 'p') and relreplident <> 'd' and relname = any(?)
union all
select 'validity of index ' || i.relname,
       'its building was broken off, so no query uses it',
       format('REINDEX INDEX CONCURRENTLY %I.%I', nspname, i.relname),
       'table ' || t.relname, false
  from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
       join pg_namespace n on n.oid = i.relnamespace
  where nspname = current_schema() and not indisvalid and i.relkind = 'i' and t.relname = any(?)
union all
select format('publication %s of table %s', pubname, tablename),
       format('ALTER PUBLICATION %I ADD TABLE %I.%I', pubname, schemaname, tablename),
       format('ALTER PUBLICATION %I DROP TABLE %I.%I', pubname, schemaname, tablename),
       null, true
  from pg_publication_tables where schemaname = current_schema() and tablename = any(?)
