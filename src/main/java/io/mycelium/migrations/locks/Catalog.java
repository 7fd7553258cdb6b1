package io.mycelium.migrations.locks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a database defines at a moment, as far as a change of it can hinder those who use it. Objects of PostgreSQL, of
 * extensions and of Liquibase are left out.
 *
 * @param relations tables, views, sequences and indexes, by their number
 * @param columns of tables and views, by relation and number
 * @param constraints by their number
 * @param triggers the state of each that is not a constraint's, by its relation and name: O where it fires
 * @param parts of partitioned tables: the number of the part, and of the table
 * @param labels the values of enums, by their number
 * @param routines functions and procedures that can be called, with their parameters, by their number
 */
record Catalog(Map<Long, Relation> relations, Map<List<Long>, Column> columns, Map<Long, Constraint> constraints, Map<List<Object>, String> triggers,
    Set<List<Long>> parts, Map<Long, String> labels, Map<Long, String> routines) {

  /**
   * A relation.
   *
   * @param table the table that an index is of, else the relation itself
   * @param kind as pg_class.relkind has it
   * @param file the number of its file, another one when it was rewritten
   * @param rows how many it had when it was analyzed
   * @param definition another one for each change of it in the catalog
   */
  record Relation(long number, long table, String name, char kind, long file, long rows, String definition) {

    boolean isIndex() {
      return kind == 'i' || kind == 'I';
    }

    /** Whether readers or writers wait for a lock on it. Nobody but a refresh writes a materialized view. */
    boolean blocks(LockMode mode) {
      return kind == 'm' ? mode == LockMode.ACCESS_EXCLUSIVE : mode.blocks();
    }

    /** Who waits for a lock on it. */
    String waits(LockMode mode) {
      return mode.blocks() && !blocks(mode) ? "other refreshes" : mode.waits();
    }
  }

  /** A column. */
  record Column(long relation, String name, String type, boolean required, boolean filled) {}

  /** A constraint; index and other are 0 where it has none. */
  record Constraint(String name, long relation, char kind, boolean validated, long other, long index) {}

  /** Relations of ours, for a query that begins so. */
  static final String OURS = """
      with ours as (
        select * from pg_class c where relkind in ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I')
        and relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
        and relname not like 'databasechangelog%'
        and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e'))
      """;

  /** Whatever row of the catalog a definition consists of has another xmin when it was changed. */
  private static final String DEFINITIONS = OURS + """
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
      from ours c left join pg_index on indexrelid = c.oid""";

  static Catalog read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Catalog catalog = new Catalog(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashSet<>(), new HashMap<>(), new HashMap<>());
      each(statement, DEFINITIONS, row -> catalog.relations.put(row.getLong(1), new Relation(row.getLong(1), row.getLong(2), row.getString(3),
          row.getString(4).charAt(0), row.getLong(5), row.getLong(6), row.getString(7))));
      each(statement, OURS + """
          select attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef or attidentity <> ''
          from pg_attribute join ours on ours.oid = attrelid where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'm', 'v', 'f')""",
          row -> catalog.columns.put(List.of(row.getLong(1), row.getLong(2)), new Column(row.getLong(1), row.getString(3), row.getString(4), row.getBoolean(5), row.getBoolean(6))));
      each(statement, OURS + "select o.oid, conname, conrelid, contype::text, convalidated, confrelid, conindid from pg_constraint o join ours on ours.oid = conrelid",
          row -> catalog.constraints.put(row.getLong(1), new Constraint(row.getString(2), row.getLong(3), row.getString(4).charAt(0), row.getBoolean(5), row.getLong(6), row.getLong(7))));
      each(statement, OURS + "select tgrelid, tgname, tgenabled::text from pg_trigger join ours on ours.oid = tgrelid where not tgisinternal",
          row -> catalog.triggers.put(List.of(row.getLong(1), row.getString(2)), row.getString(3)));
      each(statement, OURS + "select inhrelid, inhparent from pg_inherits join ours on ours.oid = inhparent where not inhdetachpending and relkind = 'p'",
          row -> catalog.parts.add(List.of(row.getLong(1), row.getLong(2))));
      each(statement, "select e.oid, typname || '.' || enumlabel from pg_enum e join pg_type t on t.oid = enumtypid",
          row -> catalog.labels.put(row.getLong(1), row.getString(2)));
      each(statement, """
          select p.oid, proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' from pg_proc p where pronamespace = current_schema()::regnamespace and prorettype <> 'trigger'::regtype
          and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')""",
          row -> catalog.routines.put(row.getLong(1), row.getString(2)));
      return catalog;
    }
  }

  /** The name of the table that an index is of, or of a relation itself; null where it is not there. */
  String table(long number) {
    Relation relation = relations.get(number);
    return relation == null ? null : relations.get(relation.table).name;
  }

  /** The relation of a name that is no index; null where there is none. */
  Relation named(String name) {
    return relations.values().stream().filter(relation -> relation.name.equals(name) && !relation.isIndex()).findFirst().orElse(null);
  }

  /** What is in this one and not in another, of a kind. */
  static <K, V> List<V> added(Map<K, V> before, Map<K, V> after) {
    List<V> added = new ArrayList<>();
    after.forEach((key, value) -> {
      if (!before.containsKey(key)) {
        added.add(value);
      }
    });
    return added;
  }

  /** What to do with a row. */
  interface Row {
    void take(ResultSet row) throws SQLException;
  }

  static void each(Statement statement, String sql, Row row) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        row.take(rows);
      }
    }
  }
}
