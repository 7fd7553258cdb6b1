package io.mycelium.migrations;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * An embedded PostgreSQL (PGlite), for as long as it is open; {@code src/main/embedded/postgres.mjs} runs it. It ends
 * with this process too, even if that is killed.
 *
 * @param server its process, which ends when its standard input does
 * @param port where it listens on this machine
 */
record EmbeddedPostgres(Process server, int port) implements AutoCloseable {

  private static final String READY = "ready ";

  /**
   * Starts it. While another process uses the same folder, this one waits, and says so; what the first start fetches is
   * said too.
   *
   * @param root the project's folder
   * @param home where it keeps its data, from there
   * @throws Refused if it does not start; the message says why
   */
  static EmbeddedPostgres start(Path root, String home) throws IOException, Refused {
    Process server;
    try {
      server = new ProcessBuilder("node", "src/main/embedded/postgres.mjs", "serve", home, "0")
          .directory(root.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new Refused("the embedded PostgreSQL needs Node 20 or later: https://nodejs.org");
    }
    BufferedReader output = server.inputReader();
    for (String line; (line = output.readLine()) != null;) {
      if (line.startsWith(READY)) {
        return new EmbeddedPostgres(server, Integer.parseInt(line.substring(READY.length())));
      }
      if (line.startsWith("ERROR: ")) {
        throw new Refused(line.substring("ERROR: ".length()));
      }
      System.out.println(line);
    }
    throw new Refused("the embedded PostgreSQL did not start; its log is " + home + "/server.log");
  }

  /** A connection to the one database. All connections share one session, in which named statements would collide. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0", "postgres", "");
  }

  /** Removes all that a database of ours can hold. */
  static void empty(Connection connection) throws SQLException {
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
  public void close() throws IOException, InterruptedException {
    server.getOutputStream().close();
    server.waitFor();
  }
}
