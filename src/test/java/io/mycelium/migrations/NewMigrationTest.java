package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.commands.NewMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scaffold puts the next changeset in its place, and all that is left to do is its body. */
class NewMigrationTest {

  @TempDir
  Path root;

  private Changelog changelog;

  @BeforeEach
  void makeAChangelog() throws IOException {
    changelog = new Changelog(root, Migrations.CHANGELOG.path());
    Files.createDirectories(root.resolve("changelog/1.9"));
    Files.writeString(root.resolve(changelog.path()), """
        databaseChangeLog:
          - logicalFilePath: changelog/db.changelog-master.yaml
          - include: {file: 1.9/agents.yaml, relativeToChangelogFile: true}
        """);
    Files.writeString(root.resolve("changelog/1.9/agents.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/1.9/agents.yaml

          - changeSet:
              id: agents-041-x
              author: mycelium
              comment: why
              changes: [{sql: {sql: SELECT 1}}]
              rollback: [{empty: {}}]
        """);
  }

  @Test
  void itGoesToTheEndOfItsDomainsFileInTheReleaseInTheMaking() throws Exception {
    assertThat(write("agents", "add-agent-tags")).isEqualTo("changelog/1.9/agents.yaml::agents-042-add-agent-tags");
    assertThat(write("agents", "drop-agent-tags")).isEqualTo("changelog/1.9/agents.yaml::agents-043-drop-agent-tags");
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @Test
  void theSameNameTwiceIsRefused() throws Exception {
    write("agents", "add-agent-tags");
    assertThatThrownBy(() -> write("agents", "add-agent-tags")).isInstanceOf(Refused.class)
        .hasMessageStartingWith("a changeset of that name is there already: agents-042-add-agent-tags in changelog/1.9/agents.yaml");
  }

  @Test
  void aNameThatNobodyCouldReadIsRefused() {
    assertThatThrownBy(() -> write("agents", "add-" + "x".repeat(300))).isInstanceOf(Refused.class).hasMessageContaining("-Dname has 304 characters");
  }

  @Test
  void afterAReleaseItGoesToTheNextOne() throws Exception {
    Files.writeString(root.resolve("changelog/1.9/release.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/1.9/release.yaml

          - changeSet:
              id: release-001-tag-1.9
              author: mycelium
              comment: why
              changes: [{empty: {}}, {tagDatabase: {tag: "1.9"}}]
              rollback: [{empty: {}}]
        """);
    Files.writeString(root.resolve(changelog.path()), "  - include: {file: 1.9/release.yaml, relativeToChangelogFile: true}\n",
        java.nio.file.StandardOpenOption.APPEND);
    assertThat(write("agents", "add-agent-tags")).isEqualTo("changelog/1.10/agents.yaml::agents-042-add-agent-tags");
    assertThat(write("agents", "add-agent-owner")).isEqualTo("changelog/1.10/agents.yaml::agents-043-add-agent-owner");
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @Test
  void itsUnfinishedBodyFailsEveryUpdateAndTheRules() throws Exception {
    NewMigration.write(changelog, "agents", "add-agent-tags");
    assertThat(Files.readString(root.resolve("changelog/1.9/agents.yaml"))).contains("ASSERT false, 'agents-042-add-agent-tags has no body yet'");
    assertThat(Conventions.violations(root)).containsExactly(
        "changelog/1.9/agents.yaml::agents-042-add-agent-tags has a TODO left in its comment",
        "changelog/1.9/agents.yaml::agents-042-add-agent-tags has a TODO left in its SQL");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(delimiter = '|', nullValues = "null", value = {
    "agent  | add-tags       | -Ddomain=agent is none of agents",
    "''     | ''             | say which domain the migration belongs to, and what it does, such as: -Ddomain=agents -Dname=add-agent-tags; the domains: agents",
    "''     | add-tags       | say which domain the migration belongs to, and what it does, such as: -Ddomain=agents -Dname=add-agent-tags; the domains: agents",
    "agents | ''             | say which domain the migration belongs to, and what it does, such as: -Ddomain=agents -Dname=add-agent-tags; the domains: agents",
    "agents | Add Tags       | -Dname=Add Tags is no intent",
    "agents | add_tags       | -Dname=add_tags is no intent",
    "agents | ../add-tags    | -Dname=../add-tags is no intent",
    "agents | 042-add-tags   | -Dname=042-add-tags is no intent"})
  void aWrongDomainOrNameIsRefused(String domain, String name, String reason) throws IOException {
    String master = Files.readString(root.resolve(changelog.path()));
    assertThatThrownBy(() -> NewMigration.write(changelog, domain, name)).isInstanceOf(Refused.class).hasMessageStartingWith(reason);
    assertThat(root.resolve(changelog.path())).content().isEqualTo(master);
  }

  /** Writes one and fills in its body; answers where it is. */
  private String write(String domain, String name) throws Exception {
    NewMigration.write(changelog, domain, name);
    for (ChangeSet changeSet : changelog.changeSets()) {
      Path file = root.resolve(changeSet.getFilePath());
      Files.writeString(file, Files.readString(file).replaceAll("TODO[^\\n']*", "done").replace("ASSERT false", "ASSERT true"));
    }
    ChangeSet last = changelog.changeSets().get(changelog.changeSets().size() - 1);
    return last.getFilePath() + "::" + last.getId();
  }
}
