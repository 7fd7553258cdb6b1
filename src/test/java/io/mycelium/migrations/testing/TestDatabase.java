package io.mycelium.migrations.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mycelium.migrations.locks.SampleRows;
import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Snapshot;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * An empty database to test on. Where a Docker engine answers, all stand on one server, a container of the image
 * {@code postgres.image}; else each thread, which runs one class at a time, has an embedded PostgreSQL for all of its
 * tests.
 */
public final class TestDatabase implements AutoCloseable {

  /** A folder of the container that is soon full. */
  public static final String SMALL_DISK = "/small";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Server server;
  private final String name;
  private final String username;
  private final String password;

  TestDatabase(Server server, String name, String username, String password) {
    this.server = server;
    this.name = name;
    this.username = username;
    this.password = password;
  }

  /** A database with nothing in it, owned by a superuser. */
  public static TestDatabase create() {
    return create(Server.ofThisThread());
  }

  /** The same on a server of its own, which the test may break. Its {@link #close} stops it. */
  public static TestDatabase createOnItsOwnServer(String reason) {
    assumeServer(reason);
    return create(Server.startContainer());
  }

  private static TestDatabase create(Server server) {
    if (server.container() == null) {
      return server.emptiedDatabase();
    }
    String name = "test_" + COUNT.incrementAndGet();
    server.database().execute("create database " + name);
    if (Migrations.ON_CITUS) {
      server.addToCitus(name);
    }
    TestDatabase database =
        new TestDatabase(server, name, server.container().getUsername(), server.container().getPassword());
    if (Objects.equals(server, Server.SHARED)) {
      DropsDatabases.later(database);
    }
    return database;
  }

  /** A database with only the extensions in it, owned by a role that may do nothing beyond it. */
  public static TestDatabase createOwnedByAPlainRole() {
    TestDatabase database = create();
    String owner = database.name + "_owner";
    database.execute("create extension \"uuid-ossp\"", "create extension vector",
        "create role " + owner + " login password 'x'",
        "alter database %s owner to %s".formatted(database.name, owner));
    return database.as(owner, "x");
  }

  /** Drops it, with whoever is connected. */
  public void drop() {
    server().execute("drop database %s with (force)".formatted(name));
  }

  /** The database of its server in which others are created. */
  public TestDatabase server() {
    return server.database();
  }

  /** The container, for a test that needs what only a server has. */
  public PostgreSQLContainer container() {
    return server.container();
  }

  /** Whether the tests run on the embedded database. */
  public static boolean hasOneSession() {
    return Server.SHARED == null;
  }

  /** Skips the calling test on the embedded database, and says why. */
  public static void assumeServer(String reason) {
    assume(!hasOneSession(), "Skipped on the embedded database, since " + reason);
  }

  private static void assume(boolean holds, String reason) {
    if (!holds) { // Surefire prints no reason
      String test = StackWalker.getInstance()
          .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(TestDatabase.class.getName()))
              .findFirst()
              .orElseThrow()
              .toString());
      System.out.println(reason + ": " + test);
    }
    assumeTrue(holds, reason);
  }

  /** Skips the calling test where the server has no Citus, and says why. */
  public static void assumeCitus() {
    assume(Migrations.ON_CITUS,
        "Skipped, since the image of the tests is none of Citus; name one with Citus and pgvector by -Dpostgres.image");
  }

  /** Skips the calling test on Citus, and says why. */
  public static void assumeNoCitus(String reason) {
    assume(!Migrations.ON_CITUS, "Skipped on Citus, since " + reason);
  }

  /** Whether it stands on a server, and not on the embedded database. */
  public boolean hasServer() {
    return server.container() != null;
  }

  /** The same database for another role. */
  public TestDatabase as(String otherUsername, String otherPassword) {
    return new TestDatabase(server, name, otherUsername, otherPassword);
  }

  public String name() {
    return name;
  }

  public String username() {
    return username;
  }

  public String password() {
    return password;
  }

  public String hostAndPort() {
    return server.hostAndPort();
  }

  public String url() {
    return "jdbc:postgresql://" + hostAndPort() + "/" + name;
  }

  /** Waits until a condition holds. It fails after minutes, for which nothing takes but what has gone wrong. */
  public static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(50)).until(condition);
  }

  /** Waits until a process has ended, and says how. */
  public static int exitCode(Process process) {
    await("the process has ended: " + process.info().commandLine().orElse(""), () -> !process.isAlive());
    return process.exitValue();
  }

  /** The process ids of the sessions of migrations here, for which a condition on pg_stat_activity holds. */
  public List<String> migrations(String condition) {
    return server().query("""
        select pid from pg_stat_activity
        where datname = '%s' and application_name = 'mycelium-migrations' and %s""".formatted(name, condition));
  }

  /** Whether there is such a session. */
  public boolean hasMigration(String condition) {
    return !migrations(condition).isEmpty();
  }

  /** Waits until such a session is here. */
  public void awaitMigration(String what, String condition) {
    await(what, () -> hasMigration(condition));
  }

  /** Waits until no session of the migrations is here. */
  public void awaitNoMigration() {
    await("the sessions of the migrations have ended", () -> !hasMigration("true"));
  }

  /** The words of a Maven command, with the options that name this database. */
  public String[] named(String... words) {
    Stream<String> options =
        Stream.of("-Dliquibase.url=" + url(), "-Dliquibase.username=" + username, "-Dliquibase.password=" + password);
    return Stream.concat(Stream.of(words), options).toArray(String[]::new);
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), username, password);
  }

  /** A connection as the Maven goals open it for a migration, with its limits. */
  public Connection connectAsMigration() throws SQLException {
    Properties properties = new Properties();
    try (Reader file = Files.newBufferedReader(Migrations.ROOT.resolve("src/main/maven/connection.properties"))) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    properties.setProperty("user", username);
    properties.setProperty("password", password);
    return DriverManager.getConnection(url(), properties);
  }

  /** The schema that is there now. */
  public Schema catalog() {
    try (Connection connection = connect()) {
      return Snapshot.of(connection, Schema::read);
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** All that PostgreSQL's catalogs say of it now. */
  public Catalogs catalogs() {
    try (Connection connection = connect()) {
      return Catalogs.of(connection);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** The schema in PostgreSQL's own words: its pg_dump, without what differs from one dump to the next. */
  public String dump() {
    return server
        .execute("pg_dump", "--schema-only", "--no-owner", "--exclude-table=databasechangelog*",
            "--username=" + server.container().getUsername(), name)
        .replaceAll("(?m)^(--.*|\\\\(un)?restrict .*)?\n", "");
  }

  /** Restores a dump of it, data and all, into another database. */
  public void dumpInto(TestDatabase other) {
    server.execute("sh", "-c", "pg_dump --username=%1$s %2$s | psql --quiet --set=ON_ERROR_STOP=1 --username=%1$s %3$s"
        .formatted(server.container().getUsername(), name, other.name));
  }

  /** Gives each of our tables that is there and empty two rows. */
  public void insertSampleRows() {
    try (Connection connection = connect()) {
      SampleRows.fill(connection, 2);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  public void execute(String... statements) {
    try (Connection connection = connect(); Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** How many changesets the history holds. */
  public int applied() {
    return query("select to_regclass('databasechangelog') is not null").contains("f")
        ? 0
        : query("select id from databasechangelog").size();
  }

  /** The first column of a query's answer, as text. */
  public List<String> query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return Rows.firstColumn(result);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage() + " in: " + sql, e);
    }
  }

  /** Stops the server, if it is its own. */
  @Override
  public void close() {
    if (!Objects.equals(server, Server.SHARED) && hasServer()) {
      server.container().stop();
    }
  }
}
