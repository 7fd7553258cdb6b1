package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The documentation in docs/ is what the changelog makes, so that a review shows what a migration really does. */
class TrackedSchemaIT {

  private static final String REFRESH = "docs/%s is stale; refresh it: mvn -Pdocs, and read the diff";

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @Test
  void theTrackedCatalogIsTheOneThatTheChangelogMakes() {
    assertThat(Path.of("docs/catalog.txt")).as(REFRESH, "catalog.txt").content().isEqualTo(database.catalog().portable().text());
  }

  @Test
  void theSchemaPageIsTheOneThatTheChangelogMakes() throws Exception {
    try (Connection connection = database.connect()) {
      assertThat(Path.of("docs/schema.md")).as(REFRESH, "schema.md").content().isEqualTo(SchemaPage.of(connection));
    }
  }

  @Test
  void everyTableColumnIndexAndFunctionSaysWhatItIsFor() {
    assertThat(database.catalog().objects()).as("objects without a comment")
        .allSatisfy((name, definition) -> {
          boolean constraint = name.startsWith("index ") && database.catalog().objects().keySet().stream()
              .anyMatch(other -> other.startsWith("constraint ") && other.endsWith("." + name.substring("index ".length())));
          if (name.matches("(table|materialized view|view|column|function|index) .*") && !constraint) {
            assertThat(definition).contains("comment: ");
          }
        });
  }

  @Test
  void snapshotsAreCompressedWithLz4WhereTheServerHasIt() {
    String lz4 = database.query("select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'").get(0);
    assertThat(database.catalog().objects().get("column workflow_state_history.state_snapshot").contains("compression lz4"))
        .as("workflow_state_history.state_snapshot is compressed with lz4").isEqualTo(lz4.equals("t"));
  }

  @Test
  void checksAndViewsAreInWordsThatSurviveADump() {
    // PostgreSQL writes them from their parsed form; what it reads again may be parsed into another, as BETWEEN is.
    for (String view : database.query("select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('v', 'm')")) {
      database.execute("do $$ begin execute 'create view again as ' || pg_get_viewdef('%s'::regclass); end $$".formatted(view));
      assertThat(database.query("select pg_get_viewdef('again'::regclass)")).as(view).isEqualTo(database.query("select pg_get_viewdef('%s'::regclass)".formatted(view)));
      database.execute("drop view again");
    }
    for (String check : database.query("select conname from pg_constraint where connamespace = current_schema()::regnamespace and contype = 'c'")) {
      database.execute("""
          do $$ begin
            execute (select format('alter table %%s add constraint again %%s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where conname = '%s');
          end $$""".formatted(check));
      assertThat(database.query("select pg_get_constraintdef(oid) from pg_constraint where conname = 'again'")).as(check)
          .isEqualTo(database.query("select pg_get_constraintdef(oid) from pg_constraint where conname = '%s'".formatted(check)));
      database.execute("do $$ begin execute (select format('alter table %s drop constraint again', conrelid::regclass) from pg_constraint where conname = 'again'); end $$");
    }
  }
}
