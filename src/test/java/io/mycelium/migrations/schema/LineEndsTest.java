package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The line ends of Windows change neither the changesets nor the schema that a database is compared with. */
class LineEndsTest {

  @TempDir
  Path copy;

  private Changelog onWindows;

  @BeforeEach
  void copy() throws IOException {
    for (String folder : List.of("changelog", AppliedSchema.HEAD, AppliedSchema.ON_CITUS)) {
      try (Stream<Path> files = Files.walk(Migrations.ROOT.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path target = copy.resolve(Migrations.ROOT.relativize(file).toString());
          Files.createDirectories(target.getParent());
          Files.writeString(target, Files.readString(file).replace("\n", "\r\n"));
        }
      }
    }
    onWindows = new Changelog(new DirectoryResourceAccessor(copy), Migrations.CHANGELOG.path());
  }

  @Test
  void everyChangesetHasTheSameChecksum() throws Exception {
    assertThat(onWindows.checksums()).containsExactlyEntriesOf(Migrations.CHANGELOG.checksums());
  }

  @Test
  void theSchemaIsTheSame() throws Exception {
    assertThat(AppliedSchema.readHead(onWindows).objects())
        .containsExactlyEntriesOf(AppliedSchema.readHead(Migrations.CHANGELOG).objects());
  }

  @Test
  void everyCheckoutHasOurLineEnds() {
    assertThat(Migrations.ROOT.resolve(".gitattributes")).content().contains("* text=auto eol=lf", "mvnw.cmd eol=crlf");
  }
}
