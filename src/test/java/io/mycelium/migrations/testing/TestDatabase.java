package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mycelium.migrations.embedded.EmbeddedPostgres;
import io.mycelium.migrations.locks.SampleRows;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * An empty database to test on. Where a Docker engine answers, all stand on one server, a container of the image
 * {@code postgres.image}; else each thread, which runs one class at a time, has an embedded PostgreSQL for all of its
 * tests.
 */
public final class TestDatabase implements AutoCloseable {

  /** A folder of the container that is soon full. */
  public static final String SMALL_DISK = "/small";

  /** A folder of the container that is in memory: to make a database there takes a tenth of the time. */
  private static final String MEMORY = "/memory";

  private static final String CITUS = "/citus.sh";
  private static final AtomicInteger COUNT = new AtomicInteger();
  /** Null if no Docker engine answers. */
  private static final Server CONTAINER = Server.startContainerIfDockerAnswers();
  private static final ThreadLocal<Server> EMBEDDED = ThreadLocal.withInitial(Server::startEmbedded);

  private final Server server;
  private final String name;
  private final String username;
  private final String password;

  private TestDatabase(Server server, String name, String username, String password) {
    this.server = server;
    this.name = name;
    this.username = username;
    this.password = password;
  }

  /** A database with nothing in it, owned by a superuser. */
  public static TestDatabase create() {
    return create(hasOneSession() ? EMBEDDED.get() : CONTAINER);
  }

  /** The same on a server of its own, which the test may break. Its {@link #close} stops it. */
  public static TestDatabase createOnItsOwnServer(String reason) {
    assumeServer(reason);
    return create(Server.startContainer());
  }

  private static TestDatabase create(Server server) {
    if (server.container == null) {
      try (Connection connection = server.database().connect()) {
        EmbeddedPostgres.removeEverything(connection);
      } catch (SQLException e) {
        throw new AssertionError(e.getMessage(), e);
      }
      return server.database();
    }
    String name = "test_" + COUNT.incrementAndGet();
    server.database().execute("create database " + name);
    if (Migrations.ON_CITUS) {
      citus(server.container, "database", name);
    }
    TestDatabase database =
        new TestDatabase(server, name, server.container.getUsername(), server.container.getPassword());
    if (server == CONTAINER) {
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
    return server.container;
  }

  /** Whether the tests run on the embedded database. */
  public static boolean hasOneSession() {
    return CONTAINER == null;
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

  /** Runs the script of the tests on Citus in the container. */
  private static void citus(PostgreSQLContainer container, String... words) {
    List<String> command = new ArrayList<>(List.of("sh", CITUS));
    command.addAll(List.of(words));
    try {
      Container.ExecResult result;
      // nodes that are added to two databases at once would be in each other's way
      synchronized (COUNT) {
        result = container.execInContainerWithUser("postgres", command.toArray(String[]::new));
      }
      assertThat(result.getExitCode()).as("exit code of %s: %s", String.join(" ", command), result.getStderr())
          .isZero();
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
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
    return server.container != null;
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
    return server.container == null
        ? "127.0.0.1:" + server.port
        : server.container.getHost() + ":" + server.container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
  }

  public String url() {
    // The connections of the embedded database share one session, in which named statements would collide.
    return "jdbc:postgresql://" + hostAndPort() + "/" + name + (server.container == null ? "?prepareThreshold=0" : "");
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

  /** Whether a session of the migrations is here, for which a condition on pg_stat_activity holds. */
  public boolean hasMigration(String condition) {
    return server().query(
        "select exists (select from pg_stat_activity where datname = '%s' and application_name = 'mycelium-migrations' and %s)"
            .formatted(name, condition))
        .contains("t");
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
    return Stream
        .concat(Stream.of(words),
            Stream.of("-Dliquibase.url=" + url(), "-Dliquibase.username=" + username,
                "-Dliquibase.password=" + password))
        .toArray(String[]::new);
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

  /** The schema in PostgreSQL's own words: its pg_dump, without what differs from one dump to the next. */
  public String dump() {
    return inContainer("pg_dump", "--schema-only", "--no-owner", "--exclude-table=databasechangelog*",
        "--username=" + server.container.getUsername(), name).replaceAll("(?m)^(--.*|\\\\(un)?restrict .*)?\n", "");
  }

  /** Restores a dump of it, data and all, into another database. */
  public void dumpInto(TestDatabase other) {
    inContainer("sh", "-c", "pg_dump --username=%1$s %2$s | psql --quiet --set=ON_ERROR_STOP=1 --username=%1$s %3$s"
        .formatted(server.container.getUsername(), name, other.name));
  }

  private String inContainer(String... command) {
    try {
      Container.ExecResult result = server.container.execInContainer(command);
      assertThat(result.getExitCode()).as("exit code of %s: %s", String.join(" ", command), result.getStderr())
          .isZero();
      return result.getStdout();
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
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
    List<String> rows = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage() + " in: " + sql, e);
    }
    return rows;
  }

  /** Stops the server, if it is its own. */
  @Override
  public void close() {
    if (server != CONTAINER && server.container != null) {
      server.container.stop();
    }
  }

  private record Server(PostgreSQLContainer container, int port) {

    TestDatabase database() {
      return container == null
          ? new TestDatabase(this, "postgres", "postgres", "")
          : new TestDatabase(this, "postgres", container.getUsername(), container.getPassword());
    }

    static Server startContainerIfDockerAnswers() {
      Server server = null;
      try {
        server = DockerClientFactory.instance().isDockerAvailable() ? startContainer() : null;
      } catch (ContainerFetchException e) {
        throw new IllegalStateException("A Docker engine answers, but "
            + e.getMessage().replaceFirst(".*imageName=([^,]*).*", "the image $1")
            + " is neither here nor could it be pulled. See that `docker pull` gets it, name another by -Dpostgres.image, or stop the"
            + " engine, and the tests run on the embedded PostgreSQL", e);
      }
      System.out.println("Integration tests run on " + (server == null
          ? "the embedded PostgreSQL (PGlite), since no Docker engine answers"
          : "Testcontainers with the image " + server.container.getDockerImageName()));
      return server;
    }

    private static Server startContainer() {
      PostgreSQLContainer container = new PostgreSQLContainer(
          DockerImageName.parse(System.getProperty("postgres.image")).asCompatibleSubstituteFor("postgres"))
          .withTmpFs(Map.of(SMALL_DISK, "rw,size=64k", MEMORY, "rw"))
          .withEnv("PGDATA", MEMORY + "/data")
          // 64 MB, which Docker gives, hold one HNSW index that is built, not two at once
          .withSharedMemorySize(512L * 1024 * 1024);
      // few shards a table, and a connection and a background process for each and each database
      if (Migrations.ON_CITUS) {
        container
            .withCommand("postgres", "-c", "fsync=off", "-c", "citus.shard_count=4", "-c", "max_connections=500", "-c",
                "max_worker_processes=1000")
            .withCopyFileToContainer(MountableFile.forClasspathResource("citus.sh"), CITUS);
      }
      container.start();
      Server server = new Server(container, 0);
      if (Migrations.ON_CITUS) {
        citus(container, "start");
      } else {
        server.answerFast();
      }
      return server;
    }

    /**
     * Has roles asked for an MD5 hash, since SCRAM takes 10 ms of processor time on purpose, and tests connect
     * thousands of times.
     */
    private void answerFast() {
      TestDatabase database = database();
      database.inContainer("sh", "-c",
          "sed -i s/scram-sha-256/md5/ $PGDATA/pg_hba.conf && echo password_encryption=md5 >> $PGDATA/postgresql.conf");
      database.execute("select pg_reload_conf()");
      database.execute("alter role %s password '%s'".formatted(database.username, database.password));
    }

    private static Server startEmbedded() {
      try {
        EmbeddedPostgres embedded =
            EmbeddedPostgres.start(Migrations.ROOT, "target/embedded/" + Thread.currentThread().getId());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
          try {
            embedded.close();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }));
        return new Server(null, embedded.port());
      } catch (Exception e) {
        throw new IllegalStateException("No Docker engine answers, and " + e.getMessage(), e);
      }
    }
  }
}
