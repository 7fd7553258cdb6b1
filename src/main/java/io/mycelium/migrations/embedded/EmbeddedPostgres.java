package io.mycelium.migrations.embedded;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * An embedded PostgreSQL (PGlite), for as long as it is open; {@code src/main/embedded/postgres.mjs} starts and
 * stops it.
 *
 * @param root the project's folder
 * @param home where it keeps its data, from there
 * @param port the free port that it was given
 */
public record EmbeddedPostgres(Path root, String home, int port) implements AutoCloseable {

  /** What starts and stops it, from the project's folder. */
  public static final String SCRIPT = "src/main/embedded/postgres.mjs";

  /**
   * Starts it, after the one that a killed run left running in the same folder was stopped.
   *
   * @param root the project's folder
   * @param home where it keeps its data, from there
   * @throws Refused if it does not start; the message says why
   */
  public static EmbeddedPostgres start(Path root, String home) throws Exception {
    EmbeddedPostgres server = new EmbeddedPostgres(root, home, freePort());
    server.run("stop");
    server.run("start", String.valueOf(server.port));
    return server;
  }

  /** A connection to the one database. All connections share one session, in which named statements would collide. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0", "postgres", "");
  }

  /** Removes all that a database of ours can hold. */
  public static void empty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("""
          reset all;
          do $$ begin
            execute coalesce((select string_agg(format('drop schema %I cascade', nspname), ';') from pg_namespace
                              where nspname !~ '^pg_' and nspname <> 'information_schema'), '');
          end $$;
          drop extension if exists vector cascade;
          drop extension if exists "uuid-ossp" cascade;
          create schema public;
          alter database postgres reset all""");
    }
  }

  @Override
  public void close() throws Exception {
    run("stop");
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private void run(String command, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("node", SCRIPT, command, home));
    words.addAll(List.of(arguments));
    Process node;
    try {
      node = new ProcessBuilder(words).directory(root.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new Refused("the embedded PostgreSQL needs Node 20 or later: https://nodejs.org");
    }
    String output = new String(node.getInputStream().readAllBytes());
    if (node.waitFor() != 0) {
      throw new Refused(output.strip());
    }
  }
}
