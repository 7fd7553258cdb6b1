package io.mycelium.migrations.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * An empty database to try things in: an embedded PostgreSQL in a folder of its own. A closed one is kept for the next
 * that this process needs; the end of the process deletes it.
 *
 * @param server the embedded PostgreSQL
 */
public record ScratchDatabase(EmbeddedPostgres server) implements AutoCloseable {

  private static final String HOMES = ".local/scratch";
  private static final AtomicInteger COUNT = new AtomicInteger();
  /** Servers of this process that nobody uses now. */
  private static final Queue<EmbeddedPostgres> IDLE = new ConcurrentLinkedQueue<>();

  /**
   * Opens one that this process has closed, or starts one, after deleting those that killed runs have left.
   *
   * @param root the project's folder
   * @throws io.mycelium.migrations.Refused if it does not start; the message says why
   */
  public static ScratchDatabase start(Path root) throws Exception {
    EmbeddedPostgres idle = IDLE.poll();
    if (idle == null) {
      return new ScratchDatabase(startServer(root));
    }
    try (Connection connection = idle.connect()) {
      EmbeddedPostgres.removeEverything(connection);
    }
    return new ScratchDatabase(idle);
  }

  private static EmbeddedPostgres startServer(Path root) throws Exception {
    Path homes = Files.createDirectories(root.resolve(HOMES)).toRealPath();
    try (Stream<Path> left = Files.list(homes)) {
      for (Path home : left.filter(ScratchDatabase::isLeft).toList()) {
        remove(home);
      }
    }
    Path home = homes.resolve(ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    EmbeddedPostgres server = EmbeddedPostgres.start(root, home.toString());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      remove(home);
    }));
    return server;
  }

  /** Whether the process that made a folder has ended. */
  private static boolean isLeft(Path home) {
    return ProcessHandle.of(Long.parseLong(home.getFileName().toString().replaceFirst("-.*", ""))).isEmpty();
  }

  /** A connection to it. */
  public Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  public void close() {
    IDLE.add(server);
  }

  private static void remove(Path home) {
    try {
      FileUtils.deleteDirectory(home.toFile());
    } catch (IOException e) {
      // another run deletes it at the same time
    }
  }
}
