package io.mycelium.migrations.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.embedded.EmbeddedServer.Run;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
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
import org.postgresql.PGConnection;

/**
 * The embedded PostgreSQL is one server a folder, whatever is interrupted, killed or removed. {@code -Dmoments=20}
 * interrupts a first start at more moments than the default.
 */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it sends signals")
class EmbeddedServerIT {

  /** Parts of a first start, at the beginning of each of which one is interrupted. */
  private static final int MOMENTS = Integer.getInteger("moments", 4);

  /** How long the first start of a new folder takes. */
  private static Duration firstStart;

  @TempDir
  Path folder;

  private EmbeddedServer server;

  @BeforeEach
  void choose() throws IOException {
    server = EmbeddedServer.in(folder);
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
    assertThat(server.processes()).as("servers of %s after stop", server.home()).isEmpty();
  }

  static IntStream moments() throws Exception {
    return IntStream.range(0, MOMENTS);
  }

  @ParameterizedTest(name = "after {0} parts of a first start")
  @MethodSource("moments")
  void afterCtrlCInAFirstStartTheNextStartHasTheOneServer(int moment) throws Exception {
    double seconds = firstStart().toMillis() / 1000.0 * moment / MOMENTS;
    // Job control gives the command a process group of its own, to which a terminal's Ctrl-C goes, too.
    String command = String.format(Locale.ROOT, "set -m; node %s start %s %d & sleep %.3f; kill -INT -- -$!; wait",
        EmbeddedServer.PROGRAM, server.home(), server.port(), seconds);
    Process interrupted = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true)
        .redirectOutput(folder.resolve("interrupted.log").toFile())
        .start();
    TestDatabase.exitCode(interrupted);

    server.start();
    server.assertSound();
  }

  @Test
  void twoStartsAtOnceShareOneServer() throws Exception {
    Process first = EmbeddedServer.program("start", server.home(), server.port());
    Process second = EmbeddedServer.program("start", server.home(), server.port());
    assertThat(Run.of(first)).as("the first start").isEqualTo(new Run(0, ""));
    assertThat(Run.of(second)).as("the second start").isEqualTo(new Run(0, ""));
    server.assertSound();
  }

  @Test
  void aKilledServerIsTakenOver() throws Exception {
    server.start();
    server.execute("create table kept as select generate_series(1, 1000) as number");
    ProcessHandle process = server.processes().get(0);
    process.destroyForcibly();
    process.onExit().get();

    server.start();
    assertThat(server.query("select count(*) from kept")).as("rows after the kill").isEqualTo("1000");
  }

  @Test
  void aServerWhoseFolderWasRemovedIsStoppedByStop() throws Exception {
    server.start();
    server.remove();
    assertThat(server.stop()).isEqualTo(stoppedWithoutItsData());
  }

  @Test
  void aServerWhoseFolderWasRemovedIsReplacedByStart() throws Exception {
    server.start();
    server.execute("create table kept ()");
    server.remove();
    assertThat(server.startOn(server.port())).isEqualTo(stoppedWithoutItsData());
    assertThat(server.processes()).as("servers of %s", server.home()).hasSize(1);
    assertThat(server.query("select to_regclass('kept')")).as("a table of the removed data").isNull();
  }

  private Run stoppedWithoutItsData() {
    return new Run(0, "Stopped the embedded PostgreSQL on port %s, whose data in %s were removed while it ran\n"
        .formatted(server.port(), server.home()));
  }

  @Test
  void aLongStatementDoesNotKeepItFromStopping() throws Exception {
    server.start();
    try (Connection connection = server.connect(); Statement statement = connection.createStatement()) {
      statement.execute("create table kept as select 1");
      Thread busy = new Thread(() -> {
        try (Connection other = server.connect(); Statement endless = other.createStatement()) {
          endless.execute("do $$ begin loop end loop; end $$");
        } catch (SQLException stopped) {
          // as it should
        }
      });
      busy.start();
      assertThat(server.stop().output()).contains("has stopped; its data stay in");
      busy.join();
    }
    server.start();
    assertThat(server.query("select count(*) from kept")).isEqualTo("1");
  }

  @Test
  void statusSaysHowToStopIt() throws Exception {
    assertThat(server.status()).isEqualTo(new Run(0, "The embedded PostgreSQL does not run\n"));
    server.start();
    assertThat(server.home().resolve("port")).hasContent(String.valueOf(server.port()));
    assertThat(server.status())
        .isEqualTo(new Run(0, "The embedded PostgreSQL runs on, on port %s; stop it: node %s stop %s\n"
            .formatted(server.port(), EmbeddedServer.PROGRAM, server.home())));
  }

  @Test
  void oneThatServesAProgramEndsWithItAndAnotherWaitsForIt() throws Exception {
    Process first = EmbeddedServer.program("serve", server.home(), 0);
    assertThat(first.inputReader().readLine()).startsWith("ready ");
    Process second = EmbeddedServer.program("serve", server.home(), 0);
    BufferedReader output = second.inputReader();
    assertThat(output.readLine())
        .isEqualTo("Waiting for another run, which uses the embedded PostgreSQL of " + server.home());

    first.getOutputStream().close();
    TestDatabase.exitCode(first);
    assertThat(output.readLine()).startsWith("ready ");
    second.getOutputStream().close();
    TestDatabase.exitCode(second);
  }

  @Test
  void twoFirstUpdatesAtOnceApplyEachChangesetOnce() throws Exception {
    server.start();
    List<Process> runs = new ArrayList<>();
    for (String run : List.of("first", "second")) {
      runs.add(MavenRun.start(folder.resolve(run), "initialize", "liquibase:update", "-Dliquibase.url=" + server.url(),
          "-Dliquibase.username=postgres"));
    }
    for (Process run : runs) {
      assertThat(TestDatabase.exitCode(run)).as(() -> output("first") + output("second")).isZero();
    }
    assertEachChangesetOnce();
  }

  @Test
  void aKilledUpdateDoesNotKeepTheNextWaiting() throws Exception {
    server.start();
    Process killed = MavenRun.start(folder.resolve("killed"), "initialize", "liquibase:update",
        "-Dliquibase.url=" + server.url(), "-Dliquibase.username=postgres");
    // It writes the history while it holds the lock.
    TestDatabase.await("a changeset is applied",
        () -> !killed.isAlive() || server.query("select to_regclass('databasechangelog')") != null
            && !server.query("select count(*) from databasechangelog").equals("0"));
    killed.destroyForcibly();
    assertThat(killed.waitFor()).as("the killed update's exit code: " + output("killed")).isNotZero();

    try (Connection connection = server.connect()) {
      Migrations.CHANGELOG.on(new JdbcConnection(connection), liquibase -> liquibase.update(""));
    }
    assertEachChangesetOnce();
    assertThat(server.query("select count(*) from pg_locks where locktype = 'advisory'")).as("locks that are left")
        .isEqualTo("0");
  }

  @Test
  void anAdvisoryLockMakesTheTransactionsOfOthersWait() throws Exception {
    server.start();
    try (Connection holder = server.connect(); Statement lock = holder.createStatement()) {
      lock.execute("select pg_try_advisory_lock(1, 2)");
      assertThat(server.query("select 'a query alone goes on'")).isNotNull();

      Thread other = new Thread(() -> {
        try (Connection connection = server.connect(); Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          statement.execute("create table made_by_the_other ()");
          connection.commit();
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      });
      other.start();
      for (int i = 0; i < 100; i++) { // each as long as a query takes
        assertThat(server.query("select to_regclass('made_by_the_other')"))
            .as("made while another connection holds the lock")
            .isNull();
      }
      lock.execute("select pg_advisory_unlock(1, 2)");
      other.join();
      assertThat(server.query("select to_regclass('made_by_the_other')")).as("made after it").isNotNull();
    }
  }

  @Test
  void aCopyFromTheClientIsRefusedAndTheServerGoesOn() throws Exception {
    server.start();
    server.execute("create table copied (number integer)");
    try (Connection connection = server.connect()) {
      assertThatThrownBy(() -> connection.unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("copy copied from stdin", new StringReader("1\n")))
          .hasMessageContaining("the embedded PostgreSQL takes no COPY FROM STDIN");
    }
    assertThat(server.query("select count(*) from copied")).isEqualTo("0");
  }

  private Duration firstStart() throws Exception {
    if (firstStart == null) {
      long begin = System.nanoTime();
      server.start();
      firstStart = Duration.ofNanos(System.nanoTime() - begin);
      server.stop();
      server.remove();
    }
    return firstStart;
  }

  private void assertEachChangesetOnce() throws Exception {
    assertThat(server.query("select count(*) from databasechangelog")).as("lines of the history")
        .isEqualTo(String.valueOf(Migrations.CHANGELOG.changeSets().size()));
    assertThat(server.query("""
        select string_agg(id, ', ')
        from (select id from databasechangelog group by id, author, filename having count(*) > 1)"""))
        .as("changesets that were applied twice")
        .isNull();
  }

  private String output(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
