-- What is not in pgCodeKeeper's model of the objects that were read, whose names are the parameter.
with read(name) as (
  select unnest(?::text[])
), storage(letter, word) as (
  values ('p'::"char", 'PLAIN'), ('e', 'EXTERNAL'), ('m', 'MAIN'), ('x', 'EXTENDED')
), kind(letter, word) as (
  values ('r'::"char", 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS'), ('L', 'LARGE OBJECTS')
), default_privilege as ( -- what the catalog holds for the whole database is compared with what PostgreSQL gives by itself
  select d.*, is_granted, privilege_type, is_grantable, coalesce(pg_catalog.quote_ident(rolname), 'PUBLIC') as grantee
    from pg_default_acl d
         cross join lateral (
           select acldefault(case defaclobjtype when 'S' then 's' else defaclobjtype end, defaclrole) as by_itself) b
         cross join lateral (
           select true as is_granted, a.* from aclexplode(defaclacl) a where defaclnamespace <> 0 or a not in (select aclexplode(by_itself))
           union all
           select false, a.* from aclexplode(by_itself) a where defaclnamespace = 0 and a not in (select aclexplode(defaclacl))) p
         left join pg_roles on pg_roles.oid = p.grantee
    where defaclnamespace in (0, pg_catalog.quote_ident(current_schema())::regnamespace)
)
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
  where nspname = current_schema() and relkind in ('r', 'p') and relreplident <> 'd' and relname in (select name from read)
union all
select 'validity of index ' || i.relname,
       'its building was broken off, so no query uses it',
       format('REINDEX INDEX CONCURRENTLY %I.%I', nspname, i.relname),
       'table ' || t.relname, false
  from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
       join pg_namespace n on n.oid = i.relnamespace
  where nspname = current_schema() and not indisvalid and i.relkind = 'i' and t.relname in (select name from read)
union all
select format('publication %s of table %s', pubname, tablename),
       format('ALTER PUBLICATION %I ADD TABLE %I.%I', pubname, schemaname, tablename),
       format('ALTER PUBLICATION %I DROP TABLE %I.%I', pubname, schemaname, tablename),
       null, true
  from pg_publication_tables where schemaname = current_schema() and tablename in (select name from read)
union all
select 'comment of index ' || i.relname,
       format('COMMENT ON INDEX %I.%I IS %L', nspname, i.relname, description),
       format('COMMENT ON INDEX %I.%I IS NULL', nspname, i.relname),
       'table ' || t.relname, false
  from pg_constraint join pg_class i on i.oid = conindid join pg_class t on t.oid = conrelid
       join pg_namespace n on n.oid = i.relnamespace
       join pg_description d on d.objoid = i.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
  where nspname = current_schema() and contype in ('p', 'u', 'x') and t.relname in (select name from read)
union all
select format('validity of constraint %s.%s', typname, conname),
       format('ALTER DOMAIN %I.%I DROP CONSTRAINT %I; ALTER DOMAIN %1$I.%2$I ADD CONSTRAINT %3$I %4$s',
         nspname, typname, conname, pg_get_constraintdef(c.oid)),
       format('ALTER DOMAIN %I.%I VALIDATE CONSTRAINT %I', nspname, typname, conname),
       'domain ' || typname, false
  from pg_constraint c join pg_type t on t.oid = contypid join pg_namespace n on n.oid = typnamespace
  where nspname = current_schema() and not convalidated and typname in (select name from read)
union all
select format('statistics target of index %s, column %s', i.relname, attnum),
       format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', nspname, i.relname, attnum, attstattarget),
       format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS -1', nspname, i.relname, attnum),
       case t.relkind when 'm' then 'materialized view ' else 'table ' end || t.relname, false
  from pg_attribute join pg_class i on i.oid = attrelid join pg_index x on x.indexrelid = i.oid
       join pg_class t on t.oid = indrelid join pg_namespace n on n.oid = i.relnamespace
  where nspname = current_schema() and attstattarget >= 0 and t.relname in (select name from read)
union all
select format('%s of column %s.%s', what, relname, attname),
       format('ALTER MATERIALIZED VIEW %I.%I ALTER COLUMN %I %s', nspname, relname, attname, made),
       format('ALTER MATERIALIZED VIEW %I.%I ALTER COLUMN %I %s', nspname, relname, attname, undone),
       'materialized view ' || relname, false
  from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
       join pg_type on pg_type.oid = atttypid
       join storage its on its.letter = attstorage join storage the_types on the_types.letter = typstorage
       cross join lateral (
         select string_agg(option, ', ' order by option) as options,
                string_agg(split_part(option, '=', 1), ', ' order by option) as names
           from unnest(attoptions) option where option !~ '^pg_attver=') o
       cross join lateral (values
         ('statistics target', 'SET STATISTICS ' || attstattarget, 'SET STATISTICS -1', attstattarget >= 0),
         ('options', format('SET (%s)', options), format('RESET (%s)', names), options is not null),
         ('storage', 'SET STORAGE ' || its.word, 'SET STORAGE ' || the_types.word, its.word <> the_types.word)
       ) change (what, made, undone, is_made)
  where nspname = current_schema() and relkind = 'm' and attnum > 0 and not attisdropped and is_made
    and relname in (select name from read)
union all
select format('name of the key %s of table %s', parent.conname, relname),
       format('DO $$ BEGIN EXECUTE (SELECT format(''ALTER TABLE %%s RENAME CONSTRAINT %%I TO %%I'', conrelid::regclass, conname, %L)'
         ' FROM pg_constraint WHERE conrelid = %L::regclass AND conparentid ='
         ' (SELECT oid FROM pg_constraint WHERE conrelid = %L::regclass AND conname = %L)); END $$',
         c.conname, format('%I.%I', nspname, relname), parent.conrelid::regclass::text, parent.conname),
       'SELECT', 'table ' || relname, false
  from pg_constraint c join pg_constraint parent on parent.oid = c.conparentid join pg_class t on t.oid = c.conrelid
       join pg_namespace n on n.oid = relnamespace
  where nspname = current_schema() and c.contype in ('p', 'u', 'x') and relname in (select name from read)
union all
select format('default privilege of %s: %s%s on %s%s%s', grantee, case when is_granted then '' else 'no ' end,
         privilege_type, lower(word), case when nspname is null then '' else ' of the schema' end, ' made by ' || maker),
       start || case when is_granted then give else take end,
       start || case when is_granted then take else give end,
       null, grantee <> 'PUBLIC' or maker is not null
  from default_privilege join kind on letter = defaclobjtype left join pg_namespace n on n.oid = defaclnamespace
       left join pg_class history on history.oid = to_regclass('databasechangelog')
       cross join lateral (
         select case when defaclrole <> coalesce(relowner, 0) then pg_catalog.quote_ident(pg_get_userbyid(defaclrole)) end as maker,
                format('GRANT %s ON %s TO %s%s', privilege_type, word, grantee,
                  case when is_grantable then ' WITH GRANT OPTION' else '' end) as give,
                format('REVOKE %s ON %s FROM %s', privilege_type, word, grantee) as take) done
       cross join lateral (
         select format('ALTER DEFAULT PRIVILEGES %s%s', 'FOR ROLE ' || maker || ' ',
                  'IN SCHEMA ' || pg_catalog.quote_ident(nspname) || ' ') as start) begun
