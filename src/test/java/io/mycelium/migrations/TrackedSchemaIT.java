package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/catalog.txt is the schema that the changelog makes, so that a review shows what a migration really does. */
class TrackedSchemaIT {

  private static final Path TRACKED = Path.of("docs/catalog.txt");
  private static final Path ACTUAL = Path.of("target/catalog.txt");

  @Test
  void theTrackedSchemaIsTheOneThatTheChangelogMakes() throws IOException {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    String actual = database.catalog().text();
    Files.writeString(ACTUAL, actual);

    String tracked = Files.exists(TRACKED) ? Files.readString(TRACKED) : "";
    if (database.query("select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'").get(0).equals("f")) {
      tracked = tracked.replace(" compression lz4", ""); // this server was built without it, as history-002 allows
    }
    assertThat(actual).as("%s is stale; refresh it: copy %s over it, and read the diff", TRACKED, ACTUAL).isEqualTo(tracked);
  }
}
