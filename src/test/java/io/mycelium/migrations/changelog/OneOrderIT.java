package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.commands.NewMigration;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new database and one that got each changeset as it landed go the same way, and end alike. */
class OneOrderIT {

  @Test
  void aDatabaseThatGotEachChangesetAsItLandedEndsLikeANewOneAlsoWhereDomainsBuildOnEachOther(@TempDir Path root)
      throws Exception {
    Changelog changelog = Migrations.copyTo(root);
    TestDatabase old = TestDatabase.create();
    int released = Release.all(root).get(0).checksums().size();
    Migrations.update(old, released);
    for (ChangeSet next : changelog.changeSets().subList(released, changelog.changeSets().size())) {
      Migrations.update(old, 1);
      assertThat(old.query("select id from databasechangelog order by orderexecuted desc limit 1"))
          .as("what landed next")
          .containsExactly(next.getId());
    }
    for (String[] next : List.of(
        new String[] {"agents", "add-motto", "ALTER TABLE agents ADD COLUMN IF NOT EXISTS motto text"},
        new String[] {"coordination", "create-teams", "CREATE TABLE IF NOT EXISTS teams (id int PRIMARY KEY)"},
        new String[] {"agents", "add-team", "ALTER TABLE agents ADD COLUMN IF NOT EXISTS team int REFERENCES teams"})) {
      NewMigration.write(changelog, next[0], next[1]);
      Path file = root.resolve(changelog.changeSets().get(changelog.changeSets().size() - 1).getFilePath());
      Files.writeString(file,
          Files.readString(file).replaceFirst("SELECT 'TODO'", next[2]).replace("ASSERT false", "ASSERT true"));
      Migrations.update(old, changelog);
    }
    TestDatabase fresh = TestDatabase.create();
    Migrations.update(fresh, changelog);
    assertThat(old.catalogs().differences(fresh.catalogs())).as("between the old and the new database").isEmpty();
  }

  @Test
  void aDatabaseOnCitusThatGetsALaterReleaseEndsLikeANewOne(@TempDir Path root) throws Exception {
    Changelog before = new Changelog(Migrations.copyTo(root).files(), Changelog.CITUS);
    Path master = root.resolve(Changelog.MASTER);
    // up to the first release
    Files.writeString(master,
        Files.readString(master).replaceFirst("(?m)^  - include: \\{file: (?!1\\.0/)\\d(?s).*", ""));
    TestDatabase old = TestDatabase.create();
    Migrations.update(old, before);
    assertThat(old.query("select id from databasechangelog order by orderexecuted desc limit 1"))
        .as("the last changeset, with later releases pending")
        .asString()
        .contains("citus-");
    Migrations.update(old, Migrations.CITUS);
    TestDatabase fresh = TestDatabase.create();
    Migrations.update(fresh, Migrations.CITUS);
    assertThat(fresh.catalogs().differences(old.catalogs())).as("between the new and the old database").isEmpty();
    assertThat(old.query("select id from databasechangelog"))
        .containsExactlyInAnyOrderElementsOf(fresh.query("select id from databasechangelog"));
  }
}
