package io.mycelium.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The schema as PostgreSQL knows it: each object of the current schema, and each extension, with its
 * definition. Liquibase's own history and lock tables are left out.
 */
final class Catalog {

  private static final String OBJECTS = """
      with relation as (
        select c.* from pg_class c
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'm', 'v', 'i', 'S')
          and relname not like 'databasechangelog%'
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and deptype = 'e')
      ), routine as (
        select p.* from pg_proc p
        where pronamespace = current_schema()::regnamespace
          and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and deptype = 'e')
      )
      select 'extension ' || extname,
             (select nspname from pg_namespace n where n.oid = extnamespace) || ' ' || coalesce(obj_description(oid, 'pg_extension'), '')
        from pg_extension where extname <> 'plpgsql'
      union all
      select case relkind when 'r' then 'table ' when 'm' then 'materialized view ' when 'v' then 'view '
               when 'i' then 'index ' when 'S' then 'sequence ' else relkind::text || ' ' end || relname,
             concat_ws(' | ', case when relkind = 'i' then pg_get_indexdef(oid) end,
               case when relkind in ('m', 'v') then pg_get_viewdef(oid) end,
               nullif(array_to_string(reloptions, ', '), ''), obj_description(oid, 'pg_class'))
        from relation
      union all
      select 'column ' || relname || '.' || attname,
             concat_ws(' | ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
               case attgenerated when 's' then 'generated ' else 'default ' end || pg_get_expr(adbin, adrelid),
               'storage ' || attstorage::text, 'compression ' || nullif(attcompression::text, ''), col_description(relation.oid, attnum))
        from relation join pg_attribute a on attrelid = relation.oid and attnum > 0 and not attisdropped
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where relkind <> 'i'
      union all
      select 'constraint ' || relname || '.' || conname, pg_get_constraintdef(con.oid)
        from pg_constraint con join relation on conrelid = relation.oid
        where contype <> 'n' -- PostgreSQL 18 lists NOT NULL here; the column says it already
      union all
      select 'trigger ' || relname || '.' || tgname, pg_get_triggerdef(t.oid)
        from pg_trigger t join relation on tgrelid = relation.oid where not tgisinternal
      union all
      select 'function ' || oid::regprocedure::text, pg_get_functiondef(oid) || coalesce(obj_description(oid, 'pg_proc'), '')
        from routine where prokind in ('f', 'p')
      """;

  private Catalog() {}

  /** Each object's kind and name, with its definition. */
  static SortedMap<String, String> of(TestDatabase database) {
    SortedMap<String, String> objects = new TreeMap<>();
    try (Connection connection = database.connect(); Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(OBJECTS)) {
      while (rows.next()) {
        objects.put(rows.getString(1), rows.getString(2));
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    return objects;
  }
}
