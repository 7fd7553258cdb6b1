package io.mycelium.migrations.alembic;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.commands.AdoptAlembic;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The take-over of a test's database, and what to ask of it. */
final class TakeOver {

  /** Where a preview writes its SQL. */
  static final String SQL_FILE = "target/adopt/migrate.sql";
  /** What the running application adds, as far as its table has the columns. */
  static final String APPLICATION_INDEXES = """
      do $$ declare name text; begin
        foreach name in array '{workflow_id,task_id,agent_id,event_type,timestamp}'::text[] loop
          if exists (select from pg_attribute where attrelid = 'coordination_events'::regclass and attname = name) then
            execute format('create index if not exists %I on coordination_events (%I)', 'idx_' || name, name);
          end if;
        end loop;
      end $$""";

  private static Schema fresh;

  private TakeOver() {}

  /** Reads what {@link #assertOurs} compares with, once for all tests and before any of them has made its database. */
  static synchronized void readAFreshCatalog() {
    if (fresh == null) {
      TestDatabase reference = TestDatabase.create();
      reference.execute("create extension \"uuid-ossp\"", "create extension vector");
      Migrations.updateToTag(reference, "1.0");
      fresh = reference.catalog();
    }
  }

  static void assertOurs(TestDatabase database) {
    assertThat(fresh.differences(database.catalog())).as("against the catalog of a new database").isEmpty();
    assertThat(adopt(database)).as("another run").contains("nothing to take over").contains(" is at tag 1.0;");
  }

  static String adopt(TestDatabase database) {
    return runUnchecked(database, "adopt");
  }

  static void undo(TestDatabase database) {
    runUnchecked(database, "undo");
  }

  private static String runUnchecked(TestDatabase database, String action) {
    try {
      return run(database, action);
    } catch (Exception e) {
      throw new AssertionError(action + ": " + e.getMessage(), e);
    }
  }

  static String run(TestDatabase database, String action) throws Exception {
    try (Connection connection = database.connect()) {
      return AdoptAlembic.run(Migrations.CHANGELOG, connection, action, SQL_FILE);
    }
  }

  /** Each table of a schema with its number of rows and a checksum of all their values. */
  static SortedMap<String, String> contents(TestDatabase database, String schema) {
    List<String> tables = database.query("""
        select relname from pg_class
        where relnamespace = '%s'::regnamespace and relkind in ('r', 'm')""".formatted(schema));
    SortedMap<String, String> contents = new TreeMap<>();
    for (String table : tables) {
      contents.put(table, database.query("""
          select concat_ws(' ', count(*), md5(string_agg(t::text, chr(10) order by t::text)))
          from %s.%s t""".formatted(schema, table)).get(0));
    }
    return contents;
  }
}
