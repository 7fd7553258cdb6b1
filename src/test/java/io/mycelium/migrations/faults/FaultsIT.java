package io.mycelium.migrations.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.changelog.MigrationLock;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.MavenRun;
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
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
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

  private static Schema head;

  private final List<Process> started = new ArrayList<>();
  private TestDatabase database;

  @BeforeAll
  static void readHead() throws IOException {
    TestDatabase.assumeServer("it has one session, and no locks between sessions");
    Files.createDirectories(FOLDER);
    TestDatabase reference = TestDatabase.create();
    Migrations.update(reference);
    head = reference.catalog();
  }

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @AfterEach
  void endWhatWasStarted() {
    started.forEach(Process::destroyForcibly);
    database.close();
  }

  @Test
  void anUpdateThatIsKilledAtAnyMomentIsFinishedByTheNext() throws Exception {
    int changeSets = Migrations.CHANGELOG.changeSets().size();
    List<Integer> stoppedAt = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      database = TestDatabase.create();
      int moment = changeSets * kill / KILLS;
      Process update = startMaven("liquibase:update");
      TestDatabase.await(moment + " changesets are applied",
          () -> database.applied() >= moment && (database.hasMigration("true") || !update.isAlive()));
      update.destroyForcibly().waitFor();
      database.awaitNoMigration();
      stoppedAt.add(database.applied());
      assertRecovers();
    }
    System.out.printf("%d of %d killed updates were finished by the next; killed after changesets %s%n", KILLS, KILLS,
        stoppedAt);
  }

  @Test
  void theSessionOfARunThatIsKilledInAStatementEndsBeforeTheStatementDoes() throws Exception {
    blockedRollback(() -> {
      String pid = migrationsPid();
      started.get(0).destroyForcibly().waitFor();
      database.awaitNoMigration();
      assertThat(database.container()
          .getLogs()
          .lines()
          .filter(line -> line.contains("[" + pid + "] "))
          .filter(line -> line.contains("ERROR") || line.contains("FATAL")))
          .as("what the server says of session %s", pid)
          .singleElement()
          .asString()
          .contains("FATAL:  connection to client lost");
    });
    assertRecovers();
  }

  @Test
  void aMigrationThatWaitsForLiveTrafficGivesUpAndLeavesNoLock() throws Exception {
    Process rollback = blockedRollback(() -> TestDatabase.exitCode(started.get(0)));
    assertThat(rollback.exitValue()).as("exit code").isNotZero();
    assertThat(output(rollback)).contains("canceling statement due to lock timeout");
    assertRecovers();
  }

  @Test
  void aLostConnectionIsSurvived() throws Exception {
    Process rollback = blockedRollback(() -> {
      database.server()
          .execute(
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s' and application_name = 'mycelium-migrations'"
                  .formatted(database.name()));
      TestDatabase.exitCode(started.get(0));
    });
    assertThat(rollback.exitValue()).as("exit code").isNotZero();
    assertThat(output(rollback)).contains("terminating connection due to administrator command");
    assertRecovers();
  }

  @Test
  void aCrashOfTheServerIsSurvived() throws Exception {
    database = TestDatabase.createOnItsOwnServer("a crash would end it");
    Process rollback = blockedRollback(() -> {
      // PostgreSQL then restarts all of itself
      database.container().execInContainer("sh", "-c", "kill -9 " + migrationsPid());
      TestDatabase.exitCode(started.get(0));
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
    Process update = maven("liquibase:update");
    assertThat(update.exitValue()).as("exit code").isNotZero();
    assertThat(output(update)).contains("No space left on device");
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
    Process update = maven("liquibase:update", CHANGELOG + changelog);
    assertThat(update.exitValue()).as("exit code").isNotZero();
    assertThat(output(update)).contains("half-way.yaml::half::mycelium", "division by zero", "SELECT 1 / 0");
    assertThat(database.catalog().objects()).containsKey("table whole").doesNotContainKey("table half");
    assertThat(database.query("select id from databasechangelog")).containsExactly("whole");

    changelog("half-way.yaml", good.replace("1 / 0", "1"));
    Migrations.update(database, changelog);
    assertThat(database.catalog().objects()).containsKeys("table whole", "table half");
  }

  /** EntryPointsIT has five at once, by the command line. */
  @Test
  void ofTwoUpdatesAtOnceOnANewDatabaseOneWorksAndTheOtherFindsNothingToDo() throws Exception {
    List<String> said = new ArrayList<>();
    for (Process update : List.of(startMaven("liquibase:update"), startMaven("liquibase:update"))) {
      assertSucceeds(ended(update));
      said.add(output(update).replaceAll("(?s).*?((No|\\d+) changesets applied).*", "$1"));
    }
    assertThat(said).as("what each says that it did")
        .containsExactlyInAnyOrder(Migrations.CHANGELOG.changeSets().size() + " changesets applied",
            "No changesets applied");
    assertAtHead("after two updates at once");
  }

  @Test
  void anIndexBuiltConcurrentlyThatIsKilledIsMendedByTheNextRun() throws Exception {
    String changelog = indexChangelog();
    whileSomebodyWrites(() -> {
      Process build = startMaven("liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the index build waits for the writer",
          "wait_event_type = 'Lock' and query ilike '%create index%'");
      build.destroyForcibly().waitFor();
      database.awaitNoMigration();
    });
    assertThat(started.get(0).isAlive()).isFalse();
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
      startMaven("liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the index build waits for the writer",
          "wait_event_type = 'Lock' and query ilike '%create index%'");
      startMaven("liquibase:update", CHANGELOG + changelog);
      database.awaitMigration("the second update waits for the first",
          "state like 'idle%' and query ilike '%pg_try_advisory_lock%'");
    });
    for (Process update : started) {
      assertSucceeds(ended(update));
    }
    assertThat(database.query("select indisvalid from pg_index where indexrelid = to_regclass('big_n_idx')"))
        .containsExactly("t");
  }

  @Test
  void aLockThatAnotherRoleHoldsIsNamedAndAnOperatorEndsIt() throws Exception {
    database = TestDatabase.createOwnedByAPlainRole();
    database.server().execute("create role stranger login password 'x'");
    try (Connection stranger = database.as("stranger", "x").connect();
        Statement statement = stranger.createStatement()) {
      statement.execute("select pg_advisory_lock(%s)".formatted(History.lockKey("public")));
      String pid = database.server().query("select pid from pg_stat_activity where usename = 'stranger'").get(0);
      String holder = "session " + pid + " of role stranger ";
      String remedy = "SELECT pg_terminate_backend(" + pid + ")";

      Process list = maven("liquibase:listLocks");
      assertSucceeds(list);
      assertThat(output(list)).contains(holder, remedy, "; seen at ").doesNotContain("NullPointerException");
      assertThatThrownBy(this::giveUpWaiting).hasMessageContaining("Could not acquire change log lock")
          .hasMessageContaining(holder)
          .hasMessageContaining("; seen since ");
      database.server().execute("grant pg_read_all_stats to " + database.username());
      assertThatThrownBy(this::giveUpWaiting).as("who may see the session")
          .hasMessageContaining(holder)
          .hasMessageContaining("; connected since ");

      Process update = startMaven("liquibase:update");
      database.awaitMigration("the update waits for the stranger",
          "state like 'idle%' and query ilike '%pg_try_advisory_lock%'");
      assertThatThrownBy(() -> database.execute(remedy)).as("the owner is no member of pg_signal_backend")
          .hasMessageContaining("permission denied to terminate process");
      database.server().execute("grant pg_signal_backend to " + database.username());
      database.execute(remedy);
      assertSucceeds(ended(update));
      assertAtHead("after the update that had waited");

      database.server().execute("revoke connect on database %s from public".formatted(database.name()));
      assertThatThrownBy(() -> database.as("stranger", "x").connect())
          .hasMessageContaining("permission denied for database");
    } finally {
      database.server().execute("drop role stranger");
    }
  }

  /** What a run says that has waited for as long as it does: here not at all, instead of five minutes. */
  private void giveUpWaiting() throws Exception {
    try (Connection connection = database.connect()) {
      MigrationLock lock = new MigrationLock();
      lock.setDatabase(DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection)));
      lock.setChangeLogLockWaitTime(0);
      lock.waitForLock();
    }
  }

  @Test
  void theLockOfAnotherDatabaseOnTheServerIsNone() throws Exception {
    try (Connection other = TestDatabase.create().connect(); Statement statement = other.createStatement()) {
      statement.execute("select pg_advisory_lock(%s)".formatted(History.lockKey("public")));
      Process list = maven("liquibase:listLocks");
      assertSucceeds(list);
      assertThat(output(list)).contains("No locks");
      statement.execute("select pg_advisory_unlock_all()");
    }
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
      Process rollback = startMaven("liquibase:rollback", "-Dliquibase.rollbackTag=base");
      database.awaitMigration("the rollback waits for the reader", "wait_event_type = 'Lock'");
      step.run();
      return rollback;
    } catch (SQLException closed) {
      return started.get(0); // the server took the reader's connection as well
    }
  }

  private String indexChangelog() throws IOException {
    database.execute("create table big (n int)", "insert into big select generate_series(1, 1000)");
    return changelog("index.yaml",
        """
            databaseChangeLog:
              - logicalFilePath: index.yaml
              - changeSet:
                  id: index
                  author: mycelium
                  runInTransaction: false
                  changes:
                    - sql: {sql: DROP INDEX CONCURRENTLY IF EXISTS big_n_idx; CREATE INDEX CONCURRENTLY big_n_idx ON big (n)}
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
    assertThat(database.server()
        .query(
            "select count(*) from pg_locks join pg_database d on d.oid = database where locktype = 'advisory' and datname = '%s'"
                .formatted(database.name())))
        .as("locks left behind")
        .containsExactly("0");
    Migrations.update(database);
    assertAtHead("after the next update");
  }

  private void assertAtHead(String when) {
    assertThat(head.differences(database.catalog())).as("catalog %s", when).isEmpty();
  }

  private String migrationsPid() {
    return database.server()
        .query("select pid from pg_stat_activity where datname = '%s' and application_name = 'mycelium-migrations'"
            .formatted(database.name()))
        .get(0);
  }

  private Process maven(String... words) {
    return ended(startMaven(words));
  }

  private Process startMaven(String... words) {
    Process process = MavenRun.start(FOLDER.resolve("output-" + started.size()), database.named(words));
    started.add(process);
    return process;
  }

  private static Process ended(Process process) {
    TestDatabase.exitCode(process);
    return process;
  }

  private void assertSucceeds(Process process) throws IOException {
    assertThat(process.exitValue()).as(output(process)).isZero();
  }

  private String output(Process process) throws IOException {
    return Files.readString(FOLDER.resolve("output-" + started.indexOf(process)));
  }
}
