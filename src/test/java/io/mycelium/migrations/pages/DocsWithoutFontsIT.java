package io.mycelium.migrations.pages;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Diagram;
import io.mycelium.migrations.testing.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mvn -Pdocs} on a machine whose JDK finds no fonts writes nothing, and names the packages. */
@Tag("any-version")
class DocsWithoutFontsIT {

  @TempDir
  Path folder;

  @Test
  void nothingIsWrittenAndThePackagesAreNamed() throws IOException {
    for (String library : List.of("libfreetype.so.6", "libharfbuzz.so.0", "libfontconfig.so.1", "libfontconfig.so")) {
      Files.createFile(folder.resolve(library)); // an empty file is no library, and is found first
    }
    List<FileTime> before = lastModified();
    MavenRun run = mvn(Map.of("LD_LIBRARY_PATH", folder.toString()), "-Pdocs");
    assertThat(run.exitCode()).as("exit code").isNotZero();
    assertThat(run.output()).contains("nothing was written: " + Diagram.PATH, "apt-get install")
        .doesNotContain("\tat ", "    at ");
    assertThat(lastModified()).as("when the files of docs/ were last written").isEqualTo(before);
  }

  private static List<FileTime> lastModified() throws IOException {
    List<FileTime> times = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      for (Path file : files.sorted().toList()) {
        times.add(Files.getLastModifiedTime(file));
      }
    }
    return times;
  }
}
