package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The changelog keeps the rules, and each rule finds what breaks it. */
class ConventionsTest {

  @TempDir
  Path root;

  @Test
  void theChangelogKeepsTheRules() throws Exception {
    assertThat(Conventions.violations(Path.of("").toAbsolutePath())).isEmpty();
  }

  @Test
  void aChangesetThatKeepsTheRulesPasses() throws Exception {
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", "ALTER TABLE agents ADD COLUMN owner text"));
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
    "id: agents-001-x            | id: 1                      | does not name its domain",
    "id: agents-001-x            | id: events-001-x           | does not name its domain",
    "id: agents-001-x            | id: agents-001-y           | after the first release each has a file of its own, agents-001-y.yaml",
    "id: agents-001-x            | id: agents-001-Bad_Name    | does not name its domain",
    "author: mycelium            | author: somebody           | has the author somebody",
    "comment: why                | comment: ''                | has no comment",
    "comment: why                | comment: TODO why          | has a TODO left in its comment",
    "SELECT 1                    | SELECT 'TODO'              | has a TODO left in its SQL",
    "rollback: [{empty: {}}]     | labels: none               | has no rollback",
    "logicalFilePath: changelog/ | logicalFilePath: elsewhere/ | has no `logicalFilePath: changelog/1.1/agents-001-x.yaml`",
    "sql: {sql: \"SELECT 1\"}    | createTable: {tableName: t, columns: [{column: {name: a, type: int}}]} | uses createTable; write sql"})
  void theFormOfAChangesetIsChecked(String good, String bad, String expected) throws Exception {
    String file = changeSet("agents-001-x", "SELECT 1");
    assertThat(file).contains(good);
    write("1.1/agents-001-x.yaml", file.replace(good, bad));
    assertThat(Conventions.violations(root)).singleElement().asString().contains(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
    "agents-002-y | has the number of agents-002-x, as when two branches each add one",
    "agents-002-x | has the number of agents-002-x",
    "agents-001-y | has a number that its domain has passed already; the next is 003"})
  void theNumbersOfADomainGoUp(String second, String expected) throws Exception {
    write("1.0/agents.yaml", changeSet("agents-002-x", "SELECT 1") + changeSet(second, "SELECT 1").replaceFirst("(?s).*?\n\n", "\n"));
    assertThat(Conventions.violations(root)).singleElement().asString().contains(second + " " + expected);
  }

  @ParameterizedTest
  @CsvSource({"1.1/forgotten.yaml, is not included by changelog/1.1/release.yaml", "1.1/agents/forgotten.sql, is not used by any sqlFile", "citus/forgotten.yaml, is not included by changelog/db.changelog-citus.yaml",
      "1.1/notes.txt, is neither a changelog"})
  void aFileThatNeverRunsIsFound(String file, String expected) throws Exception {
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", "SELECT 1"));
    Path forgotten = root.resolve("changelog").resolve(file);
    Files.createDirectories(forgotten.getParent());
    Files.writeString(forgotten, "databaseChangeLog:\n  - logicalFilePath: changelog/" + file + "\n");
    assertThat(Conventions.violations(root)).singleElement().asString().startsWith("changelog/" + file).contains(expected);
  }

  @Test
  void anIndexThatAKilledRunWouldLeaveInvalidIsFound() throws Exception {
    String index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON agents (name); COMMENT ON INDEX i IS 'q'";
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", index).replace("author: mycelium", "author: mycelium\n      runInTransaction: false"));
    assertThat(Conventions.violations(root)).singleElement().asString().contains("agents-001-x", "a killed run leaves it invalid", "DROP INDEX CONCURRENTLY IF EXISTS i before it");
  }

  @Test
  void anIndexBuiltConcurrentlyThatMendsItselfPasses() throws Exception {
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x",
        "DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON agents (name); COMMENT ON INDEX i IS 'q'")
        .replace("author: mycelium", "author: mycelium\n      runInTransaction: false"));
    assertThat(Conventions.violations(root)).isEmpty();
  }

  @Test
  void anIndexWithoutACommentIsFoundInEveryRelease() throws Exception {
    write("1.0/agents.yaml", changeSet("agents-001-x", "CREATE TABLE t (a int); CREATE INDEX i ON t (a)"));
    assertThat(Conventions.violations(root)).singleElement().asString().contains("creates the index i without COMMENT ON INDEX");
  }

  /** Makes a changelog of one file. */
  private void write(String file, String content) throws IOException {
    Path changelog = root.resolve("changelog");
    if (Files.exists(changelog)) {
      try (var files = Files.walk(changelog)) {
        for (Path path : files.filter(Files::isRegularFile).toList()) {
          Files.delete(path);
        }
      }
    }
    Files.createDirectories(changelog.resolve(file).getParent());
    Files.writeString(changelog.resolve("db.changelog-master.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/db.changelog-master.yaml
          - include: {file: %s/release.yaml, relativeToChangelogFile: true}
        """.formatted(file.split("/")[0]));
    Files.writeString(changelog.resolve(file).resolveSibling("release.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/%s/release.yaml
          - include: {file: %s, relativeToChangelogFile: true}
        """.formatted((Object[]) file.split("/")));
    Files.writeString(changelog.resolve(file), content.replace("1.1/agents-001-x.yaml", file));
  }

  private static String changeSet(String id, String sql) {
    return """
        databaseChangeLog:
          - logicalFilePath: changelog/1.1/agents-001-x.yaml

          - changeSet:
              id: %s
              author: mycelium
              comment: why
              changes:
                - sql: {sql: "%s"}
              rollback: [{empty: {}}]
        """.formatted(id, sql);
  }
}
