package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation in docs/ is what the changelog makes, so that a review shows what a migration really does. */
class TrackedSchemaIT {

  private static final String REFRESH = "%s is stale; refresh it: mvn -Pdocs, and read the diff";

  private TestDatabase database;

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @Test
  void theTrackedSchemaIsTheOneThatTheChangelogMakes(@TempDir Path made) throws Exception {
    isTracked(AppliedSchema.HEAD, Migrations.MASTER, made.resolve("schema"));
  }

  @Test
  void soIsWhatTheEntryPointOfCitusMakesOtherwise(@TempDir Path made) throws Exception {
    isTracked(AppliedSchema.ON_CITUS, Migrations.CITUS, made.resolve("schema"));
  }

  private static void isTracked(String folder, Changelog changelog, Path made) throws Exception {
    TestDatabase its = TestDatabase.create();
    Migrations.update(its, changelog.path());
    AppliedSchema.writeHead(its.catalog(), changelog, made);
    assertThat(files(Path.of(folder))).as(REFRESH, folder).containsExactlyInAnyOrderElementsOf(files(made));
    for (String file : files(made)) {
      assertThat(Path.of(folder, file)).as(REFRESH, folder + "/" + file).hasSameTextualContentAs(made.resolve(file));
    }
  }

  @Test
  void whatIsReadFromItIsWhatWasWritten() throws Exception {
    Schema tracked = AppliedSchema.readHead(Migrations.CHANGELOG);
    assertThat(tracked.differences(database.catalog())).isEmpty();
    assertThat(database.catalog().script(tracked, tracked.objects().keySet()).statements())
        .as("the SQL that makes the one of the other")
        .allMatch(statement -> statement.contains("hnsw.ef_search"));
  }

  @Test
  void soIsWhatPgcodekeeperDoesNotKnow(@TempDir Path made) throws Exception {
    database.execute("comment on index agents_pkey is 'of two\nlines'");
    Schema whole = database.catalog();
    whole.write(made.resolve("schema"));
    Map<String, String> texts = new HashMap<>();
    for (String file : files(made.resolve("schema"))) {
      texts.put(file, Files.readString(made.resolve("schema").resolve(file)));
    }
    assertThat(Schema.read(texts).differences(whole)).isEmpty();
  }

  @Test
  void theSchemaPageIsTheOneThatTheChangelogMakes(@TempDir Path made) throws IOException {
    Path page = Files.writeString(made.resolve("schema.md"), SchemaPage.of(database.catalog()));
    assertThat(Path.of("docs/schema.md")).as(REFRESH, "docs/schema.md").hasSameTextualContentAs(page);
  }

  @Test
  void theDiagramIsOfTheSchemaThatTheChangelogMakes() throws IOException {
    assertThat(Diagram.sourceOf(Files.readString(Path.of(Diagram.PATH)))).as(REFRESH, "schema.svg")
        .isEqualTo(Diagram.source(database.catalog().contents()));
  }

  @Test
  void everyTableColumnIndexAndRoutineSaysWhatItIsFor() {
    assertThat(database.catalog().objects()).as("objects without a comment").allSatisfy((name, definition) -> {
      if (name.matches("(table|materialized view|view|column|function|procedure|index) .*")) {
        assertThat(definition).contains("COMMENT ON ");
      }
    });
    assertThat(database.query("""
        select attrelid::regclass || '.' || attname
        from pg_attribute join pg_class on pg_class.oid = attrelid
        where relkind in ('v', 'm') and relnamespace = current_schema()::regnamespace
          and attnum > 0 and not attisdropped and col_description(attrelid, attnum) is null"""))
        .as("columns of views without a comment")
        .isEmpty();
  }

  /** Every file below a folder, by its path from there. */
  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString()).toList();
    }
  }

  @Test
  void snapshotsAreCompressedWithLz4WhereTheServerHasIt() {
    String lz4 =
        database.query("select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'")
            .get(0);
    assertThat(database.query("""
        select attcompression from pg_attribute
        where attrelid = 'workflow_state_history'::regclass and attname = 'state_snapshot'"""))
        .as("how workflow_state_history.state_snapshot is compressed")
        .containsExactly(lz4.equals("t") ? "l" : "");
  }

  @Test
  void checksAndViewsAreInWordsThatSurviveADump() {
    // PostgreSQL writes them from their parsed form; what it reads again may be parsed into another, as BETWEEN is.
    for (String view : database.query("""
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('v', 'm')""")) {
      database.execute("""
          do $$ begin
            execute 'create view again as ' || pg_get_viewdef('%s'::regclass);
          end $$""".formatted(view));
      assertThat(viewWords("again")).as(view).isEqualTo(viewWords(view));
      database.execute("drop view again");
    }
    for (String check : database.query("""
        select conname from pg_constraint
        where connamespace = current_schema()::regnamespace and contype = 'c'""")) {
      database.execute("""
          do $$ begin
            execute (
              select format('alter table %%s add constraint again %%s', conrelid::regclass, pg_get_constraintdef(oid))
              from pg_constraint where conname = '%s');
          end $$""".formatted(check));
      assertThat(constraintWords("again")).as(check).isEqualTo(constraintWords(check));
      database.execute("""
          do $$ begin
            execute (
              select format('alter table %s drop constraint again', conrelid::regclass)
              from pg_constraint where conname = 'again');
          end $$""");
    }
  }

  private List<String> viewWords(String view) {
    return database.query("select pg_get_viewdef('%s'::regclass)".formatted(view));
  }

  private List<String> constraintWords(String constraint) {
    return database
        .query("select pg_get_constraintdef(oid) from pg_constraint where conname = '%s'".formatted(constraint));
  }
}
