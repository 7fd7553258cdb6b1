package io.mycelium.migrations.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The embedded PostgreSQL of a folder, which a program of Node starts and stops. */
record EmbeddedServer(Path home, int port) {

  static final String PROGRAM = "src/main/embedded/postgres.mjs";

  /** One that does not run yet. */
  static EmbeddedServer in(Path folder) throws IOException {
    return new EmbeddedServer(folder.resolve("postgres"), freePort());
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** Starts it, which must go well. */
  void start() throws Exception {
    assertThat(startOn(port)).isEqualTo(new Run(0, ""));
  }

  /** Starts it on this port, whatever comes of that. */
  Run startOn(Object otherPort) throws Exception {
    return Run.of(program("start", home, otherPort));
  }

  Run stop() throws Exception {
    return Run.of(program("stop", home));
  }

  Run status() throws Exception {
    return Run.of(program("status", home));
  }

  /** The processes that serve the folder. */
  List<ProcessHandle> processes() {
    List<String> words = List.of("serve", home.toString());
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().arguments().map(List::of).orElse(List.of()).containsAll(words))
        .toList();
  }

  /** Removes its folder, even while it runs. */
  void remove() throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** It is one, can be written and read, with pgvector, and is whole on disk. */
  void assertSound() throws SQLException {
    assertThat(processes()).as("servers of %s", home).hasSize(1);
    execute("""
        create extension vector;
        create table written as select generate_series(1, 1000) as number, '[1,2,3]'::vector as embedding;
        checkpoint""");
    assertThat(query("select count(*) from written where embedding <-> '[1,2,3]' = 0")).isEqualTo("1000");
    // every row of every table is read, the catalogs' too
    assertThat(query("""
        select bool_and(
          query_to_xml(format('select count(t) from %s t', oid::regclass), false, true, '') is not null)
        from pg_class where relkind = 'r'""")).isEqualTo("t");
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), "postgres", "");
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect(); Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first value of a query's answer, as text. */
  String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Runs the program, and does not wait. */
  static Process program(Object... words) throws IOException {
    return program(Migrations.ROOT, Map.of(), words);
  }

  /** The same in another copy of this project, and with these environment variables besides. */
  static Process program(Path project, Map<String, String> environment, Object... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", PROGRAM));
    Stream.of(words).map(Object::toString).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** How a command ended, and all that it printed. */
  record Run(int exitCode, String output) {

    static Run of(Process process) throws IOException, InterruptedException {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(process.waitFor(), output);
    }

    /** The same without the first line. */
    Run withoutFirstLine() {
      return new Run(exitCode, output.substring(output.indexOf('\n') + 1));
    }
  }
}
