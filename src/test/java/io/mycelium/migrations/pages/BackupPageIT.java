package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.locks.SampleRows;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Rows;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.io.Reader;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import liquibase.Contexts;
import liquibase.database.jvm.JdbcConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The commands and the configuration of docs/backup-and-replicas.md do what the page says, on a server of their own.
 */
class BackupPageIT {

  private static final Path PAGE = Path.of("docs/backup-and-replicas.md");
  private static final int PORT = PostgreSQLContainer.POSTGRESQL_PORT;
  private static final int REPLICA_PORT = 5433;

  /** As those have it who come from Alembic. */
  private static final String ALEMBICS_URL = "postgresql+asyncpg://mycelium:x@localhost:5432/%s?ssl=prefer";

  private static PostgreSQLContainer server;
  private static String page;

  @BeforeAll
  static void makeADatabaseThatAPlainRoleOwns() throws Exception {
    TestDatabase.assumeServer("it has neither a second database nor a replica nor a pooler");
    page = Files.readString(PAGE);
    server = new PostgreSQLContainer(
        DockerImageName.parse(System.getProperty("postgres.image")).asCompatibleSubstituteFor("postgres"));
    server.addExposedPort(REPLICA_PORT);
    server.start();
    execute(server.getDatabaseName(), "create role mycelium login replication password 'x'",
        "create database mycelium owner mycelium",
        // the replica, which takes it over, has to listen for this test
        "alter system set listen_addresses = '*'");
    execute("mycelium", "create extension \"uuid-ossp\"", "create extension vector");
    updateAndFill("mycelium");
  }

  private static void updateAndFill(String database) throws Exception {
    try (Connection connection = connect(PORT, database)) {
      Migrations.CHANGELOG.on(new JdbcConnection(connection), liquibase -> liquibase.update(new Contexts()));
    }
    try (Connection connection = connect(PORT, database); Statement statement = connection.createStatement()) {
      SampleRows.fill(connection, 10);
      statement.execute("select refresh_agent_statistics()");
    }
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @Test
  void aRestoredDatabaseHasTheSchemaTheHistoryAndTheRows() throws Exception {
    run("Back up", Map.of());
    run("Restore", Map.of());

    try (Connection database = connect(PORT, "mycelium"); Connection restored = connect(PORT, "restored")) {
      assertThat(Drift.examine(Migrations.CHANGELOG, restored).drift()).as("drift of the restored database").isEmpty();
      for (String table : List.of("databasechangelog", "agents", "agent_usage", "agent_statistics", "workflow_states",
          "coordination_events")) {
        String rows = "select t::text from %s t order by 1".formatted(table);
        assertThat(query(restored, rows)).as("rows of %s in the restored database", table)
            .isNotEmpty()
            .isEqualTo(query(database, rows));
      }
    }
  }

  /** Extensions stand where an administrator put them, each in a schema of its own for instance. */
  @ParameterizedTest
  @CsvSource({"one, extensions, extensions", "two, ids, vectors"})
  void aDatabaseWithItsExtensionsElsewhereIsRestored(String name, String uuidSchema, String vectorSchema)
      throws Exception {
    execute(server.getDatabaseName(), "create database %s owner mycelium".formatted(name));
    for (String schema : List.of(uuidSchema, vectorSchema)) {
      execute(name, "create schema if not exists " + schema, "grant usage on schema %s to public".formatted(schema));
    }
    execute(name, "create extension \"uuid-ossp\" schema " + uuidSchema,
        "create extension vector schema " + vectorSchema,
        "alter database %s set search_path = public, %s, %s".formatted(name, uuidSchema, vectorSchema));
    updateAndFill(name);

    run("Back up", name);
    run("Restore", name);
    assertThat(dump("restored_" + name)).as("pg_dump of the restored database").isEqualTo(dump(name));
    try (Connection restored = connect(PORT, "restored_" + name)) {
      assertThat(query(restored, "show search_path")).singleElement().asString().contains(vectorSchema);
      assertThat(query(restored, "select agent_id from search_agents_by_text('a1')")).containsExactly("a1");
    }
  }

  @Test
  void aStreamingReplicaIsReadAndNotWritten() throws Exception {
    // The replica listens beside its primary.
    run("A streaming replica", Map.of("PGPORT", String.valueOf(REPLICA_PORT)));

    try (Connection replica = connect(REPLICA_PORT, "mycelium")) {
      assertThat(query(replica, "select pg_is_in_recovery()")).as("whether it is a replica").containsExactly("t");
      assertThat(Drift.examine(Migrations.CHANGELOG, replica).drift()).as("drift of the replica").isEmpty();
      assertThatThrownBy(() -> query(replica, "select refresh_agent_statistics()")).as("a refresh")
          .hasMessageContaining("read-only transaction");
      assertThatThrownBy(() -> query(replica, "call delete_coordination_events_before(now())")).as("deleting events")
          .hasMessageContaining("read-only transaction");
    }
  }

  @Test
  void aPoolerServesTheApplicationAndRefusesMigrations() throws Exception {
    try (Pooler pooler = Pooler.start(block("Poolers", "ini"));
        Connection application = pooler.connect(new Properties())) {
      assertThat(query(application, "show hnsw.ef_search")).as("the database's setting, behind the pooler")
          .containsExactly("200");
      assertThat(query(application, "select agent_id from search_agents_by_text('a1')"))
          .as("a search behind the pooler")
          .containsExactly("a1");
      assertThatThrownBy(() -> pooler.connect(migration())).as("a migration behind the pooler")
          .hasMessageContaining("unsupported startup parameter");
    }
  }

  @Test
  void aPoolerThatIgnoresTheOptionsTakesAwayTheTimeLimitsAndTheLock() throws Exception {
    String ignoring = block("Poolers", "ini") + "ignore_startup_parameters = extra_float_digits, options\n";
    try (Pooler pooler = Pooler.start(ignoring);
        Connection one = pooler.connect(migration());
        Connection other = pooler.connect(migration())) {
      assertThat(query(one, "show lock_timeout")).as("lock_timeout").containsExactly("0");
      assertThat(query(one, "select pg_try_advisory_lock(4711)")).as("whether the first client gets the lock")
          .containsExactly("t");
      assertThat(query(other, "select pg_try_advisory_lock(4711)")).as("whether a second client gets it as well")
          .containsExactly("t");
    }
  }

  /** What the connection of a migration asks for. */
  private static Properties migration() throws IOException {
    Properties properties = new Properties();
    try (Reader file = Files.newBufferedReader(Path.of("src/main/maven/connection.properties"))) {
      properties.load(file);
    }
    return properties;
  }

  private static Connection connect(int port, String database) throws SQLException {
    return DriverManager.getConnection(url(port, database), "mycelium", "x");
  }

  private static String url(int port, String database) {
    return "jdbc:postgresql://%s:%s/%s".formatted(server.getHost(), server.getMappedPort(port), database);
  }

  /** Runs statements as a superuser. */
  private static void execute(String database, String... statements) throws SQLException {
    try (
        Connection connection =
            DriverManager.getConnection(url(PORT, database), server.getUsername(), server.getPassword());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
      return Rows.firstColumn(result);
    }
  }

  /** Runs the commands of a section, for a database that has another name. */
  private static void run(String section, String database) throws Exception {
    String commands = block(section, "sh").replace("DATABASE mycelium", "DATABASE " + database)
        .replaceAll("\\brestored\\b", "restored_" + database);
    execute(section, commands, database, "restored_" + database, Map.of());
  }

  /** Runs the commands of a section. */
  private static void run(String section, Map<String, String> more) throws Exception {
    execute(section, block(section, "sh"), "mycelium", "restored", more);
  }

  /** Runs commands as the system's user postgres and as a superuser of the database. */
  private static String execute(String section, String commands, String database, String restored,
      Map<String, String> more) throws Exception {
    String address = "postgresql://mycelium:x@localhost:5432/";
    Map<String, String> environment = new HashMap<>(more);
    environment.put("DATABASE_URL", ALEMBICS_URL.formatted(database));
    environment.put("RESTORED_URL", address + restored);
    environment.put("PRIMARY_URL", address);
    environment.put("REPLICA_DATA", "/tmp/replica");
    environment.put("PGHOST", "localhost");
    environment.put("PGUSER", server.getUsername());
    environment.put("PGPASSWORD", server.getPassword());
    ExecResult result = server.execInContainer(ExecConfig.builder()
        .user("postgres")
        .workDir("/tmp")
        .command(new String[] {"sh", "-ec", commands})
        .envVars(environment)
        .build());
    assertThat(result.getExitCode())
        .as("exit code of the commands of `%s` in %s: %s", section, PAGE, result.getStderr())
        .isZero();
    return result.getStdout();
  }

  /** The schema in PostgreSQL's own words, without the key that pg_dump makes anew for each dump. */
  private static String dump(String database) throws Exception {
    return execute("pg_dump", "pg_dump --schema-only " + database, database, "", Map.of())
        .replaceAll("(?m)^\\\\(un)?restrict .*\n", "");
  }

  /** The first code block of a section in a language. */
  private static String block(String section, String language) {
    String text = page.substring(page.indexOf("\n## " + section + "\n") + 1);
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(block -> block.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no code block in " + language + " below `" + section + "` in " + PAGE));
  }

  /** A PgBouncer of this machine, in front of the server. */
  private record Pooler(Process process, int port) implements AutoCloseable {

    /** Starts one with the configuration of the page: on a free port, and to the port of the container. */
    static Pooler start(String configuration) throws Exception {
      assumeInstalled();
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      String address = "host=%s port=%s".formatted(server.getHost(), server.getMappedPort(PORT));
      String ours = configuration.replace("host=127.0.0.1 port=5432", address)
          .replace("listen_port = 6432", "listen_port = " + port);
      assertThat(ours).as("configuration with the ports of this test").contains(address, "listen_port = " + port);
      Path folder = Files.createTempDirectory("pooler",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      Files.writeString(folder.resolve("pgbouncer.ini"), ours);
      Files.writeString(folder.resolve("userlist.txt"), "\"mycelium\" \"x\"\n");
      List<String> command = new ArrayList<>(List.of("pgbouncer", "pgbouncer.ini"));
      if (System.getProperty("user.name").equals("root")) { // as which PgBouncer refuses to run
        command.addAll(1, List.of("-u", "nobody"));
      }
      Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      StringBuilder log = new StringBuilder();
      for (String line = ""; !line.contains("process up"); log.append(line).append('\n')) {
        line = process.inputReader().readLine();
        assertThat(line).as("PgBouncer's log, which goes on: %s", log).isNotNull();
      }
      return new Pooler(process, port);
    }

    private static void assumeInstalled() throws InterruptedException {
      boolean installed = isInstalled();
      if (!installed) { // Surefire prints no reason
        System.out.println("Skipped, since PgBouncer is not installed on this machine (Debian: apt install pgbouncer):"
            + " BackupPageIT's tests of poolers");
      }
      assumeTrue(installed, "PgBouncer is not installed");
    }

    private static boolean isInstalled() throws InterruptedException {
      try {
        return new ProcessBuilder("pgbouncer", "--version").redirectErrorStream(true).start().waitFor() == 0;
      } catch (IOException e) {
        return false;
      }
    }

    Connection connect(Properties properties) throws SQLException {
      properties.putAll(Map.of("user", "mycelium", "password", "x", "prepareThreshold", "0"));
      return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:%s/mycelium".formatted(port), properties);
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }
}
