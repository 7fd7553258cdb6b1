package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.CommandLine;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.ui.LoggerUIService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The project's own commands work on Liquibase's command line, with nothing but the jar, and from Java. */
@Tag("any-version")
class CommandsIT {

  @TempDir
  Path elsewhere;

  private TestDatabase database;

  /** The library that the class path does not have. */
  private String leftOut = "none";

  /** The folder of temporary files. */
  private Path temporary = Path.of(System.getProperty("java.io.tmpdir"));

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @Test
  void theHelpNamesTheCommands() throws Exception {
    assertThat(run(0, "--help")).containsPattern("current\\s+Say where the database stands")
        .containsPattern("drift\\s+Compare the database with the schema")
        .containsPattern("health\\s+Say what is wrong with the database")
        .containsPattern("report\\s+Show the database on one page")
        .containsPattern("adopt-alembic\\s+Take over a database that Alembic made");
    assertThat(run(0, "drift", "--help")).contains("--foreign", "one of list, fail", "--report-folder");
  }

  @Test
  void currentSaysWhereTheDatabaseStandsAndIsAGate() throws Exception {
    assertThat(on(0, "current")).contains("has no migration applied");
    assertThat(on(1, "current", "--pending=fail")).contains("apply what is pending").doesNotContain("\tat ");
    on(0, "update");
    assertThat(on(0, "current", "--pending=fail")).contains(" is " + Migrations.head());
    assertThat(on(1, "current", "--pending=perhaps")).contains("pending=perhaps is none of list, fail");
  }

  @Test
  void driftNeedsNoNodeAndPrintsTheSqlThatMends() throws Exception {
    Migrations.update(database);
    assertThat(on(0, "drift")).contains("no drift");
    database.execute("create table theirs (a int)");
    assertThat(on(0, "drift")).contains("foreign: table theirs");
    assertThat(on(1, "drift", "--foreign=fail")).contains("foreign: table theirs");
    database.execute("drop index agents_name_idx");
    assertThat(on(1, "drift", "--report-folder=" + elsewhere)).contains("missing: index agents_name_idx",
        "drift: 1 object");
    assertThat(elsewhere.resolve("drift.sql")).content()
        .contains("CREATE INDEX IF NOT EXISTS agents_name_idx ON public.agents");
    assertThat(on(1, "drift")).contains("CREATE INDEX IF NOT EXISTS agents_name_idx ON public.agents");
  }

  @Test
  void driftOfADatabaseThatIsBehindSaysWhatItNeeds() throws Exception {
    Migrations.update(database, 3);
    assertThat(on(1, "drift")).contains("needs a checkout of the project",
        "apply first what is pending, from extensions-002-vector");
  }

  @Test
  void healthNamesEachProblemWithItsRemedyAndFails() throws Exception {
    Migrations.updateToTag(database, "1.0");
    assertThat(on(1, "health")).contains("schema_health() is not in schema public",
        "mvn initialize liquibase:update, or: liquibase update");
    Migrations.update(database);
    assertThat(on(0, "health")).contains("ok       metrics            exact: 0 of 0 agents compared");
    database.execute("select '[1]'::vector",
        "do $$ begin execute format('alter database %I reset hnsw.ef_search', current_database()); end $$");
    assertThat(on(1, "health")).contains("problem  hnsw.ef_search     not set for the database",
        "remedy: SELECT '[1]'::public.vector; ALTER DATABASE " + database.name() + " SET hnsw.ef_search = 200",
        "the database has a problem with: hnsw.ef_search; the remedies are above");
  }

  @Test
  void reportHasItsPageFromTheJarAlone() throws Exception {
    Migrations.update(database);
    assertThat(on(0, "report", "--report-file=reports/page.html"))
        .contains(" is at ", "; nothing has drifted; no health problem", "reports/page.html shows it")
        .doesNotContain("<!DOCTYPE html>");
    assertThat(elsewhere.resolve("reports/page.html")).content().contains("Nothing has drifted", "relation-agents");
    leftOut = "jmustache";
    assertThat(on(1, "report")).contains("the report needs the library com.samskivert:jmustache on the class path");
  }

  /** As in a container whose root can only be read. */
  @ParameterizedTest
  @ValueSource(strings = {"current", "drift", "health", "report", "update-sql"})
  void noCommandNeedsAFolderToWriteTo(String command) throws Exception {
    temporary = elsewhere.resolve("no such folder");
    Migrations.update(database);
    on(0, command);
  }

  @ParameterizedTest
  @CsvSource({"drift, --report-folder=file/reports", "report, --report-file=file/page.html"})
  void aFileThatCannotBeWrittenIsNamed(String command, String option) throws Exception {
    Migrations.update(database);
    Files.createFile(elsewhere.resolve("file"));
    assertThat(on(1, command, option))
        .contains("cannot be written", "name another folder, or leave the option out, and it is printed")
        .contains("file/");
  }

  @Test
  void healthSaysWhoMayLetARoleSeeIt() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    Migrations.update(database);
    database.execute("create role watcher login password 'x'");
    TestDatabase owners = database;
    database = owners.as("watcher", "x");
    try {
      assertThat(on(1, "health")).contains("permission denied for function schema_health",
          "GRANT EXECUTE ON FUNCTION schema_health TO watcher");
      owners.execute("grant execute on function schema_health to watcher");
      assertThat(on(0, "health")).contains("ok       hnsw.ef_search");
    } finally {
      owners.execute("drop owned by watcher", "drop role watcher");
    }
  }

  @Test
  void adoptAlembicTakesOverAndGivesBack() throws Exception {
    AlembicForm.LATER_AT_ITS_HEAD.withRowsIn(database);
    assertThat(on(0, "adopt-alembic", "--action=preview")).contains("CREATE TABLE IF NOT EXISTS agents");
    assertThat(on(0, "adopt-alembic")).contains(" is at tag 1.0;", "agents: 23 of 23 rows");
    assertThat(on(0, "adopt-alembic", "--action=undo")).contains("is as Alembic left it");
    assertThat(on(1, "adopt-alembic", "--action=undo")).contains("there is no take-over to undo");
  }

  @Test
  void theCommandsRunFromJavaToo() throws Exception {
    Migrations.update(database);
    assertThat(inJava("current")).contains(" is " + Migrations.head());
    assertThat(inJava("drift")).contains("no drift");
    database.execute("drop index agents_name_idx");
    assertThatThrownBy(() -> inJava("drift")).hasMessageContaining("the database does not have the schema");
  }

  private String inJava(String command) throws Exception {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Scope.child(Scope.Attr.ui, new LoggerUIService(),
        () -> new CommandScope(command).addArgumentValue("url", database.url())
            .addArgumentValue("username", database.username())
            .addArgumentValue("password", database.password())
            .setOutput(output)
            .execute());
    return output.toString(StandardCharsets.UTF_8);
  }

  /** On the test's database. */
  private String on(int exitCode, String verb, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(verb, "--url=" + database.url(), "--username=" + database.username()));
    if (verb.startsWith("update")) {
      words.add("--changelog-file=" + Migrations.CHANGELOG.path());
    }
    words.addAll(List.of(arguments));
    return run(exitCode, words.toArray(String[]::new));
  }

  /** What {@code liquibase words...} prints in a folder where nothing of the project is. */
  private String run(int exitCode, String... words) throws IOException, InterruptedException {
    Path log = elsewhere.resolve("log");
    ProcessBuilder builder = CommandLine.of(elsewhere, log, words);
    String library = "[^%1$s]*/%2$s-[^%1$s]*".formatted(File.pathSeparator, leftOut);
    builder.command().replaceAll(word -> word.replaceAll(library, "none"));
    builder.command().add(1, "-Djava.io.tmpdir=" + temporary);
    builder.environment().put("LIQUIBASE_COMMAND_PASSWORD", database.password());
    builder.environment().put("PATH", MavenRun.pathWithoutNode(elsewhere));
    int actual = builder.start().waitFor();
    String output = Files.readString(log);
    assertThat(actual).as("exit code of liquibase %s: %s", String.join(" ", words), output).isEqualTo(exitCode);
    return output;
  }
}
