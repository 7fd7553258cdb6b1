package io.mycelium.migrations.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.changelog.MigrationLock;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.lockservice.LockServiceFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One run works on a database at a time; another waits for its lock, and says who holds it. */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "mvn.cmd is killed without the JVM that it started")
class MigrationLockIT {

  private final Runs runs = new Runs(Path.of("target/migration-lock"));
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
  }

  /** EntryPointsIT has five at once, by the command line. */
  @Test
  void ofTwoUpdatesAtOnceOnANewDatabaseOneWorksAndTheOtherFindsNothingToDo() throws Exception {
    List<String> said = new ArrayList<>();
    for (Process update : List.of(runs.start(database, "liquibase:update"), runs.start(database, "liquibase:update"))) {
      runs.assertSucceeds(update);
      said.add(runs.output(update).replaceAll("(?s).*?((No|\\d+) changesets applied).*", "$1"));
    }
    assertThat(said).as("what each says that it did")
        .containsExactlyInAnyOrder(Migrations.CHANGELOG.changeSets().size() + " changesets applied",
            "No changesets applied");
    Runs.assertAtHead(database, "after two updates at once");
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

      Process list = runs.run(database, "liquibase:listLocks");
      runs.assertSucceeds(list);
      assertThat(runs.output(list)).contains(holder, remedy, "; seen at ").doesNotContain("NullPointerException");
      assertThatThrownBy(this::giveUpWaiting).hasMessageContaining("Could not acquire change log lock")
          .hasMessageContaining(holder)
          .hasMessageContaining("; seen since ");
      database.server().execute("grant pg_read_all_stats to " + database.username());
      assertThatThrownBy(this::giveUpWaiting).as("who may see the session")
          .hasMessageContaining(holder)
          .hasMessageContaining("; connected since ");

      Process update = runs.start(database, "liquibase:update");
      database.awaitMigration("the update waits for the stranger",
          "state like 'idle%' and query ilike '%pg_try_advisory_lock%'");
      assertThatThrownBy(() -> database.execute(remedy)).as("the owner is no member of pg_signal_backend")
          .hasMessageContaining("permission denied to terminate process");
      database.server().execute("grant pg_signal_backend to " + database.username());
      database.execute(remedy);
      runs.assertSucceeds(update);
      Runs.assertAtHead(database, "after the update that had waited");

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
  void theEndOfAnotherRunInTheSameJvmMakesNoRunForgetItsLock() throws Exception {
    try (Connection connection = database.connect()) {
      Database liquibase =
          DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection));
      LockServiceFactory.getInstance().getLockService(liquibase).waitForLock();
      LockServiceFactory.getInstance().resetAll(); // what the other run does at its end
      LockServiceFactory.getInstance().getLockService(liquibase).releaseLock();
      assertThat(database.query("select count(*) from pg_locks where locktype = 'advisory'"
          + " and database = (select oid from pg_database where datname = current_database())"))
          .as("locks that a connection, perhaps a pool's, still holds after its run")
          .containsExactly("0");
    }
  }

  @Test
  void theLockOfAnotherDatabaseOnTheServerIsNone() throws Exception {
    try (Connection other = TestDatabase.create().connect(); Statement statement = other.createStatement()) {
      statement.execute("select pg_advisory_lock(%s)".formatted(History.lockKey("public")));
      Process list = runs.run(database, "liquibase:listLocks");
      runs.assertSucceeds(list);
      assertThat(runs.output(list)).contains("No locks");
      statement.execute("select pg_advisory_unlock_all()");
    }
  }
}
