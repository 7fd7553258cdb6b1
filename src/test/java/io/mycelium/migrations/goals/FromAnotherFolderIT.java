package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code mvn -f .../pom.xml} writes into the project's folder, wherever it is called. */
@Tag("any-version")
class FromAnotherFolderIT {

  private static final Path WRITTEN = Path.of("target/liquibase");

  @TempDir
  private Path folder;

  @Test
  @ResourceLock(MavenRun.OUTPUT)
  void aPreviewAndTheDocumentationAreInTheProject() throws Exception {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    List<Path> before = files(WRITTEN);
    assertThat(mvn("-Poffline", "initialize", "liquibase:updateSQL")).contains("migrate.sql; nothing was changed");
    assertThat(mvn(database.named("initialize", "liquibase:dbDoc"))).contains("dbDoc/index.html");
    assertThat(files(folder)).as("files in the folder from which Maven was called").isEmpty();
    assertThat(files(WRITTEN)).as("files of the project that are new, or were there before")
        .contains(WRITTEN.resolve("migrate.sql"), WRITTEN.resolve("dbDoc/index.html"))
        .anyMatch(file -> file.endsWith("agents.html"))
        .anyMatch(file -> file.toString().endsWith(".csv") && !before.contains(file));
  }

  private String mvn(String... words) throws IOException {
    Path output = Files.createTempFile("mvn", ".txt");
    Process run = MavenRun.start(folder, output,
        Stream.concat(Stream.of("-f", Migrations.ROOT.resolve("pom.xml").toString()), Stream.of(words))
            .toArray(String[]::new));
    assertThat(TestDatabase.exitCode(run)).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
