package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.ui.LoggerUIService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

/** A run's session is the same, whatever the role and the database say, and however the connection was opened. */
class MigrationDatabaseIT {

  /** What an administrator may set for a database. */
  private static final Map<String, String> OF_THE_DATABASE =
      Map.of("TimeZone", "Asia/Tokyo", "default_transaction_isolation", "serializable",
          "idle_in_transaction_session_timeout", "1h", "idle_session_timeout", "1h", "transaction_timeout", "1h",
          "lock_timeout", "0", "statement_timeout", "1h", "tcp_user_timeout", "0");

  private TestDatabase database;

  @BeforeEach
  void create() {
    TestDatabase.assumeServer("the settings of its one database stay for the other tests");
    database = TestDatabase.create();
    for (String name : database.query(
        "select name from pg_settings where name in ('%s')".formatted(String.join("', '", OF_THE_DATABASE.keySet())))) {
      database.execute("alter database %s set %s = '%s'".formatted(database.name(), name, OF_THE_DATABASE.get(name)));
    }
  }

  @Test
  void aConnectionThatSaysNothingHasOurSettingsUntilItIsClosed() throws Exception {
    try (Connection connection = database.connect()) {
      Map<String, String> before = settings(connection);
      Database liquibase = open(connection);
      connection.rollback();

      Map<String, String> during = settings(connection);
      assertThat(during).containsEntry("TimeZone", "UTC")
          .containsEntry("default_transaction_isolation", "read committed")
          .containsEntry("lock_timeout", "10000")
          .containsEntry("statement_timeout", "900000")
          .containsEntry("client_connection_check_interval", "1000")
          .containsEntry("tcp_user_timeout", "15000")
          .containsEntry("idle_in_transaction_session_timeout", "0")
          .containsEntry("idle_session_timeout", "0");
      assertThat(during.getOrDefault("transaction_timeout", "0")).as("transaction_timeout").isEqualTo("0");
      assertThat(connection.getNetworkTimeout()).as("how long it waits for an answer, in ms").isEqualTo(960_000);

      connection.rollback();
      liquibase.close();
      assertThat(settings(connection)).as("after the close, for a pool").isEqualTo(before);
      assertThat(connection.getNetworkTimeout()).as("how long it waits for an answer then").isZero();
    }
  }

  @Test
  void whatTheConnectionWasOpenedWithStays() throws Exception {
    String url = database.url() + "?options=-c%20lock_timeout=7s%20-c%20statement_timeout=0";
    try (Connection connection = DriverManager.getConnection(url, database.username(), database.password())) {
      open(connection);
      assertThat(settings(connection)).containsEntry("lock_timeout", "7000").containsEntry("statement_timeout", "0");
      assertThat(connection.getNetworkTimeout()).as("an answer may take as long as its statement").isZero();
    }
  }

  @Test
  void ofTwoUpdatesAtOnceNoneAppliesWhatTheOtherHasApplied() {
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> Migrations.update(database));
    Migrations.update(database);
    other.join();
    assertThat(database.query("select id from databasechangelog order by orderexecuted")).as("history")
        .isEqualTo(ids());
  }

  /** The changelog alone, with Liquibase's own class for PostgreSQL. */
  @Test
  void aRunWithoutTheJarIsRefused() throws Exception {
    try (Connection connection = database.connect()) {
      PostgresDatabase plain = new PostgresDatabase();
      plain.setConnection(new JdbcConnection(connection));
      try (Liquibase liquibase = new Liquibase(Migrations.CHANGELOG.path(), Migrations.CHANGELOG.files(), plain)) {
        Map<String, Object> quietly = Map.of(Scope.Attr.ui.name(), new LoggerUIService());
        assertThatThrownBy(() -> Scope.child(quietly, () -> liquibase.update(new Contexts())))
            .hasMessageContaining("Liquibase has not loaded the project's jar");
      }
    }
    assertThat(database.catalog().objects()).as("what was made").doesNotContainKey("extension vector");
  }

  /** Nobody tells the server that the client is gone, as with a laptop that leaves, or a firewall that forgets. */
  @Test
  @Tag("any-version")
  void aLostNetworkEndsTheSessionAndItsLocks() throws Exception {
    try (TestDatabase own = TestDatabase.createOnItsOwnServer("it has no network of its own")) {
      own.execute("create table wanted (x int)");
      Connection connection = own.connect();
      open(connection);
      CompletableFuture<Void> migration = CompletableFuture.runAsync(() -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute("lock wanted; select pg_sleep(600)");
        } catch (SQLException e) {
          throw new CompletionException(e);
        }
      });
      TestDatabase.await("the migration works", () -> sessions(own).equals("1"));
      DockerClientFactory.instance()
          .client()
          .disconnectFromNetworkCmd()
          .withNetworkId("bridge")
          .withContainerId(own.container().getContainerId())
          .exec();
      long cut = System.nanoTime();
      TestDatabase.await("its session ends", () -> sessions(own).equals("0"));
      assertThat(Duration.ofNanos(System.nanoTime() - cut)).as("until the session has ended")
          .isLessThan(Duration.ofMinutes(1));
      connection.abort(Runnable::run);
      assertThatThrownBy(migration::join).hasCauseInstanceOf(SQLException.class);
    }
  }

  /** How many sessions hold a lock on the table, by the server's own socket. */
  private static String sessions(TestDatabase own) throws Exception {
    return own.container()
        .execInContainer("psql", "-U", own.container().getUsername(), "-d", own.name(), "-XAtc",
            "select count(*) from pg_locks where relation = 'wanted'::regclass and mode = 'AccessExclusiveLock'")
        .getStdout()
        .strip();
  }

  private static List<String> ids() {
    try {
      return Migrations.CHANGELOG.changeSets().stream().map(changeSet -> changeSet.getId()).toList();
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** The connection in Liquibase, whose close leaves it open, as a pool's does. */
  private static Database open(Connection connection) throws Exception {
    return DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection) {
      @Override
      public void close() {
        // goes back to the pool
      }
    });
  }

  private static Map<String, String> settings(Connection connection) throws SQLException {
    String names = String.join("', '",
        Stream.concat(OF_THE_DATABASE.keySet().stream(), Stream.of("client_connection_check_interval")).toList());
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select name, setting from pg_settings where name in ('" + names + "')")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    }
    return settings;
  }
}
