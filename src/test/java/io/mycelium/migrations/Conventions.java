package io.mycelium.migrations;

import io.mycelium.migrations.changelog.Changelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.RawSQLChange;
import liquibase.change.core.SQLFileChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;

/** The rules of the changelog that can be read from it. What a changeset locks is measured: LocksIT. */
final class Conventions {

  private static final Pattern ID = Pattern.compile("([a-z]+)-(\\d{3})-[a-z0-9][a-z0-9.-]*");
  private static final Pattern CREATE_INDEX = sql(
      "create\\s+(?:unique\\s+)?index\\s+(concurrently\\s+)?(?:if\\s+not\\s+exists\\s+)?(\\w+)\\s+on\\b");

  private final Path root;
  private final List<String> violations = new ArrayList<>();

  private Conventions(Path root) {
    this.root = root;
  }

  /**
   * Every breach of a rule.
   *
   * @param root the folder that holds {@code changelog/}
   * @return a line each: the changeset or file, what is wrong, and the better way; empty if there is none
   */
  static List<String> violations(Path root) throws Exception {
    Conventions conventions = new Conventions(root);
    conventions.checkFiles();
    conventions.checkChangeSets(new Changelog(root, Migrations.CHANGELOG.path()).changeSets());
    return conventions.violations;
  }

  private void checkFiles() throws IOException {
    String master = Files.readString(root.resolve(Migrations.CHANGELOG.path()));
    List<String> paths;
    try (Stream<Path> files = Files.walk(root.resolve("changelog"))) {
      paths = files.filter(Files::isRegularFile).map(file -> root.relativize(file).toString().replace('\\', '/')).sorted().toList();
    }
    StringBuilder yaml = new StringBuilder();
    for (String path : paths) {
      if (path.endsWith(".yaml")) {
        String text = Files.readString(root.resolve(path));
        yaml.append(text);
        if (!text.contains("- logicalFilePath: " + path + "\n")) {
          report(path, "has no `logicalFilePath: " + path + "`; without it Maven, the command line and a jar see different histories");
        }
        if (!path.equals(Migrations.CHANGELOG.path()) && !master.contains("file: " + path.substring("changelog/".length()) + ",")) {
          report(path, "is not included by the master file, so it never runs");
        }
      }
    }
    for (String path : paths) {
      if (path.startsWith("changelog/adopt/")) {
        continue; // run by AdoptAlembic, around the changelog
      } else if (path.endsWith(".sql") && !yaml.toString().contains(path.substring(path.lastIndexOf('/')))) {
        report(path, "is not used by any sqlFile, so it never runs");
      } else if (!path.endsWith(".sql") && !path.endsWith(".yaml")) {
        report(path, "is neither a changelog (.yaml) nor an object's SQL (.sql)");
      }
    }
  }

  private void checkChangeSets(List<ChangeSet> changeSets) throws IOException {
    Set<String> ids = new HashSet<>();
    Map<String, Integer> ordinals = new HashMap<>();
    for (ChangeSet changeSet : changeSets) {
      String name = changeSet.getFilePath() + "::" + changeSet.getId();
      String domain = changeSet.getFilePath().replaceFirst(".*/", "").replace(".yaml", "");
      Matcher id = ID.matcher(changeSet.getId());
      if (!id.matches() || !id.group(1).equals(domain)) {
        report(name, "has an id that does not name its domain, a number of three digits and the intent, such as " + domain + "-001-create-something");
      } else if (Integer.parseInt(id.group(2)) <= ordinals.getOrDefault(domain, 0)) {
        report(name, "has a number that its domain has used already or passed; the next is %03d".formatted(ordinals.get(domain) + 1));
      } else {
        ordinals.put(domain, Integer.parseInt(id.group(2)));
      }
      if (!ids.add(changeSet.getId())) {
        report(name, "has an id that another changeset has");
      }
      if (!"mycelium".equals(changeSet.getAuthor())) {
        report(name, "has the author " + changeSet.getAuthor() + "; all have mycelium, and git knows who wrote it");
      }
      if (changeSet.getComments() == null || changeSet.getComments().isBlank()) {
        report(name, "has no comment; say why it is there");
      } else if (changeSet.getComments().contains("TODO")) {
        report(name, "has a TODO left in its comment");
      }
      if (changeSet.getRollback().getChanges().isEmpty()) {
        report(name, "has no rollback; write one, or `empty: {}` with the reason in the comment");
      }
      checkIndexes(changeSet, name);
    }
  }

  private void checkIndexes(ChangeSet changeSet, String name) throws IOException {
    String all = sqlOf(changeSet, name);
    Matcher index = CREATE_INDEX.matcher(all);
    while (index.find()) {
      if (!sql("comment\\s+on\\s+index\\s+" + index.group(2) + "\\b").matcher(all).find()) {
        report(name, "creates the index " + index.group(2) + " without COMMENT ON INDEX; name the query that it serves");
      }
      if (index.group(1) != null && (changeSet.isRunInTransaction()
          || !sql("drop\\s+index\\s+concurrently\\s+if\\s+exists\\s+" + index.group(2) + "\\b").matcher(all).find())) {
        report(name, "builds an index CONCURRENTLY in a way that a killed run leaves it invalid: it needs `runInTransaction: false` "
            + "and DROP INDEX CONCURRENTLY IF EXISTS " + index.group(2) + " before it");
      }
    }
  }

  /** The SQL of a changeset, without comments and literals. */
  private String sqlOf(ChangeSet changeSet, String name) throws IOException {
    StringBuilder sql = new StringBuilder();
    for (Change change : changeSet.getChanges()) {
      if (change instanceof RawSQLChange raw) {
        sql.append(raw.getSql());
      } else if (change instanceof SQLFileChange file) {
        sql.append(Files.readString(root.resolve(changeSet.getFilePath()).resolveSibling(file.getPath())));
      } else if (!(change instanceof EmptyChange || change instanceof TagDatabaseChange)) {
        report(name, "uses " + change.getSerializedObjectName() + "; write sql or sqlFile, which say what PostgreSQL does");
      }
      sql.append(";\n");
    }
    if (sql.toString().contains("TODO")) {
      report(name, "has a TODO left in its SQL");
    }
    return sql.toString().replaceAll("--[^\n]*", "").replaceAll("'(?:[^']|'')*'", "''");
  }

  private void report(String where, String what) {
    violations.add(where + " " + what);
  }

  private static Pattern sql(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }
}
