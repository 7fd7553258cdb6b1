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
  @CsvSource({"1.1/forgotten.yaml, is not included by changelog/1.1/release.yaml", "1.1/agents/forgotten.sql, is not used by any sqlFile",
      "1.1/notes.txt, is neither a changelog"})
  void aFileThatNeverRunsIsFound(String file, String expected) throws Exception {
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", "SELECT 1"));
    Path forgotten = root.resolve("changelog").resolve(file);
    Files.createDirectories(forgotten.getParent());
    Files.writeString(forgotten, "databaseChangeLog:\n  - logicalFilePath: changelog/" + file + "\n");
    assertThat(Conventions.violations(root)).singleElement().asString().startsWith("changelog/" + file).contains(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
    "CREATE INDEX i ON agents (name)                                    | which blocks its writers",
    "CREATE UNIQUE INDEX i ON agents (name)                             | which blocks its writers",
    "CREATE INDEX CONCURRENTLY i ON agents (name)                       | a killed run leaves it invalid",
    "ALTER TABLE agents ALTER COLUMN name SET NOT NULL                  | sets NOT NULL on agents",
    "ALTER TABLE agents ALTER COLUMN name TYPE varchar(9)               | rewrites the table",
    "ALTER TABLE agents ALTER name SET DATA TYPE varchar(9)             | rewrites the table",
    "ALTER TABLE agents ADD COLUMN key uuid DEFAULT uuid_generate_v4()  | computes a value for every row",
    "ALTER TABLE agents ADD COLUMN n int GENERATED ALWAYS AS (1) STORED | computes a value for every row",
    "ALTER TABLE agents ADD COLUMN n bigserial                          | computes a value for every row",
    "ALTER TABLE agents ADD COLUMN owner text NOT NULL                  | fails on a table with rows",
    "ALTER TABLE agents ADD CONSTRAINT c CHECK (name <> '')             | add it NOT VALID",
    "ALTER TABLE agents ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES t  | add it NOT VALID",
    "ALTER TABLE agents ADD CONSTRAINT c UNIQUE (name)                  | builds an index under a lock",
    "ALTER TABLE agents ADD PRIMARY KEY (name)                          | builds an index under a lock",
    "ALTER TABLE agents SET UNLOGGED                                    | rewrites the table",
    "ALTER TABLE agents RENAME COLUMN name TO title                     | breaks the clients that still run",
    "ALTER TABLE agents DROP COLUMN name                                | breaks the clients that still run",
    "DROP TABLE agents                                                  | breaks the clients that still run",
    "VACUUM FULL agents                                                 | rewrites the table",
    "CLUSTER agents USING i                                             | rewrites the table",
    "LOCK TABLE agents                                                  | makes everybody wait",
    "REINDEX TABLE agents                                               | blocks writes",
    "REFRESH MATERIALIZED VIEW agent_statistics                         | blocks readers"})
  void whatBlocksLiveTrafficIsFlaggedAfterTheFirstReleaseUnlessItSaysWhy(String sql, String expected) throws Exception {
    String commented = sql.matches(".*\\bINDEX\\b.* i .*") ? sql + "; COMMENT ON INDEX i IS 'q'" : sql;
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", commented));
    assertThat(Conventions.violations(root)).as("in 1.1").singleElement().asString().contains("agents-001-x", expected);

    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", commented).replace("comment: why", "comment: \"blocking: the table is small\""));
    assertThat(Conventions.violations(root)).as("with a reason").isEmpty();

    write("1.0/agents.yaml", changeSet("agents-001-x", commented));
    assertThat(Conventions.violations(root)).as("in the first release").isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
    "CREATE TABLE t (a int); CREATE INDEX i ON t (a); COMMENT ON INDEX i IS 'q'",
    "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
    "ALTER TABLE agents ADD COLUMN owner text NOT NULL DEFAULT ''",
    "ALTER TABLE agents ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID",
    "ALTER TABLE agents VALIDATE CONSTRAINT c; ALTER TABLE agents ALTER COLUMN name SET NOT NULL",
    "ALTER TABLE agents ADD CONSTRAINT c UNIQUE USING INDEX i",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY agent_statistics"})
  void theSaferWayPasses(String sql) throws Exception {
    write("1.1/agents-001-x.yaml", changeSet("agents-001-x", sql));
    assertThat(Conventions.violations(root)).isEmpty();
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
