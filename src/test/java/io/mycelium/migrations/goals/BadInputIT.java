package io.mycelium.migrations.goals;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import liquibase.database.DatabaseFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bad input stops a run before it changes anything, and the run says the reason and the remedy. The class is long since
 * it has a test for each input: all of them are asserted alike, below.
 */
@Tag("any-version")
class BadInputIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @AfterEach
  void dropRoles() {
    for (String role : database.query("select rolname from pg_roles where rolname like 'bad_%'")) {
      database.execute("reassign owned by %s to current_user".formatted(role), "drop owned by " + role,
          "drop role " + role);
    }
  }

  /** The database is named wrongly. */
  @Nested
  class Name {

    /** {@link DatabaseUrlTest} has each way in which it can be wrong. */
    @Test
    void aDatabaseUrlIsMalformed() {
      assertRefused(mvn(Map.of("DATABASE_URL", "postgresql://u:se@cret@h/d"), "initialize", "liquibase:update"),
          "malformed. Example: DATABASE_URL=postgresql://user:password@host:5432/database"
              + " (in user and password write @ as %40");
    }

    @Test
    void aGoalAloneStopsWhileDatabaseUrlIsSet() {
      MavenRun run = mvn(Map.of("DATABASE_URL", "postgresql://u:secret@localhost/d"), "liquibase:update");
      assertRefused(run, "DATABASE_URL is set, but a goal alone does not read it. Run: mvn initialize liquibase:GOAL");
      assertThat(run.output()).doesNotContain("jdbc:postgresql://localhost:5432/mycelium");
    }

    @Test
    void aGivenUrlHoldsItsPassword() {
      assertRefused(
          mvn("initialize", "liquibase:update", "-Dliquibase.url=jdbc:postgresql://h/d?user=u&password=secret"),
          "-Dliquibase.url holds a password, which Liquibase would print; give it as -Dliquibase.password");
    }

    @Test
    void noServerAnswers() {
      assertRefused(
          mvn("initialize", "liquibase:update", "-Dliquibase.url=jdbc:postgresql://127.0.0.1:1/d",
              "-Dliquibase.username=u", "-Dliquibase.password=secret"),
          "Connection to 127.0.0.1:1 refused. Check that the hostname and port are correct");
    }

    @Test
    void theHostIsUnknown() {
      assertNoConnection("jdbc:postgresql://host.invalid/d", database,
          "Connection could not be created to jdbc:postgresql://host.invalid/d");
    }

    @Test
    void theDatabaseDoesNotExist() {
      TestDatabase.assumeServer("it has one database, whatever the name");
      assertNoConnection(database.url() + "_missing", database,
          "database \"" + database.name() + "_missing\" does not exist");
    }

    @Test
    void thePasswordIsWrong() {
      TestDatabase.assumeServer("it checks no password");
      assertNoConnection(database.url(), database.as(database.username(), "wrong-secret"),
          "password authentication failed for user \"" + database.username() + "\"");
    }

    @Test
    void theRoleDoesNotExist() {
      TestDatabase.assumeServer("it checks no role");
      assertNoConnection(database.url(), database.as("nobody", "secret"),
          "password authentication failed for user \"nobody\"");
    }

    @Test
    void theServerSpeaksNoTls() {
      assertNoConnection(database.url() + (database.url().contains("?") ? "&" : "?") + "sslmode=require", database,
          "The server does not support SSL.");
    }

    /** Asserts what Liquibase says that gets no connection. */
    private static void assertNoConnection(String url, TestDatabase as, String reason) {
      assertThatThrownBy(() -> DatabaseFactory.getInstance()
          .openConnection(url, as.username(), as.password(), null, new ClassLoaderResourceAccessor()))
          .hasMessageContaining(reason)
          .hasMessageNotContaining("secret");
    }
  }

  /** Somebody's Maven settings, or a slip of the keyboard, say something else than what was meant. */
  @Nested
  class Options {

    @Test
    @ResourceLock(MavenRun.OUTPUT)
    void anotherProjectsSettingsNameADatabase() throws IOException {
      String settings = "target/another-projects-settings.xml";
      Files.writeString(Path.of(settings), """
          <settings>
            <profiles>
              <profile>
                <id>work</id>
                <properties>
                  <liquibase.url>%s</liquibase.url>
                  <liquibase.username>%s</liquibase.username>
                  <liquibase.password>%s</liquibase.password>
                </properties>
              </profile>
            </profiles>
            <activeProfiles><activeProfile>work</activeProfile></activeProfiles>
          </settings>
          """.formatted(database.url().replace("&", "&amp;"), database.username(), database.password()));
      String reason = "Profile work of your Maven settings (settings.xml) sets liquibase.";
      assertRefused(mvn("-s", settings, "initialize", "liquibase:update"), reason);
      assertRefused(mvn("-s", settings, "-Poffline", "initialize", "liquibase:updateSQL"), reason);
      assertRefused(mvn("-s", settings, "liquibase:update"), "The database URL has not been specified");
      assertThat(database.query("select relname from pg_class where relnamespace = 'public'::regnamespace"))
          .as("what stands in the other project's database")
          .isEmpty();
    }

    @Test
    void mavenOptsNameATag() {
      assertRefused(
          mvn(Map.of("MAVEN_OPTS", "-Dliquibase.toTag=base"), database.named("initialize", "liquibase:update")),
          "MAVEN_OPTS, JAVA_TOOL_OPTIONS or .mvn/jvm.config sets liquibase.toTag."
              + " Give it on the command line: -Dliquibase.toTag=...");
    }

    /** {@link LiquibaseEnvironmentTest} has each way to write one. */
    @ParameterizedTest
    @CsvSource({"LIQUIBASE_SHOULD_RUN, false", "LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME, x",
        "LIQUIBASE_COMMAND_PASSWORD, secret"})
    void aVariableIsAnOptionOfLiquibase(String name, String value) {
      assertRefused(mvn(Map.of(name, value), database.named("initialize", "liquibase:update")),
          "The environment sets " + name + ", which Liquibase takes for an option");
      assertThat(database.applied()).as("applied changesets").isZero();
    }

    @ParameterizedTest
    @CsvSource({"MAVEN_OPTS, -XX:+UseG1GC", "JAVA_TOOL_OPTIONS, -XX:+UseParallelGC", "JDK_JAVA_OPTIONS, -XX:+UseZGC"})
    void theEnvironmentChoosesAnotherCollector(String variable, String collector) {
      assertThat(mvn(Map.of(variable, collector), "validate").exitCode()).as("of mvn validate").isZero();
    }

    /**
     * An option of a goal, one that only the command line takes, and one of Liquibase itself; {@link DatabaseUrlTest}
     * has those of the project.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        liquibase.totag,            liquibase.toTag
        liquibase.command.url,      liquibase.url
        liquibase.analytics.enable, liquibase.analytics.enabled
        """)
    void anOptionIsMistyped(String mistyped, String meant) {
      assertMavenRefuses(database,
          "-D" + mistyped + " is no option of Liquibase or of this project, so it would change nothing. "
              + "Did you mean -D" + meant + "?",
          "initialize", "liquibase:update", "-D" + mistyped + "=1.0");
    }

    @Test
    void anOptionThatOnlyLiquibaseItselfReadsIsTaken() {
      mvn(database.named("initialize", "liquibase:status", "-Dliquibase.secureParsing=true")).succeeded();
    }
  }

  /** The server or the role cannot carry the schema. */
  @Nested
  class Requirements {

    @Test
    void theServerIsTooOld() throws Exception {
      // No older server is at hand, so the check is asked what it would say on one.
      String base = Files.readString(Path.of("changelog/base.yaml"));
      String end = "use PostgreSQL 15 or later' end";
      String check = base.substring(base.indexOf("select case when"), base.indexOf(end) + end.length());
      assertThat(check).contains("current_setting('server_version_num')", "current_setting('server_version')");
      String old = check.replaceAll("(pg_catalog\\.)?current_setting\\('server_version_num'\\)", "'140011'")
          .replaceAll("(pg_catalog\\.)?current_setting\\('server_version'\\)", "'14.11'");
      assertThat(database.query(check)).as("on this server").containsExactly("ok");
      assertThat(database.query(old)).as("on an older one")
          .containsExactly("PostgreSQL 14.11 is too old; use PostgreSQL 15 or later");
    }

    @Test
    void anExtensionIsMissingOrTooOldOnTheServer() throws Exception {
      try (TestDatabase own = TestDatabase.createOnItsOwnServer("its extensions are part of it")) {
        for (String[] extension : new String[][] {{"vector", "pgvector"}, {"uuid-ossp", "postgresql-contrib"}}) {
          withControlFile(own, extension[0], "rm %s", () -> assertUpdateRefused(own,
              "Extension " + extension[0] + " is not available on this server; install " + extension[1] + " there"));
        }
        for (String old : List.of("0.4.4", "0.7.4.google-1", "0.7")) { // services add to pgvector's own number
          withControlFile(own, "vector", "sed -i \"s/^default_version.*/default_version = '" + old + "'/\" %s",
              () -> assertUpdateRefused(own,
                  "pgvector " + old + " is too old; install 0.8.0 or later (iterative scans)"));
        }
      }
    }

    /** Does something while a shell command has changed an extension's control file. */
    private static void withControlFile(TestDatabase own, String extension, String change, Runnable action)
        throws Exception {
      String folder = own.query("select setting from pg_config where name = 'SHAREDIR'").get(0);
      String file = folder + "/extension/" + extension + ".control";
      shell(own, "cp %1$s %1$s.kept && ".formatted(file) + change.formatted(file));
      action.run();
      shell(own, "mv %1$s.kept %1$s".formatted(file));
    }

    private static void shell(TestDatabase own, String command) throws Exception {
      assertThat(own.container().execInContainer("sh", "-c", command).getExitCode()).as(command).isZero();
    }

    /** The second may create uuid-ossp, since that is trusted, and not vector. */
    @ParameterizedTest
    @CsvSource({"schema public", "database %s"})
    void theRoleMayNotCreateTheExtension(String where) {
      TestDatabase.assumeServer("everyone is a superuser there");
      database.execute("create role bad_plain login password 'x'", "grant create on schema public to bad_plain",
          "grant create on %s to bad_plain".formatted(where.formatted(database.name())));
      assertUpdateRefused(database.as("bad_plain", "x"),
          "Role bad_plain could not create extension vector: permission"
              + " denied to create extension \"vector\". Have a role that may do that run in this database:"
              + " CREATE EXTENSION vector");
      database.execute("drop owned by bad_plain", "drop role bad_plain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "uuid-ossp"})
    void theExtensionIsWhereTheRoleDoesNotLook(String extension) {
      database.execute("create schema elsewhere", "create extension \"%s\" schema elsewhere".formatted(extension));
      assertUpdateRefused(database,
          "Extension " + extension + " is installed in a schema outside the search_path of role " + database.username()
              + "; add that schema: ALTER ROLE");
    }

    @Test
    void theRoleMayNotCreateTables() {
      TestDatabase.assumeServer("everyone is a superuser there");
      database.execute("create role bad_reader login password 'x'");
      assertMavenRefuses(database.as("bad_reader", "x"), "permission denied for schema public");
    }

    @Test
    void theServerIsReadOnly() {
      TestDatabase.assumeServer("everyone is the same role there");
      database.execute("create role bad_standby superuser login password 'x'",
          "alter role bad_standby set default_transaction_read_only = on");
      assertMavenRefuses(database.as("bad_standby", "x"), "cannot execute CREATE TABLE in a read-only transaction");
    }
  }

  /** Something of ours is there already, or not what it was. */
  @Nested
  class Existing {

    private static final String REMEDIES =
        ". Use an empty database or schema. If Alembic made it, run: mvn -Padopt-alembic."
            + " If it is ours and only its history is missing, run: mvn initialize liquibase:changelogSync";

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
        create view task_states as select 1 as x                                  | task_states
        create function touch_updated_at() returns int language sql as 'select 1' | touch_updated_at
        create table other (a text); create index idx_workflow_id on other (a)    | idx_workflow_id
        """)
    void anObjectOfThatName(String sql, String name) {
      database.execute(sql);
      assertUpdateRefused(database, "Already in schema public, and not made by these migrations: " + name + REMEDIES);
    }

    @Test
    void aTableOfThatNameForMaven() {
      database.execute("create table agents (someone text)");
      assertMavenRefuses(database, "Already in schema public, and not made by these migrations: agents" + REMEDIES);
    }

    @Test
    void anAppliedChangesetWasEdited() {
      Migrations.update(database);
      database.execute("""
          update databasechangelog set md5sum = '9:00000000000000000000000000000000'
          where id = 'agents-001-create-agents'""");
      assertMavenRefuses(database,
          "agents-001-create-agents::mycelium was: 9:00000000000000000000000000000000 but is now: 9:");
    }
  }

  /** The run is asked for what cannot be done. */
  @Nested
  class Request {

    /** Its statements would look elsewhere than in the schema that holds the history. */
    @ParameterizedTest(name = "{0} -D{1}")
    @CsvSource(textBlock = """
        liquibase:update,   liquibase.defaultSchemaName
        liquibase:rollback, liquibase.changelogSchemaName
        """)
    void anotherSchemaThanTheConnections(String goal, String option) {
      Migrations.update(database);
      // Another installation of ours, whose history a run with such an option finds.
      database.execute("create schema app", "create table app.databasechangelog as table databasechangelog");
      assertMavenRefuses(database,
          "The history is looked for in schema app, but the statements of this changelog run in the schema that comes"
              + " first in the connection's own search_path. Nothing was changed."
              + " Leave out defaultSchemaName and changelogSchemaName",
          "initialize", goal, "-D" + option + "=app", "-Dliquibase.rollbackTag=base");
      assertThat(database.query("select id from app.databasechangelog")).as("the history of schema app")
          .hasSameSizeAs(database.query("select id from databasechangelog"));
    }

    @ParameterizedTest
    @CsvSource({"liquibase:update", "liquibase:updateSQL"})
    @ResourceLock(MavenRun.OUTPUT)
    void anUpdateToAnUnknownTag(String goal) {
      assertMavenRefuses(database,
          "liquibase.toTag=9.9 is no tag of this changelog, so nothing was applied; the tags: base, 1.0", "initialize",
          goal, "-Dliquibase.toTag=9.9");
    }

    @Test
    void aRollbackToAnUnknownTag() {
      Migrations.update(database);
      assertUnchangedBy(database, () -> assertThatThrownBy(() -> Migrations.rollback(database, "9.9"))
          .hasMessageContaining("Could not find tag '9.9' in the database"));
    }

    @Test
    @ResourceLock(MavenRun.OUTPUT)
    void aRollbackOverAChangesetThatCannotBeUndoneIsFoundByItsPreviewBeforeAnythingIsUndone() {
      String changelog = "src/test/resources/io/mycelium/migrations/goals/no-rollback.yaml";
      Migrations.update(database, changelog);
      assertMavenRefuses(database, "No inverse to liquibase.change.core.RawSQLChange created", "initialize",
          "liquibase:rollbackSQL", "liquibase:rollback", "-Dliquibase.rollbackTag=start",
          "-Dliquibase.changeLogFile=" + changelog);
      assertThat(database.catalog().objects()).containsKeys("table kept", "table last");
    }
  }

  /**
   * Asserts what an update says, which Maven prints once and without a trace: so the cases that Maven runs show for
   * all.
   */
  private static void assertUpdateRefused(TestDatabase as, String reason) {
    assertUnchangedBy(as, () -> assertThatThrownBy(() -> Migrations.update(as)).hasMessageContaining(reason)
        .hasMessageNotContaining("secret"));
  }

  private void assertMavenRefuses(TestDatabase as, String reason, String... words) {
    String[] command = as.named(words.length == 0 ? new String[] {"initialize", "liquibase:update"} : words);
    assertUnchangedBy(database, () -> assertRefused(mvn(command), reason));
  }

  private static void assertUnchangedBy(TestDatabase database, Runnable refusal) {
    Catalogs before = database.catalogs();
    refusal.run();
    assertThat(before.differences(database.catalogs())).as("catalog after the refusal").isEmpty();
  }

  private static void assertRefused(MavenRun run, String reason) {
    assertThat(run.exitCode()).as("exit code").isNotZero();
    assertThat(run.output()).doesNotContain("secret", "se@cret");
    assertThat(run.output()).as("a trace of Java").doesNotContain("\n\tat ", "\n    at ", "Caused by:");
    assertThat(run.output()).as("a warning before the failure").doesNotContain("[WARNING]");
    assertThat(run.output().split(Pattern.quote(reason), -1))
        .as("what stands around the reason, which is said once: %s", run.output())
        .hasSize(2);
  }
}
