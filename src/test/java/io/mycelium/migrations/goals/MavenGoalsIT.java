package io.mycelium.migrations.goals;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the README do what it says of them, run as a user runs them. */
@Tag("any-version")
class MavenGoalsIT {

  /** Where the goals that only preview write their SQL. */
  private static final Path SQL = Path.of("target/liquibase/migrate.sql");

  private static final String HISTORY =
      "select concat_ws(' ', filename, id, md5sum, tag) from databasechangelog order by orderexecuted";

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  /** In the order in which they stand there, on a new database that DATABASE_URL names. */
  @Test
  @ResourceLock(MavenRun.OUTPUT)
  void theCommandsOfTheReadmesTableWorkOneAfterTheOther() throws IOException {
    Pattern row = Pattern.compile("\\| (.*?) \\| `mvn (.*?)`.*");
    List<Matcher> rows =
        Files.readAllLines(Path.of("README.md")).stream().map(row::matcher).filter(Matcher::matches).toList();
    assertThat(rows).as("rows of the table, with a command each").isNotEmpty();
    for (Matcher command : rows) {
      String purpose = command.group(1);
      Catalogs before = database.catalogs();
      MavenRun run = mvn(Map.of("DATABASE_URL", databaseUrl(database)), command.group(2).split(" "));
      boolean fails = purpose.startsWith("fail where"); // nothing was applied yet
      assertThat(run.exitCode() != 0).as("`mvn %s` fails: %s", command.group(2), run.output()).isEqualTo(fails);
      assertThat(run.output()).as("what `mvn %s` prints", command.group(2)).contains(says(purpose));
      if (!purpose.matches("(apply|roll back) .*")) {
        assertThat(before.differences(database.catalogs()))
            .as("what `mvn %s`, which only reads, has changed", command.group(2))
            .isEmpty();
      }
      switch (purpose) {
        case "see where the database stands" -> assertThat(database.applied()).as("history after it").isZero();
        case "preview an update" -> assertThat(SQL).content()
            .contains("CREATE TABLE IF NOT EXISTS agents", "CREATE TABLE IF NOT EXISTS coordination_events");
        case "preview without any database" -> {
          assertThatItIsAnUpdate(Files.readString(SQL));
          // the embedded database, which is but one, is not empty any more
          database = TestDatabase.create();
        }
        case "preview a rollback" ->
          assertThat(SQL).content().contains("DROP TABLE IF EXISTS agents", "DROP TABLE IF EXISTS coordination_events");
        case "browse the schema in HTML" -> assertThat(Path.of("target/liquibase/dbDoc/index.html")).exists();
        default -> {}
      }
    }
    assertThat(database.catalog().objects()).as("catalog after the last row, which rolls everything back").isEmpty();
  }

  /** A laptop in Tokyo and a pipeline in New York: the later run's clock reads earlier. */
  @Test
  void runsInSeveralTimeZonesWriteOneHistory() {
    Map<String, String> tokyo = Map.of("TZ", "Asia/Tokyo");
    Map<String, String> newYork = Map.of("TZ", "America/New_York");
    mvn(tokyo, database.named("initialize", "liquibase:update", "-Dliquibase.toTag=1.0")).succeeded();
    mvn(newYork, database.named("initialize", "liquibase:update")).succeeded();
    assertThat(database.query("select id from databasechangelog order by dateexecuted, orderexecuted"))
        .as("ids by the times of the history")
        .isEqualTo(database.query("select id from databasechangelog order by orderexecuted"));
    assertThat(database.query("""
        select id from databasechangelog
        where dateexecuted not between timezone('UTC', now()) - interval '1 hour' and timezone('UTC', now())"""))
        .as("what is not noted in UTC")
        .isEmpty();

    String[] rollback = database.named("initialize", "liquibase:rollback", "-Dliquibase.rollbackTag=1.1");
    assertThat(mvn(newYork, rollback).succeeded().output()).contains(" rolled back, at tag 1.1;");
  }

  /** What a command of the table prints, by what it is there for. */
  private static List<String> says(String purpose) throws IOException {
    List<String> ids = ids();
    String last = ids.get(ids.size() - 1);
    return switch (purpose) {
      case "see where the database stands" -> List.of(" has no migration applied;");
      case "fail where something is pending" -> List.of("apply what is pending");
      case "preview an update", "preview without any database", "preview a rollback" ->
        List.of("The SQL is in " + SQL + "; nothing was changed");
      case "apply the next changeset" ->
        List.of("1 changeset applied, at tag base;", "pending: " + ids.get(1) + " to " + last);
      case "see what is pending" -> List.of(ids.get(1), last);
      case "apply up to a tag" -> List.of(" changesets applied, at tag 1.0;");
      case "apply everything" -> List.of(" changesets applied, " + Migrations.head());
      case "see what was applied, and when" -> ids;
      case "note everything as applied" -> List.of("No changesets marked as applied");
      case "check the changelog" -> List.of("The changelog is valid");
      case "compare the database with its migrations" -> List.of("no drift");
      case "see what is wrong, and the remedy" -> List.of("ok       metrics");
      case "see all of that on [one page](docs/report.md)" ->
        List.of("nothing has drifted; no health problem", "target/report.html shows it");
      case "see who holds the lock" -> List.of("No locks");
      case "browse the schema in HTML" -> List.of("The pages begin at target/liquibase/dbDoc/index.html");
      case "roll back to a tag" -> List.of(" changesets rolled back, at tag 1.0;");
      case "roll back the last changeset" -> List.of("1 changeset rolled back, ");
      case "roll back everything" -> List.of(" changesets rolled back, at tag base;");
      default -> throw new AssertionError("this test has to know what the command prints that is there to " + purpose);
    };
  }

  private static List<String> ids() {
    try {
      return Migrations.CHANGELOG.changeSets().stream().map(ChangeSet::getId).toList();
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private void assertThatItIsAnUpdate(String sql) {
    TestDatabase byScript = TestDatabase.create();
    byScript.execute(sql);
    Catalogs schema = byScript.catalogs();
    List<String> history = byScript.query(HISTORY);
    TestDatabase byUpdate = TestDatabase.create();
    Migrations.update(byUpdate);
    assertThat(byUpdate.catalogs().differences(schema)).as("catalog after the script").isEmpty();
    assertThat(byUpdate.query(HISTORY)).as("history after the script").isEqualTo(history);
  }

  @Test
  void aSecondRollbackToATagFindsNothingToDo() {
    List<String> ids = ids();
    assertThat(goal("initialize", "liquibase:update", "-Dliquibase.changesToApply=3").output()).contains(
        ", at " + ids.get(2) + ", 2 after tag base;", "pending: " + ids.get(3) + " to " + ids.get(ids.size() - 1));
    assertThat(goal("initialize", "liquibase:rollback", "liquibase:rollback", "exec:java@current",
        "-Dliquibase.rollbackTag=base").output())
        .contains(" changesets rolled back, at tag base;", "No changesets rolled back, at tag base;")
        .as("mvn -Pcurrent")
        .contains(" is at tag base;");
    assertThat(database.catalog().objects()).as("catalog after the rollback to base").isEmpty();
  }

  @Test
  void aLostHistoryIsMendedByChangelogSync() {
    Migrations.update(database);
    Catalogs catalog = database.catalogs();
    database.execute("drop table databasechangelog");

    MavenRun update = run("liquibase:update");
    assertThat(update.exitCode()).isNotZero();
    assertThat(update.output()).contains("Already in schema public", "mvn initialize liquibase:changelogSync");

    assertThat(goal("initialize", "liquibase:changelogSync", "exec:java@current").output())
        .contains("; nothing is pending");
    assertThat(catalog.differences(database.catalogs())).as("catalog after changelogSync").isEmpty();
    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects()).as("catalog after a rollback of what was only noted").isEmpty();
  }

  /** What a person reads of an update, a rollback and a preview: a line a changeset, and one summary. */
  @Test
  void eachCommandSaysWhatItDidAndNothingElse() throws Exception {
    List<String> ids = ids();
    String address = "postgresql://%s@%s/%s".formatted(database.username(), database.hostAndPort(), database.name());

    List<String> updates = lines(goal("initialize", "liquibase:update", "liquibase:update"));
    assertThat(updates.subList(0, ids.size())).as("the lines of the changesets")
        .containsExactlyElementsOf(ids.stream().map("  applied %s"::formatted).toList());
    assertThat(updates.subList(ids.size(), updates.size())).as("the summaries of two updates")
        .containsExactly(ids.size() + " changesets applied, " + Migrations.head(), address,
            "No changesets applied, " + Migrations.head(), address);

    String last = ids.get(ids.size() - 1);
    List<String> others = lines(goal("initialize", "liquibase:rollbackSQL", "liquibase:rollback",
        "liquibase:changelogSync", "liquibase:validate", "liquibase:status", "-Dliquibase.rollbackCount=1"));
    assertThat(others.get(0)).as("of the preview").isEqualTo("The SQL is in " + SQL + "; nothing was changed");
    assertThat(others.get(1)).as("of the rollback").isEqualTo("  rolled back " + last);
    assertThat(others.get(2)).as("of the rollback").startsWith("1 changeset rolled back, ");
    assertThat(others.get(3)).as("of the rollback").contains("1 is pending: " + last);
    assertThat(others.subList(4, 8)).as("of changelogSync and validate, after the rollback's address")
        .containsExactly(address, "1 changeset marked as applied, " + Migrations.head(), address,
            "The changelog is valid");
    assertThat(others.subList(8, others.size())).as("of the status")
        .singleElement()
        .asString()
        .endsWith("is up to date");
  }

  private static List<String> lines(MavenRun run) {
    // Maven resets the terminal's colours around its first line.
    return run.output().replaceAll("\\x1B\\[\\d*m", "").lines().filter(line -> !line.isBlank()).toList();
  }

  /** At the head of the changelog it needs no Node, and it is the same without its profile. */
  @Test
  void driftFailsWritesAReportAndChangesNothing(@TempDir Path folder) throws IOException {
    Migrations.update(database);
    database.execute("create table theirs (a int)", "drop index agents_name_idx");
    Catalogs before = database.catalogs();
    MavenRun run = mvn(Map.of("PATH", MavenRun.pathWithoutNode(folder)), database.named("-Pdrift"));
    assertThat(run.exitCode()).as("exit code with drift").isNotZero();
    assertThat(run.output())
        .contains("missing: index agents_name_idx", "CREATE INDEX agents_name_idx ON public.agents USING btree (name)",
            "drift: 1 object", "target/drift.sql")
        .doesNotContain("    at ", database.password().isEmpty() ? "\0" : "password=" + database.password());
    assertThat(Path.of("target/drift.json")).content()
        .contains("\"object\": \"index agents_name_idx\"", "\"object\": \"table theirs\"");
    assertThat(before.differences(database.catalogs())).as("catalog after the examination").isEmpty();

    database.execute(Files.readString(Path.of("target/drift.sql")));
    MavenRun mended = run("compile", "exec:java@drift", "-Ddrift.foreign=fail");
    assertThat(mended.exitCode()).as("exit code with nothing but foreign objects, which fail here").isNotZero();
    assertThat(mended.output()).as("after target/drift.sql").contains("foreign: table theirs", "no drift");
  }

  @ParameterizedTest
  @ValueSource(strings = {"current", "adopt-alembic"})
  void aProgramThatNeedsADatabaseSaysWhatToRunOffline(String profile) {
    MavenRun offline = mvn("-Poffline," + profile);
    assertThat(offline.exitCode()).isNotZero();
    assertThat(offline.output())
        .contains(profile + " needs a database, and -Poffline names none; run: mvn -P" + profile)
        .doesNotContain("NullPointerException");
  }

  private static String databaseUrl(TestDatabase database) {
    return "postgresql://%s:%s@%s/%s".formatted(database.username(), database.password(), database.hostAndPort(),
        database.name());
  }

  @Test
  void databaseUrlNamesTheDatabaseAndItsPasswordIsNotPrinted() {
    TestDatabase.assumeServer("it checks no password");
    String password = "p@ss:w/rd%1";
    database.execute("create role url_owner superuser login password '" + password + "'");
    Map<String, String> environment = Map.of("DATABASE_URL",
        "postgresql://url_owner:p%%40ss%%3Aw%%2Frd%%251@%s/%s".formatted(database.hostAndPort(), database.name()));
    try {
      MavenRun run =
          mvn(environment, "initialize", "liquibase:update", "liquibase:status", "exec:java@current").succeeded();
      assertThat(run.output()).contains(database.name()).doesNotContain(password, "p%40ss", "w/rd", "w%2Frd");
      assertThat(database.query("select id from agents")).isEmpty();
    } finally {
      database.execute("reassign owned by url_owner to current_user", "drop owned by url_owner", "drop role url_owner");
    }
  }

  private MavenRun goal(String... words) {
    return run(words).succeeded();
  }

  private MavenRun run(String... words) {
    return mvn(database.named(words));
  }
}
