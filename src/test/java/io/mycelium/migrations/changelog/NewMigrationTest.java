package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.commands.NewMigration;
import io.mycelium.migrations.testing.Conventions;
import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    changelog = new Changelog(root, Migrations.MASTER.path());
    Files.createDirectories(root.resolve("changelog/1.9"));
    Files.createDirectories(root.resolve("examples/spring-boot"));
    for (String pom : List.of("pom.xml", "examples/spring-boot/pom.xml")) {
      Files.writeString(root.resolve(pom),
          "<artifactId>mycelium-migrations</artifactId>\n  <version>1.9.0-SNAPSHOT</version>\n<version>7</version>\n");
    }
    Files.writeString(root.resolve(changelog.path()), """
        databaseChangeLog:
          - logicalFilePath: changelog/db.changelog-master.yaml
          - include: {file: 1.9/release.yaml, relativeToChangelogFile: true}
        """);
    Files.writeString(root.resolve("changelog/1.9/release.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/1.9/release.yaml
          - include: {file: agents-041-x.yaml, relativeToChangelogFile: true}
        """);
    Files.writeString(root.resolve("changelog/1.9/agents-041-x.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/1.9/agents-041-x.yaml

          - changeSet:
              id: agents-041-x
              author: mycelium
              comment: why
              changes: [{sql: {sql: SELECT 1}}]
              rollback: [{empty: {}}]
        """);
  }

  @Test
  void aChangesetGetsAFileOfItsOwnAtTheEndOfTheListOfTheReleaseInTheMaking() throws Exception {
    assertThat(write("agents", "add-agent-tags")).isEqualTo("changelog/1.9/agents-042-add-agent-tags.yaml");
    assertThat(write("agents", "drop-agent-tags")).isEqualTo("changelog/1.9/agents-043-drop-agent-tags.yaml");
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @Test
  void aDomainIsBegunWhenItIsSaid() throws Exception {
    assertThat(write("new:teams", "create-teams")).isEqualTo("changelog/1.9/teams-001-create-teams.yaml");
    assertThat(write("teams", "add-team-lead")).isEqualTo("changelog/1.9/teams-002-add-team-lead.yaml");
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @Test
  void theSameNameTwiceIsRefused() throws Exception {
    write("agents", "add-agent-tags");
    assertThatThrownBy(() -> write("agents", "add-agent-tags")).isInstanceOf(Refused.class)
        .hasMessageStartingWith("a changeset of that name is there already: agents-042-add-agent-tags in"
            + " changelog/1.9/agents-042-add-agent-tags.yaml");
  }

  @Test
  void aNameThatNobodyCouldReadIsRefused() {
    assertThatThrownBy(() -> write("agents", "add-" + "x".repeat(300))).isInstanceOf(Refused.class)
        .hasMessageContaining("-Dname has 304 characters");
  }

  @Test
  void afterAReleaseAChangesetBeginsTheNextOneAndGivesTheProjectItsVersion() throws Exception {
    Files.writeString(root.resolve("changelog/1.9/checksums.txt"),
        "agents-041-x " + changelog.checksums().get("agents-041-x") + "\n");
    assertThat(write("agents", "add-agent-tags")).isEqualTo("changelog/1.10/agents-042-add-agent-tags.yaml");
    assertThat(write("agents", "add-agent-owner")).isEqualTo("changelog/1.10/agents-043-add-agent-owner.yaml");
    assertThat(Conventions.violations(root)).isEmpty();
    for (String pom : List.of("pom.xml", "examples/spring-boot/pom.xml")) {
      assertThat(root.resolve(pom)).content().contains("<version>1.10.0-SNAPSHOT</version>\n<version>7</version>");
    }
  }

  @Test
  void whatIsNextIsSaid() throws Exception {
    assertThat(NewMigration.write(changelog, "agents", "add-agent-tags")).isEqualTo("""
        wrote agents-042-add-agent-tags to changelog/1.9/agents-042-add-agent-tags.yaml
        next: fill in each TODO, then try it: mvn -Plocal. What comes after that: docs/adding-a-migration.md""");
  }

  @Test
  void aBodyThatIsNotFilledInFailsEveryUpdateAndTheRules() throws Exception {
    NewMigration.write(changelog, "agents", "add-agent-tags");
    assertThat(Files.readString(root.resolve("changelog/1.9/agents-042-add-agent-tags.yaml")))
        .contains("ASSERT false, 'agents-042-add-agent-tags has no body yet'");
    String changeSet = "changelog/1.9/agents-042-add-agent-tags.yaml::agents-042-add-agent-tags";
    assertThat(Conventions.violations(root)).containsExactly(
        "no-todo: " + changeSet + " has a TODO left in its comment; fill it in",
        "no-todo: " + changeSet + " has a TODO left in its SQL; fill it in");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(delimiter = '|', textBlock = """
      agent       | add-tags     | -Ddomain=agent is none of agents; to begin a domain: -Ddomain=new:agent
      new:agents  | add-tags     | -Ddomain=new:agents begins no domain: \
      a word of lower-case letters that is none of agents, base, release
      new:release | add-tags     | -Ddomain=new:release begins no domain
      new:../x    | add-tags     | -Ddomain=new:../x begins no domain
      ''          | ''           | say which domain the migration belongs to, and what it does, such as: \
      -Ddomain=agents -Dname=add-agent-tags; the domains: agents
      ''          | add-tags     | say which domain the migration belongs to, and what it does, such as: \
      -Ddomain=agents -Dname=add-agent-tags; the domains: agents
      agents      | ''           | say which domain the migration belongs to, and what it does, such as: \
      -Ddomain=agents -Dname=add-agent-tags; the domains: agents
      agents      | Add Tags     | -Dname=Add Tags is no intent
      agents      | add_tags     | -Dname=add_tags is no intent
      agents      | ../add-tags  | -Dname=../add-tags is no intent
      agents      | 042-add-tags | -Dname=042-add-tags is no intent
      """)
  void aWrongDomainOrNameIsRefused(String domain, String name, String reason) throws IOException {
    String master = Files.readString(root.resolve(changelog.path()));
    assertThatThrownBy(() -> NewMigration.write(changelog, domain, name)).isInstanceOf(Refused.class)
        .hasMessageStartingWith(reason);
    assertThat(root.resolve(changelog.path())).content().isEqualTo(master);
  }

  /** Writes one and fills in its body; answers with the file that runs last. */
  private String write(String domain, String name) throws Exception {
    NewMigration.write(changelog, domain, name);
    for (ChangeSet changeSet : changelog.changeSets()) {
      Path file = root.resolve(changeSet.getFilePath());
      Files.writeString(file,
          Files.readString(file).replaceAll("TODO[^\\n']*", "done").replace("ASSERT false", "ASSERT true"));
    }
    return changelog.changeSets().get(changelog.changeSets().size() - 1).getFilePath();
  }
}
