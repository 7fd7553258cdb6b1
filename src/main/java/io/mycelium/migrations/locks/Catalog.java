package io.mycelium.migrations.locks;

import io.mycelium.migrations.Resource;
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
 * The definitions in a database at one moment, as far as a change of them can hinder clients. Objects of PostgreSQL, of
 * extensions and of Liquibase are left out. A number is an oid.
 *
 * @param relations tables, views, sequences and indexes, by their number
 * @param names the tables, views and sequences by their names
 * @param names the tables, views and sequences by their names
 * @param columns the columns of tables and views, by the number of the relation and of the column
 * @param constraints the constraints, by their number
 * @param triggers the state of each trigger that is not a constraint's, by the number of its table and its name; O
 *          means that it fires
 * @param parts the partitions: the number of the partition, then that of its table
 * @param labels the values of enums, by their number
 * @param routines functions and procedures with their parameters, by their number
 */
record Catalog(Map<Long, Relation> relations, Map<String, Relation> names, Map<List<Long>, Column> columns,
    Map<Long, Constraint> constraints, Map<List<Object>, String> triggers, Set<List<Long>> parts,
    Map<Long, String> labels, Map<Long, String> routines) {

  /**
   * A relation.
   *
   * @param table of an index the number of its table, else that of the relation itself
   * @param kind the letter of pg_class.relkind
   * @param file the number of its file, which changes when the relation is rewritten
   * @param rows how many rows it had when it was last analyzed
   * @param definition a hash that changes when anything of the relation changes in the catalog
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

  /**
   * A column.
   *
   * @param relation the number of its relation
   * @param required whether it is NOT NULL
   * @param filled whether it has a default, an identity or an expression
   */
  record Column(long relation, String name, String type, boolean required, boolean filled) {}

  /**
   * A constraint.
   *
   * @param kind the letter of pg_constraint.contype
   * @param other the number of the table that a foreign key refers to; 0 of any other
   * @param index the number of its index; 0 if it has none
   */
  record Constraint(String name, long relation, char kind, boolean validated, long other, long index) {}

  /** The setting of a session with the names of the tables and views that are of interest; without it all are. */
  static final String OF_INTEREST = "mycelium.of_interest";

  /** The beginning of a query: the relations of ours, as {@code ours}. */
  static final String OURS = """
      with ours as (
        select * from pg_class c where relkind in ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I')
        and relnamespace not in (
          select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
        and relname not like 'databasechangelog%'
        and coalesce(nullif(current_setting('mycelium.of_interest', true), '')::text[] @> array[coalesce((
          select t.relname from pg_index join pg_class t on t.oid = indrelid where indexrelid = c.oid),
          relname)::text], true)
        and not exists (
          select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e'))
      """;

  /**
   * Reads relations with their definitions. A changed row of the system's catalog has another xmin, so the hash is of
   * these.
   */
  private static final String DEFINITIONS = OURS + Resource.text(Catalog.class, "definitions.sql");

  static Catalog read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Catalog catalog = new Catalog(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(),
          new HashSet<>(), new HashMap<>(), new HashMap<>());
      each(statement, DEFINITIONS, row -> {
        Relation relation = new Relation(row.getLong(1), row.getLong(2), row.getString(3), row.getString(4).charAt(0),
            row.getLong(5), row.getLong(6), row.getString(7));
        catalog.relations.put(relation.number, relation);
        if (!relation.isIndex()) {
          catalog.names.put(relation.name, relation);
        }
      });
      each(statement, OURS + """
          select attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
            atthasdef or attidentity <> ''
          from pg_attribute join ours on ours.oid = attrelid
          where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'm', 'v', 'f')""",
          row -> catalog.columns.put(List.of(row.getLong(1), row.getLong(2)),
              new Column(row.getLong(1), row.getString(3), row.getString(4), row.getBoolean(5), row.getBoolean(6))));
      each(statement, OURS + """
          select o.oid, conname, conrelid, contype::text, convalidated, confrelid, conindid
          from pg_constraint o join ours on ours.oid = conrelid""",
          row -> catalog.constraints.put(row.getLong(1), new Constraint(row.getString(2), row.getLong(3),
              row.getString(4).charAt(0), row.getBoolean(5), row.getLong(6), row.getLong(7))));
      each(statement, OURS + """
          select tgrelid, tgname, tgenabled::text from pg_trigger join ours on ours.oid = tgrelid
          where not tgisinternal""",
          row -> catalog.triggers.put(List.of(row.getLong(1), row.getString(2)), row.getString(3)));
      each(statement, OURS + """
          select inhrelid, inhparent from pg_inherits join ours on ours.oid = inhparent
          where not inhdetachpending and relkind = 'p'""",
          row -> catalog.parts.add(List.of(row.getLong(1), row.getLong(2))));
      each(statement, "select e.oid, typname || '.' || enumlabel from pg_enum e join pg_type t on t.oid = enumtypid",
          row -> catalog.labels.put(row.getLong(1), row.getString(2)));
      each(statement, """
          select p.oid, proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' from pg_proc p
          where pronamespace = current_schema()::regnamespace and prorettype <> 'trigger'::regtype
            and not exists (select from pg_depend
              where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')""",
          row -> catalog.routines.put(row.getLong(1), row.getString(2)));
      return catalog;
    }
  }

  /** The name of a relation, of an index that of its table; null if the relation is not there. */
  String table(long number) {
    Relation relation = relations.get(number);
    return relation == null ? null : relations.get(relation.table).name;
  }

  /** The table, view or sequence of a name; null if there is none. */
  Relation named(String name) {
    return names.get(name);
  }

  /** The values whose keys are new. */
  static <K, V> List<V> added(Map<K, V> before, Map<K, V> after) {
    List<V> added = new ArrayList<>();
    after.forEach((key, value) -> {
      if (!before.containsKey(key)) {
        added.add(value);
      }
    });
    return added;
  }

  /** What to do with each row of a query. */
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
