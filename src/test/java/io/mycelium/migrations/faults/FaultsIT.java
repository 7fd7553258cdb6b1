package io.mycelium.migrations.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Whatever happens to a run of Maven, what it had not finished is undone, nothing is left behind, and the next run goes
 * on from there. {@code -Dkills=50} kills more runs than the default.
 */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "mvn.cmd is killed without the JVM that it started")
class FaultsIT {

  private static final int KILLS = Integer.getInteger("kills", 3);
  private static final Path FOLDER = Path.of("target/faults");
  /** The option that names another changelog. */
  private static final String CHANGELOG = "-Dliquibase.changeLogFile=";

  private final Runs runs = new Runs(FOLDER);
  private TestDatabase database;

  @BeforeAll
  static void readHead() {
    TestDatabase.assumeServer("it has one session, and no locks between sessions");
    Runs.readHead();
  }

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @AfterEach
  void endWhatWasStarted() {
    runs.end();
    database.close();
  }

  @Test
  void anUpdateThatIsKilledAtAnyMomentIsFinishedByTheNext() throws Exception {
    int changeSets = Migrations.CHANGELOG.changeSets().size();
    List<Integer> stoppedAt = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      database = TestDatabase.create();
      int moment = changeSets * kill / KILLS;
      Process update = runs.start(database, "liquibase:update");
      TestDatabase.await(moment + " changesets are applied",
          () -> database.applied() >= moment && (database.hasMigration("true") || !update.isAlive()));
      update.destroyForcibly().waitFor();
      database.awaitNoMigration();
      stoppedAt.add(database.applied());
      assertRecovers();
    }
    System.out.printf(Locale.ROOT, "%d of %d killed updates were finished by the next; killed after changesets %s%n",
        KILLS, KILLS, stoppedAt);
  }

  @Test
  void theSessionOfARunThatIsKilledInAStatementEndsBeforeTheStatementDoes() throws Exception {
    blockedRollback(() -> {
      String pid = database.migrations("true").get(0);
      runs.first().destroyForcibly().waitFor();
      database.awaitNoMigration();
      TestDatabase.await("the server says something of session " + pid, () -> !complaints(pid).isEmpty());
      assertThat(complaints(pid)).as("what the server says of session %s", pid)
          .singleElement()
          .asString()
          .contains("FATAL:  connection to client lost");
    });
    assertRecovers();
  }

  /** The errors of a session in the server's log, which a line reaches a moment after what it tells of. */
  private List<String> complaints(String pid) {
    return database.container()
        .getLogs()
        .lines()
        .filter(line -> line.contains("[" + pid + "] ") && (line.contains("ERROR") || line.contains("FATAL")))
        .toList();
  }

  @Test
  void aMigrationThatWaitsForLiveTrafficGivesUpAndLeavesNoLock() throws Exception {
    Process rollback = blockedRollback(() -> TestDatabase.exitCode(runs.first()));
    assertThat(rollback.exitValue()).as("exit code").isNotZero();
    assertThat(runs.output(rollback)).contains("canceling statement due to lock timeout");
    assertRecovers();
  }

  @Test
  void aLostConnectionIsSurvived() throws Exception {
    Process rollback = blockedRollback(() -> {
      for (String pid : database.migrations("true")) {
        database.server().execute("select pg_terminate_backend(%s)".formatted(pid));
      }
      TestDatabase.exitCode(runs.first());
    });
    assertThat(rollback.exitValue()).as("exit code").isNotZero();
    assertThat(runs.output(rollback)).contains("terminating connection due to administrator command");
    assertRecovers();
  }

  @Test
  void aCrashOfTheServerIsSurvived() throws Exception {
    database = TestDatabase.createOnItsOwnServer("a crash would end it");
    Process rollback = blockedRollback(() -> {
      // PostgreSQL then restarts all of itself
      database.container().execInContainer("sh", "-c", "kill -9 " + database.migrations("true").get(0));
      TestDatabase.exitCode(runs.first());
    });
    assertThat(rollback.exitValue()).as("exit code").isNotZero();
    TestDatabase.await("the server has recovered", () -> {
      try (Connection connection = database.connect()) {
        return connection.isValid(1);
      } catch (SQLException starting) {
        return false;
      }
    });
    assertRecovers();
  }

  @Test
  void aFullDiskIsSurvived() throws Exception {
    database = TestDatabase.createOnItsOwnServer("its disk is this machine's");
    database.container().execInContainer("chown", "postgres", TestDatabase.SMALL_DISK);
    database.server()
        .execute("create tablespace small location '%s'".formatted(TestDatabase.SMALL_DISK),
            "alter database %s set default_tablespace = small".formatted(database.name()));
    Process update = runs.run(database, "liquibase:update");
    assertThat(update.exitValue()).as("exit code").isNotZero();
    assertThat(runs.output(update)).contains("No space left on device");
    database.server().execute("alter database %s reset default_tablespace".formatted(database.name()));
    assertRecovers();
  }

  @Test
  void aChangesetThatFailsHalfWayLeavesNothingOfItself() throws Exception {
    String good = """
        databaseChangeLog:
          - logicalFilePath: half-way.yaml
          - changeSet: {id: whole, author: mycelium, changes: [{sql: {sql: "CREATE TABLE whole (a int)"}}]}
          - changeSet: {id: half, author: mycelium, changes: [{sql: {sql: "CREATE TABLE half (a int); SELECT 1 / 0"}}]}
        """;
    String changelog = changelog("half-way.yaml", good);
    Process update = runs.run(database, "liquibase:update", CHANGELOG + changelog);
    assertThat(update.exitValue()).as("exit code").isNotZero();
    assertThat(runs.output(update)).contains("half-way.yaml::half::mycelium", "division by zero", "SELECT 1 / 0");
    assertThat(database.catalog().objects()).containsKey("table whole").doesNotContainKey("table half");
    assertThat(database.query("select id from databasechangelog")).containsExactly("whole");

    changelog("half-way.yaml", good.replace("1 / 0", "1"));
    Migrations.update(database, changelog);
    assertThat(database.catalog().objects()).containsKeys("table whole", "table half");
  }

  @Test
  void anIndexBuiltConcurrentlyThatIsKilledIsMendedByTheNextRun() throws Exception {
    String changelog = indexChangelog();
    whileSomebodyWrites(() -> {
      Process build = runs.start(database, "liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the index build waits for the writer",
          "wait_event_type = 'Lock' and query ilike '%create index%'");
      build.destroyForcibly().waitFor();
      database.awaitNoMigration();
    });
    assertThat(runs.first().isAlive()).isFalse();
    assertThat(database.query("select indisvalid from pg_index where indexrelid = to_regclass('big_n_idx')"))
        .as("what the killed build left: an index that is not valid")
        .containsExactly("f");

    Migrations.update(database, changelog);
    assertThat(database.query("select indisvalid from pg_index where indexrelid = to_regclass('big_n_idx')"))
        .containsExactly("t");
  }

  @Test
  void anIndexBuiltConcurrentlyDoesNotWaitForAnUpdateThatWaitsForIt() throws Exception {
    String changelog = indexChangelog();
    whileSomebodyWrites(() -> {
      runs.start(database, "liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the index build waits for the writer",
          "wait_event_type = 'Lock' and query ilike '%create index%'");
      runs.start(database, "liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the second update waits for the first",
          "state like 'idle%' and query ilike '%pg_try_advisory_lock%'");
    });
    runs.assertAllSucceed();
    assertThat(database.query("select indisvalid from pg_index where indexrelid = to_regclass('big_n_idx')"))
        .containsExactly("t");
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Brings the database to head and starts a rollback that must wait for a reader of agents; then does a step. */
  private Process blockedRollback(Step step) throws Exception {
    Migrations.update(database);
    try (Connection traffic = database.connect(); Statement statement = traffic.createStatement()) {
      traffic.setAutoCommit(false);
      statement.execute("select * from agents");
      Process rollback = runs.start(database, "liquibase:rollback", "-Dliquibase.rollbackTag=base");
      database.awaitMigration("the rollback waits for the reader", "wait_event_type = 'Lock'");
      step.run();
      return rollback;
    } catch (SQLException closed) {
      return runs.first(); // the server took the reader's connection as well
    }
  }

  private String indexChangelog() throws IOException {
    database.execute("create table big (n int)", "insert into big select generate_series(1, 1000)");
    return changelog("index.yaml", """
        databaseChangeLog:
          - logicalFilePath: index.yaml
          - changeSet:
              id: index
              author: mycelium
              runInTransaction: false
              changes:
                - sql:
                    sql: |
                      DROP INDEX CONCURRENTLY IF EXISTS big_n_idx;
                      CREATE INDEX CONCURRENTLY big_n_idx ON big (n)
        """);
  }

  private void whileSomebodyWrites(Step step) throws Exception {
    try (Connection writer = database.connect(); Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into big values (0)");
      step.run();
      writer.commit();
    }
  }

  /** Writes a changelog of a test; the answer is its path from the project's folder. */
  private static String changelog(String name, String content) throws IOException {
    Path file = FOLDER.resolve(name);
    Files.writeString(file, content);
    return file.toString().replace('\\', '/');
  }

  private void assertRecovers() throws Exception {
    database.awaitNoMigration();
    assertThat(database.server().query("""
        select count(*) from pg_locks join pg_database d on d.oid = database
        where locktype = 'advisory' and datname = '%s'""".formatted(database.name()))).as("locks left behind")
        .containsExactly("0");
    Migrations.update(database);
    Runs.assertAtHead(database, "after the next update");
  }
}
