package io.mycelium.migrations.bench;

import io.mycelium.migrations.testing.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** The server, each of whose databases is a side that is measured, and the tools that measure it. */
record Server(PostgreSQLContainer container) implements AutoCloseable {

  private static final String NAME = "mycelium";

  /** What makes write-ahead log. */
  interface Action {
    void run() throws Exception;
  }

  static Server start() {
    PostgreSQLContainer container = new PostgreSQLContainer(
        DockerImageName.parse(System.getProperty("postgres.image")).asCompatibleSubstituteFor("postgres"))
        .withDatabaseName(NAME)
        .withUsername(NAME)
        .withPassword(NAME)
        .withSharedMemorySize(1L << 30)
        .withCopyToContainer(MountableFile.forHostPath("src/test/resources/io/mycelium/migrations/bench"), "/bench")
        // Durable as in production. No checkpoint falls into the run of one side.
        .withCommand("postgres", "-c", "shared_buffers=1GB", "-c", "max_wal_size=16GB", "-c", "checkpoint_timeout=1h",
            "-c", "maintenance_work_mem=512MB", "-c", "max_parallel_maintenance_workers=2");
    Table.progress("starting " + container.getDockerImageName());
    container.start();
    return new Server(container);
  }

  /** Stops it. */
  @Override
  public void close() {
    container.stop();
  }

  void createSides() throws Exception {
    Table.progress("creating the sides: ours, floor, naive");
    execute(NAME, "create database ours", "create database naive");
    // This run may fetch what Maven lacks. The later ones are offline.
    MavenRun.mvn(named("ours", "liquibase:update")).succeeded();
    copy("ours", "floor");
    psql("floor", "floor.sql");
    psql("naive", "naive.sql");
    for (String side : List.of("ours", "floor", "naive")) {
      psql(side, "agents.sql");
    }
  }

  /** Makes a database as another one is. */
  void copy(String database, String copy) throws SQLException {
    execute(NAME, "create database \"%s\" template %s".formatted(copy, database));
  }

  /** Makes a database anew, with nothing in it. */
  void createAnew(String database) throws SQLException {
    execute(NAME, "drop database if exists " + database, "create database " + database);
  }

  /** The words of a Maven command, with the options that name a database. */
  private String[] named(String database, String... words) {
    Stream<String> options =
        Stream.of("-Dliquibase.url=" + url(database), "-Dliquibase.username=" + NAME, "-Dliquibase.password=" + NAME);
    return Stream.concat(Stream.of(words), options).toArray(String[]::new);
  }

  /** Milliseconds of {@code mvn -B -q words...} on a database. */
  double mavenOn(String database, String... words) throws Exception {
    return maven(named(database, words));
  }

  /** Milliseconds of {@code mvn -B -q words...}. */
  static double maven(String... words) throws Exception {
    Path output = Path.of("target/bench-maven.log");
    long start = System.nanoTime();
    int exitCode = MavenRun.start(output, words).waitFor();
    double time = millisecondsSince(start);
    if (exitCode != 0) {
      throw new IllegalStateException(Files.readString(output));
    }
    return time;
  }

  /** Bytes of write-ahead log that an action makes. */
  double wal(String database, Action action) throws Exception {
    String before = query(database, "select pg_current_wal_insert_lsn()");
    action.run();
    return number(database, "select pg_current_wal_insert_lsn() - '%s'".formatted(before));
  }

  /** Runs a script by psql. Returns the milliseconds that its statements took. */
  double psql(String database, String script, String... variables) throws Exception {
    StringBuilder command = new StringBuilder("psql -X -q -U %s -v ON_ERROR_STOP=1 -d %s".formatted(NAME, database));
    for (String variable : variables) {
      command.append(" -v ").append(variable);
    }
    command.append(" -c '\\timing on' -f /bench/").append(script);
    Matcher times = Pattern.compile("(?m)^Time: ([0-9.]+) ms").matcher(run(command.toString()));
    double sum = 0;
    while (times.find()) {
      sum += Double.parseDouble(times.group(1));
    }
    return sum;
  }

  /** Milliseconds in which psql runs a file of this machine in one transaction. */
  double psqlOfAFile(String database, String file) throws Exception {
    container.copyFileToContainer(MountableFile.forHostPath(file), "/tmp/file.sql");
    long start = System.nanoTime();
    run("psql -q -U %s -d %s -v ON_ERROR_STOP=1 --single-transaction -f /tmp/file.sql".formatted(NAME, database));
    return millisecondsSince(start);
  }

  /** Transactions a second of a script. */
  double pgbench(String database, String script, int clients, String... variables) throws Exception {
    return pgbench(database, List.of(script), clients, Options.SECONDS, variables);
  }

  double pgbench(String database, List<String> scripts, int clients, int seconds, String... variables)
      throws Exception {
    StringBuilder command =
        new StringBuilder("pgbench -n -M prepared -U %s -c %s -j 2 -T %s".formatted(NAME, clients, seconds));
    for (String variable : variables) {
      command.append(" -D ").append(variable);
    }
    for (String script : scripts) {
      command.append(" -f /bench/").append(script);
    }
    String output = run(command + " " + database);
    Matcher rate = Pattern.compile("(?m)^tps = ([0-9.]+)").matcher(output);
    if (!rate.find() || output.contains("aborted")) {
      throw new IllegalStateException(output);
    }
    return Double.parseDouble(rate.group(1));
  }

  /** What a command prints in the container. */
  private String run(String command) throws IOException, InterruptedException {
    ExecResult result = container.execInContainer("sh", "-c", command);
    if (result.getExitCode() != 0) {
      throw new IllegalStateException(command + "\n" + result.getStdout() + result.getStderr());
    }
    return result.getStdout() + result.getStderr();
  }

  /** Milliseconds of a statement. */
  double time(String database, String sql) throws SQLException {
    long start = System.nanoTime();
    execute(database, sql);
    return millisecondsSince(start);
  }

  static double millisecondsSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  void execute(String database, String... statements) throws SQLException {
    try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  double number(String database, String sql) throws SQLException {
    return Double.parseDouble(query(database, sql));
  }

  String query(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), NAME, NAME);
  }

  private String url(String database) {
    return "jdbc:postgresql://%s:%s/%s".formatted(container.getHost(),
        container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT), database);
  }
}
