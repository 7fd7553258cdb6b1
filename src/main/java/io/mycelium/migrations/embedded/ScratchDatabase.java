package io.mycelium.migrations.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * An empty database that nobody else uses, for as long as it is open: an embedded PostgreSQL in a folder of its own. Once
 * closed, it waits for the next one of this process that needs a scratch database, and is gone when the process ends.
 *
 * @param server the embedded PostgreSQL
 */
public record ScratchDatabase(EmbeddedPostgres server) implements AutoCloseable {

  private static final String HOMES = ".local/scratch";
  private static final AtomicInteger COUNT = new AtomicInteger();
  /** Servers of this process that nobody uses now. */
  private static final Queue<EmbeddedPostgres> IDLE = new ConcurrentLinkedQueue<>();

  /**
   * Opens one; where this process has none that is free, a server is started, after those that killed runs have left were
   * removed.
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
      EmbeddedPostgres.empty(connection);
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
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      remove(home);
    }));
    return server;
  }

  /** Whether the run that made a folder, and with it its server, has ended. */
  private static boolean isLeft(Path home) {
    return ProcessHandle.of(Long.parseLong(home.getFileName().toString().replaceFirst("-.*", ""))).isEmpty();
  }

  /** A connection to it; all share one session. */
  public Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  public void close() {
    IDLE.add(server);
  }

  private static void remove(Path home) {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // another run removes it at the same time
    }
  }
}
