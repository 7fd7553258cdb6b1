package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded database stays where it was started last, so that only the first command has to name a port. */
class NamedDatabaseTest {

  @TempDir
  Path root;

  private final Properties given = new Properties();

  @BeforeEach
  void make() throws IOException {
    Files.createDirectories(root.resolve(".local/postgres"));
  }

  @Test
  void theFirstCommandTakesTheUsualPort() throws Exception {
    assertThat(embedded()).isEqualTo("jdbc:postgresql://127.0.0.1:15432/postgres on 15432");
  }

  @Test
  void theNextTakesThePortWhereItWasStartedLast() throws Exception {
    Files.writeString(root.resolve(".local/postgres/port"), "26455");
    assertThat(embedded()).isEqualTo("jdbc:postgresql://127.0.0.1:26455/postgres on 26455");
  }

  @Test
  void aGivenPortWins() throws Exception {
    Files.writeString(root.resolve(".local/postgres/port"), "26455");
    given.setProperty("local.port", "15432");
    assertThat(embedded()).isEqualTo("jdbc:postgresql://127.0.0.1:15432/postgres on 15432");
  }

  /** The database of -Plocal. */
  private String embedded() throws Exception {
    Properties project = new Properties();
    project.setProperty("database.profile", "local");
    project.setProperty("local.port", "15432");
    project.setProperty("mycelium.url", "jdbc:postgresql://127.0.0.1:15432/postgres");
    NamedDatabase.set(root, given, Map.of(), project);
    return project.getProperty("mycelium.url") + " on " + project.getProperty("local.port");
  }
}
