package io.mycelium.migrations;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

  private static final String FIRST_RELEASE = "1.0";
  private static final Set<String> ENTRY_POINTS = Set.of(Changelog.MASTER, Changelog.CITUS);
  private static final Set<String> NO_DOMAIN = Set.of("base", "release");
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
    Changelog changelog = new Changelog(root, Changelog.MASTER);
    Map<String, String> released = new LinkedHashMap<>();
    for (Release release : Release.all(root)) {
      released.putAll(release.checksums());
    }
    Map<String, String> now = changelog.checksums();
    conventions.checkReleases(now, released);
    if (Files.exists(root.resolve(Changelog.CITUS))) {
      changelog = new Changelog(root, Changelog.CITUS);
      Map<String, String> onCitus = changelog.checksums();
      onCitus.keySet().removeAll(now.keySet());
      conventions.checkReleases(onCitus, Release.onCitus(root).checksums());
    }
    conventions.checkChangeSets(changelog.changeSets());
    return conventions.violations;
  }

  private void checkFiles() throws IOException {
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
        String list = path.matches("changelog/[0-9.]+/(?!release\\.).*") ? path.replaceFirst("[^/]*$", "release.yaml")
            : path.startsWith("changelog/citus/") ? Changelog.CITUS : Changelog.MASTER;
        if (!ENTRY_POINTS.contains(path) && !includes(list, path)) {
          report(path, "is not included by " + list + ", so it never runs");
        }
      }
    }
    for (String path : paths) {
      if (path.startsWith("changelog/adopt/")) {
        continue; // run by AdoptAlembic, around the changelog
      } else if (path.endsWith(".sql") && !yaml.toString().contains(path.substring(path.lastIndexOf('/')))) {
        report(path, "is not used by any sqlFile, so it never runs");
      } else if (!path.matches(".*\\.(sql|yaml)|.*/checksums\\.txt")) {
        report(path, "is neither a changelog (.yaml), an object's SQL (.sql) nor the checksums.txt of a release");
      }
    }
  }

  /** Whether a file of the changelog includes another one, which stands in its folder or below. */
  private boolean includes(String list, String path) throws IOException {
    Path file = root.resolve(list);
    return Files.exists(file)
        && Files.readString(file).contains("file: " + file.getParent().relativize(root.resolve(path)).toString().replace('\\', '/') + ",");
  }

  /** What was released is as it was, and in the same order. */
  private void checkReleases(Map<String, String> now, Map<String, String> released) {
    released.forEach((id, checksum) -> {
      if (!checksum.equals(now.get(id))) {
        report(id, (now.containsKey(id) ? "was edited after its release (checksum " + now.get(id) + " instead of " + checksum + ")" : "was removed after its release")
            + ": databases have it as it was. Put it back, and mend it by a new changeset: mvn -Pnew -Ddomain=" + id.replaceFirst("-.*", "") + " -Dname=...");
      }
    });
    List<String> first = now.keySet().stream().limit(released.size()).filter(id -> !released.containsKey(id)).toList();
    for (String id : first) {
      report(id, "runs before changesets that were released, and databases have those already. Put it at the end of the release in the making");
    }
    List<String> kept = new ArrayList<>(now.keySet());
    kept.retainAll(released.keySet());
    List<String> order = new ArrayList<>(released.keySet());
    order.retainAll(kept);
    for (int i = 0; i < kept.size(); i++) {
      if (!kept.get(i).equals(order.get(i))) {
        report(kept.get(i), "was moved after its release; in the databases " + order.get(i) + " came there");
        break;
      }
    }
  }

  private void checkChangeSets(List<ChangeSet> changeSets) throws IOException {
    Map<String, String> numbers = new HashMap<>();
    Map<String, Integer> ordinals = new HashMap<>();
    for (ChangeSet changeSet : changeSets) {
      String name = changeSet.getFilePath() + "::" + changeSet.getId();
      String file = changeSet.getFilePath().replaceFirst(".*/", "").replace(".yaml", "");
      String release = changeSet.getFilePath().replaceFirst("^changelog/", "").replaceFirst("/.*", "");
      Matcher id = ID.matcher(changeSet.getId());
      String domain = id.matches() ? id.group(1) : "none";
      if (!id.matches() || !domain.equals(file.replaceFirst("-.*", ""))) {
        report(name, "has an id that does not name its domain, a number of three digits and the intent, such as agents-001-create-something");
      } else if (!release.equals(FIRST_RELEASE) && !NO_DOMAIN.contains(domain) && !file.equals(changeSet.getId())) {
        report(name, "stands in " + changeSet.getFilePath() + "; after the first release each has a file of its own, " + changeSet.getId() + ".yaml");
      }
      int number = id.matches() ? Integer.parseInt(id.group(2)) : 0;
      String same = numbers.putIfAbsent(domain + number, changeSet.getId());
      if (same != null) {
        report(name, "has the number of " + same + ", as when two branches each add one; what landed later takes the next number, and the last place in the list");
      } else if (number <= ordinals.getOrDefault(domain, 0) && id.matches()) {
        report(name, "has a number that its domain has passed already; the next is %03d".formatted(ordinals.get(domain) + 1));
      }
      ordinals.merge(domain, number, Math::max);
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
      } else if (change instanceof TagDatabaseChange tag) {
        if (!Files.readString(root.resolve("changelog/base.yaml")).matches("(?s).*property: liquibase.toTag, value: \"?" + Pattern.quote(tag.getTag()) + "\"?}.*")) {
          report(name, "sets the tag " + tag.getTag() + ", which is not among those that changelog/base.yaml lets an update go to");
        }
      } else if (!(change instanceof EmptyChange)) {
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
