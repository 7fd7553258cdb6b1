package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Conventions;
import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The changelog keeps every rule that can be read from its text, and a changelog that breaks one is told which, where,
 * and what to do.
 */
class ConventionsTest {

  static final Set<Rule> RULES = Rule.OF_THE_CHANGELOG;

  private static final Pattern FILE = Pattern.compile("== (\\S+)\n(.*?\n)(?=== |\\z)", Pattern.DOTALL);
  /** A changelog in which each good example stands. The first release is cut. */
  private static final String GOOD = """
      == changelog/db.changelog-master.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/db.changelog-master.yaml
        - include: {file: base.yaml, relativeToChangelogFile: true}
        - include: {file: 1.1/release.yaml, relativeToChangelogFile: true}
        - include: {file: 1.2/release.yaml, relativeToChangelogFile: true}
      == changelog/base.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/base.yaml
        - preConditions: [{changeLogPropertyDefined: {property: liquibase.toTag, value: "1.2"}}]
      == changelog/1.1/release.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/1.1/release.yaml
        - include: {file: agents-001-x.yaml, relativeToChangelogFile: true}
      == changelog/1.1/agents-001-x.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/1.1/agents-001-x.yaml
        - changeSet:
            id: agents-001-x
            author: mycelium
            comment: Says why.
            changes: [{sql: {sql: "SELECT 'released'"}}]
            rollback: [{empty: {}}]
      == changelog/1.2/release.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/1.2/release.yaml
        - include: {file: events-001-x.yaml, relativeToChangelogFile: true}
        - include: {file: events-002-y.yaml, relativeToChangelogFile: true}
        - changeSet:
            id: release-001-tag-1.2
            author: mycelium
            comment: Says why.
            changes: [{tagDatabase: {tag: "1.2"}}]
            rollback: [{empty: {}}]
      == changelog/1.2/events-001-x.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/1.2/events-001-x.yaml
        - changeSet:
            id: events-001-x
            author: mycelium
            comment: Says why.
            changes: [{sql: {sql: "SELECT 1"}}]
            rollback: [{empty: {}}]
      == changelog/1.2/events-002-y.yaml
      databaseChangeLog:
        - logicalFilePath: changelog/1.2/events-002-y.yaml
        - changeSet:
            id: events-002-y
            author: mycelium
            runInTransaction: false
            comment: Says why.
            changes:
              - sqlFile: {path: events/notes.sql, relativeToChangelogFile: true}
              - sql:
                  sql: |
                    CREATE INDEX x_idx ON x (a); COMMENT ON INDEX x_idx IS 'WHERE a = ?';
                    DROP INDEX CONCURRENTLY IF EXISTS y_idx; CREATE INDEX CONCURRENTLY y_idx ON y (a);
                    COMMENT ON INDEX y_idx IS 'WHERE a = ?';
            rollback: [{empty: {}}]
      == changelog/1.2/events/notes.sql
      SELECT 2
      """;

  @TempDir
  Path root;

  @Test
  void theChangelogKeepsTheRules() throws Exception {
    assertThat(Conventions.violations(Migrations.ROOT)).isEmpty();
  }

  @Test
  void thePageHasTheRulesAsTheyAre() throws Exception {
    String page = Files.readString(Migrations.ROOT.resolve(RulesPage.PATH));
    assertThat(RulesPage.of(page))
        .as("the rules in %s are stale; refresh them: mvn -Pdocs, and read the diff", RulesPage.PATH)
        .isEqualTo(page);
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("RULES")
  void eachRuleIsKeptByItsGoodExampleAndBrokenByItsBadOne(Rule rule) throws Exception {
    assertThat(GOOD).as("the changelog with the good example of %s", rule.id()).contains(rule.good());
    assertThat(violations(GOOD)).as("breaches in the good changelog").isEmpty();
    assertThat(violations(GOOD.replace(rule.good(), rule.bad()))).as("breaches with the bad example of %s", rule.id())
        .isNotEmpty()
        .allSatisfy(breach -> assertThat(breach).startsWith(rule.id() + ": ").contains("; "));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      id: events-001-x         | id: agents-002-x \
      | id: changelog/1.2/events-001-x.yaml::agents-002-x does not say what it is about; name the domain
      id: events-001-x         | id: events-001-Bad_Name \
      | id: changelog/1.2/events-001-x.yaml::events-001-Bad_Name does not say what it is about
      id: events-001-x         | id: events-003-x \
      | file-of-its-own: changelog/1.2/events-001-x.yaml::events-003-x has none of its name; \
      move it to events-003-x.yaml
      events-002-y             | events-001-y \
      | next-number: changelog/1.2/events-001-y.yaml::events-001-y has the number of events-001-x; \
      give it the number 002
      events-001-x             | events-003-x \
      | next-number: changelog/1.2/events-002-y.yaml::events-002-y has a number that its domain has passed already; \
      give it the number 004
      comment: Says why.       | comment: TODO why \
      | no-todo: changelog/1.2/events-001-x.yaml::events-001-x has a TODO left in its comment; fill it in
      runInTransaction: false  | labels: none \
      | index-again: changelog/1.2/events-002-y.yaml::events-002-y builds an index that stays invalid \
      when a run is killed
      tag: "1.2"               | tag: "1.3" \
      | known-tag: changelog/1.2/release.yaml::release-001-tag-1.2 sets another, 1.3
      """)
  void aBreachIsToldWithTheChangesetAndTheRemedy(String good, String bad, String expected) throws Exception {
    assertThat(GOOD).contains(good);
    assertThat(violations(GOOD.replace(good, bad))).anySatisfy(breach -> assertThat(breach).startsWith(expected));
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      1.2/forgotten.yaml, \
      no-dead-file: changelog/1.2/forgotten.yaml is not included; name it in changelog/1.2/release.yaml
      1.2/agents/forgotten.sql, \
      no-dead-file: changelog/1.2/agents/forgotten.sql is not used; name it in an sqlFile
      citus/forgotten.yaml, \
      no-dead-file: changelog/citus/forgotten.yaml is not included; name it in changelog/db.changelog-citus.yaml
      1.2/notes.txt, \
      kind-of-file: changelog/1.2/notes.txt is of another kind
      """)
  void aFileThatNeverRunsIsFound(String file, String expected) throws Exception {
    String forgotten = """
        == changelog/%1$s
        databaseChangeLog:
          - logicalFilePath: changelog/%1$s
        """.formatted(file);
    assertThat(violations(GOOD + forgotten)).singleElement().asString().startsWith(expected);
  }

  /** What is found in a changelog whose first release was cut when it was as the good one has it. */
  private List<String> violations(String files) throws Exception {
    Changelog good = new Changelog(unpack(GOOD, root.resolve("good")), Migrations.MASTER.path());
    Path tried = unpack(files, Files.createTempDirectory(root, "tried"));
    Files.writeString(tried.resolve("changelog/1.1/checksums.txt"),
        "agents-001-x " + good.checksums().get("agents-001-x") + "\n");
    return Conventions.violations(tried);
  }

  private static Path unpack(String files, Path folder) throws IOException {
    for (MatchResult file : FILE.matcher(files).results().toList()) {
      Path path = folder.resolve(file.group(1));
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.group(2));
    }
    return folder;
  }
}
