package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.commands.CutRelease;
import io.mycelium.migrations.commands.NewMigration;
import io.mycelium.migrations.testing.Conventions;
import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import liquibase.change.CheckSum;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is released is frozen; a release is cut by one command. On a copy of the project's own changelog. */
class ReleasesTest {

  @TempDir
  Path root;

  private Changelog changelog;

  @BeforeEach
  void copyTheProject() throws IOException {
    changelog = Migrations.copyTo(root);
  }

  @Test
  void anEditedFunctionOfAReleaseIsNamed() throws Exception {
    edit("changelog/1.0/agents/touch_updated_at.sql", "now()", "clock_timestamp()");
    assertThat(Conventions.violations(root)).singleElement()
        .asString()
        .startsWith("frozen: agents-004-touch-updated-at was edited after its release (checksum 9:")
        .endsWith("; put it back; what mends it, or is new, comes at the end of the release in the making:"
            + " mvn -Pnew -Ddomain=agents -Dname=...");
  }

  @Test
  void aChangesetThatGoesMissingOrMovesOrComesInBetweenIsNamed() throws Exception {
    edit("changelog/1.0/release.yaml", "  - include: {file: roles.yaml, relativeToChangelogFile: true}\n", "");
    assertThat(Conventions.violations(root)).as("missing")
        .anySatisfy(v -> assertThat(v).startsWith("frozen: roles-001-application-role was removed after its release"));

    edit("changelog/1.0/release.yaml", "  - include: {file: events.yaml,",
        "  - include: {file: roles.yaml, relativeToChangelogFile: true}\n  - include: {file: events.yaml,");
    assertThat(Conventions.violations(root)).as("moved")
        .singleElement()
        .asString()
        .startsWith("frozen: roles-001-application-role was moved after its release;"
            + " in the databases events-001-create-coordination-events came there");
  }

  @Test
  void aChangesetThatIsAddedToAReleaseIsNamed() throws Exception {
    edit("changelog/1.0/history.yaml", "  - changeSet:\n      id: history-002", """
          - changeSet:
              id: history-003-x
              author: mycelium
              comment: why
              changes: [{sql: {sql: SELECT 1}}]
              rollback: [{empty: {}}]

          - changeSet:
              id: history-002\
        """);
    assertThat(Conventions.violations(root))
        .anySatisfy(v -> assertThat(v).startsWith("frozen: history-003-x runs before changesets that were released"));
  }

  @Test
  void aReleaseIsCutOnceAndFrozenFromThenOn() throws Exception {
    Path file = addAChangeset(changelog, "add-agent-tags");
    String version = file.getParent().getFileName().toString();
    assertThatThrownBy(() -> CutRelease.cut(changelog, LocalDate.of(2026, 12, 24))).isInstanceOf(Refused.class)
        .hasMessageMatching("docs/locks.md does not have agents-\\d+-add-agent-tags; refresh it: mvn -Pdocs");
    measure(file, root);

    assertThat(CutRelease.cut(changelog, LocalDate.of(2026, 12, 24))).startsWith("cut release " + version)
        .contains("git tag v" + version + ".0");

    assertThat(Conventions.violations(root)).isEmpty();
    assertThat(changelog.changeSets().get(changelog.changeSets().size() - 1).getId()).endsWith("-tag-" + version);
    assertThat(root.resolve("CHANGELOG.md")).content().contains("## " + version + " (2026-12-24)\n\n- **", """
        add-agent-tags**: Tags. A rollback loses them.
          - update: readers and writers of `agents` wait (ACCESS EXCLUSIVE): an instant
        """);
    assertThat(root.resolve("pom.xml")).content()
        .contains("<artifactId>mycelium-migrations</artifactId>\n  <version>" + version + ".0</version>");
    assertThat(root.resolve("changelog/base.yaml")).content()
        .contains("property: liquibase.toTag, value: \"" + version + "\"")
        .contains(", " + version + "\n");

    assertThatThrownBy(() -> CutRelease.cut(changelog, LocalDate.of(2026, 12, 25))).isInstanceOf(Refused.class)
        .hasMessageStartingWith("nothing to release: every changeset is in a release that was cut");
    Files.writeString(file, Files.readString(file).replace("ASSERT true", "ASSERT 1 = 1"));
    assertThat(Conventions.violations(root)).singleElement()
        .asString()
        .contains("add-agent-tags was edited after its release");
  }

  @Test
  void whatComesAfterTheReleasesOnCitusIsFrozenByTheNextCut() throws Exception {
    Files.deleteIfExists(Release.onCitus(root).checksumsFile()); // it is there if a cut was the last thing that
                                                                 // happened
    measure(addAChangeset(changelog, "add-agent-tags"), root);
    edit("changelog/citus/citus-002-events-key.yaml", "'An event_id is unique", "'Each event_id is unique");
    assertThat(Conventions.violations(root)).as("before the cut").isEmpty();
    CutRelease.cut(changelog, LocalDate.of(2026, 12, 24));
    assertThat(root.resolve("CHANGELOG.md")).content().contains("**citus-002-events-key**");
    assertThat(Conventions.violations(root)).as("after the cut").isEmpty();
    edit("changelog/citus/citus-002-events-key.yaml", "'Each event_id is unique", "'An event_id is unique");
    assertThat(Conventions.violations(root)).singleElement()
        .asString()
        .startsWith("frozen: citus-002-events-key was edited after its release");
  }

  /**
   * The file of the checksums has the present one first, then those with which a changeset ran before it was mended.
   */
  @Test
  void aChangesetThatWasMendedInPlaceIsAcceptedWhereItRanBefore() throws Exception {
    Map<String, ChangeSet> changeSets = new HashMap<>();
    changelog.changeSets().forEach(changeSet -> changeSets.put(changeSet.getId(), changeSet));
    for (Release release : Release.all(root)) {
      for (String line : release.isCut() ? Files.readAllLines(release.checksumsFile()) : List.<String>of()) {
        List<String> words = List.of(line.split(" "));
        assertThat(words.subList(1, words.size())).as(words.get(0))
            .allMatch(checksum -> changeSets.get(words.get(0)).isCheckSumValid(CheckSum.parse(checksum)));
      }
    }
  }

  @Test
  void aReleaseThatHasItsTagHasItsChecksums() throws IOException {
    for (Release release : Release.all(Migrations.ROOT)) {
      boolean tagged = Files.readString(Migrations.ROOT.resolve(release.folder() + "/release.yaml"))
          .contains("tag-" + release.version() + "\n");
      assertThat(release.isCut())
          .as("%s is there; nothing freezes a tagged release without it", release.checksumsFile())
          .isEqualTo(tagged);
    }
  }

  /** Adds a changeset to the release in the making, which begins that release if the last one was cut. */
  static Path addAChangeset(Changelog changelog, String name) throws Exception {
    NewMigration.write(changelog, "agents", name);
    Path file = changelog.root().resolve(changelog.changeSets().get(changelog.changeSets().size() - 1).getFilePath());
    Files.writeString(file,
        Files.readString(file)
            .replace("TODO why it is there, and what data its rollback loses", "Tags. A rollback loses them.")
            .replaceAll("TODO[^\\n']*", "done")
            .replace("ASSERT false", "ASSERT true"));
    return file;
  }

  /** Gives a changeset its line in docs/locks.md, as mvn -Pdocs does. */
  static void measure(Path file, Path root) throws IOException {
    Files.writeString(root.resolve("docs/locks.md"),
        "| %s | update | `agents` | ACCESS EXCLUSIVE | readers and writers | an instant |\n"
            .formatted(file.getFileName().toString().replace(".yaml", "")),
        StandardOpenOption.APPEND);
  }

  private void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(root.resolve(file));
    assertThat(text).as(file).contains(from);
    Files.writeString(root.resolve(file), text.replace(from, to));
  }
}
