package io.mycelium.migrations.embedded;

import io.mycelium.migrations.Refused;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A running embedded PostgreSQL (PGlite), which {@code src/main/embedded/postgres.mjs} runs. It ends when it is closed,
 * and also when this process ends or is killed.
 *
 * @param server its process, which ends when its standard input does
 * @param port where it listens on this machine
 */
public record EmbeddedPostgres(Process server, int port) implements AutoCloseable {

  /** The script that runs it. Its path starts in the project's folder. */
  public static final String SCRIPT = "src/main/embedded/postgres.mjs";

  /** The folder of the data of {@code mvn -Plocal}. */
  private static final String LOCAL = ".local/postgres";
  private static final String READY = "ready ";
  private static final String REFUSED = "ERROR: ";

  /**
   * Starts it. While another process uses the same folder, this one waits, and prints that it waits. The first start
   * also prints that it fetches npm packages.
   *
   * @param root the project's folder
   * @param home the folder of its data; its path starts in the project's folder
   * @throws Refused if it does not start; the message says why
   */
  public static EmbeddedPostgres start(Path root, String home) throws IOException, Refused {
    Process server = node(root, "serve", home, "0");
    String port = read(server.inputReader(), READY);
    if (port == null) {
      throw new Refused("the embedded PostgreSQL did not start; its log is " + home + "/server.log");
    }
    return new EmbeddedPostgres(server, Integer.parseInt(port));
  }

  /**
   * Gives a command to the embedded PostgreSQL of {@code mvn -Plocal}, which runs on after Maven has ended, and prints
   * the answer.
   *
   * @param root the project's folder
   * @param command {@code start} or {@code status}
   * @param arguments of start the port where it is to listen
   * @throws Refused if that fails; the message says why
   */
  public static void tellLocal(Path root, String command, String... arguments)
      throws IOException, InterruptedException, Refused {
    List<String> words = new ArrayList<>(List.of(command, LOCAL));
    words.addAll(List.of(arguments));
    Process server = node(root, words.toArray(String[]::new));
    read(server.inputReader(), null);
    if (server.waitFor() != 0) {
      throw new Refused("the embedded PostgreSQL did not start; its log is " + LOCAL + "/server.log");
    }
  }

  /**
   * The port where the embedded PostgreSQL of {@code mvn -Plocal} was started last; empty if it never was.
   *
   * @param root the project's folder
   */
  public static Optional<String> lastPort(Path root) throws IOException {
    Path file = root.resolve(LOCAL).resolve("port");
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  private static Process node(Path root, String... words) throws Refused {
    List<String> command = new ArrayList<>(List.of("node", SCRIPT));
    command.addAll(List.of(words));
    try {
      return new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new Refused("the embedded PostgreSQL needs Node 20 or later: https://nodejs.org");
    }
  }

  /**
   * Prints what the script prints, up to a line that begins with a word.
   *
   * @param until the word; null to print everything
   * @return the rest of that line; null if there was none
   */
  private static String read(BufferedReader output, String until) throws IOException, Refused {
    for (String line; (line = output.readLine()) != null;) {
      if (until != null && line.startsWith(until)) {
        return line.substring(until.length());
      }
      if (line.startsWith(REFUSED)) {
        throw new Refused(line.substring(REFUSED.length()));
      }
      System.out.println(line);
    }
    return null;
  }

  /** A connection to its only database. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
  }

  /** Removes every schema and extension, and the settings of the database, so that the database is as new. */
  public static void removeEverything(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("""
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
  public void close() throws IOException {
    server.getOutputStream().close();
    server.onExit().join();
  }
}
