package io.mycelium.migrations.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * An empty database to try things in: an embedded PostgreSQL in a folder of its own. Closing it deletes the folder.
 *
 * @param server the embedded PostgreSQL
 * @param home its folder
 */
public record ScratchDatabase(EmbeddedPostgres server, Path home) implements AutoCloseable {

  private static final String HOMES = ".local/scratch";
  private static final AtomicInteger COUNT = new AtomicInteger();

  /**
   * Starts one, after deleting those that killed runs have left.
   *
   * @param root the project's folder
   * @throws io.mycelium.migrations.Refused if it does not start; the message says why
   */
  public static ScratchDatabase start(Path root) throws Exception {
    Path homes = Files.createDirectories(root.resolve(HOMES));
    try (Stream<Path> left = Files.list(homes)) {
      for (Path home : left.filter(ScratchDatabase::isLeft).toList()) {
        remove(home);
      }
    }
    Path home = homes.resolve(ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    return new ScratchDatabase(EmbeddedPostgres.start(root, root.relativize(home).toString()), home);
  }

  /** Whether the process that made a folder has ended. */
  private static boolean isLeft(Path home) {
    return ProcessHandle.of(Long.parseLong(home.getFileName().toString().replaceFirst("-.*", ""))).isEmpty();
  }

  /** A connection to it; all share one session. */
  public Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  public void close() throws Exception {
    server.close();
    remove(home);
  }

  private static void remove(Path home) {
    try {
      FileUtils.deleteDirectory(home.toFile());
    } catch (IOException e) {
      // another run deletes it at the same time
    }
  }
}
