package io.mycelium.migrations.testing;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import io.mycelium.migrations.changelog.Rule;
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

/**
 * Holds {@link Rule#OF_THE_CHANGELOG} against a changelog. What a changeset does on a live table is measured: LocksIT.
 */
public final class Conventions {

  private static final String FIRST_RELEASE = "1.0";
  private static final Set<String> ENTRY_POINTS = Set.of(Changelog.MASTER, Changelog.CITUS);
  private static final Set<String> NO_DOMAIN = Set.of("base", "release");
  private static final Pattern ID = Pattern.compile("([a-z]+)-(\\d{3})-[a-z0-9][a-z0-9.-]*");
  private static final Pattern CREATE_INDEX =
      sql("create\\s+(?:unique\\s+)?index\\s+(concurrently\\s+)?(?:if\\s+not\\s+exists\\s+)?(\\w+)\\s+on\\b");

  private final Path root;
  private final List<String> violations = new ArrayList<>();

  private Conventions(Path root) {
    this.root = root;
  }

  /**
   * Every breach of a rule.
   *
   * @param root the folder that holds {@code changelog/}
   * @return a line each: the rule, the changeset or file, what is wrong, and what to do; empty if there is none
   */
  public static List<String> violations(Path root) throws Exception {
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
      paths = files.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
    StringBuilder yaml = new StringBuilder();
    for (String path : paths) {
      if (path.endsWith(".yaml")) {
        String text = Files.readString(root.resolve(path));
        yaml.append(text);
        if (!text.contains("- logicalFilePath: " + path + "\n")) {
          report(Rule.LOGICAL_FILE_PATH, path, "has another or none", path);
        }
        String list = path.matches("changelog/[0-9.]+/(?!release\\.).*") ? path.replaceFirst("[^/]*$", "release.yaml")
            : path.startsWith("changelog/citus/") ? Changelog.CITUS
            : Changelog.MASTER;
        if (!ENTRY_POINTS.contains(path) && !includes(list, path)) {
          report(Rule.NO_DEAD_FILE, path, "is not included", list);
        }
      }
    }
    for (String path : paths) {
      if (path.startsWith("changelog/adopt/")) {
        continue; // run by AdoptAlembic, around the changelog
      }
      if (path.endsWith(".sql") && !yaml.toString().contains(path.substring(path.lastIndexOf('/')))) {
        report(Rule.NO_DEAD_FILE, path, "is not used", "an sqlFile");
      } else if (!path.matches(".*\\.(sql|yaml)|.*/checksums\\.txt")) {
        report(Rule.KIND_OF_FILE, path, "is of another kind");
      }
    }
  }

  /** Whether a file of the changelog includes another one, which stands in its folder or below. */
  private boolean includes(String list, String path) throws IOException {
    Path file = root.resolve(list);
    return Files.exists(file) && Files.readString(file)
        .contains("\n  - include: {file: "
            + file.getParent().relativize(root.resolve(path)).toString().replace('\\', '/') + ",");
  }

  /** What was released is as it was, and in the same order. */
  private void checkReleases(Map<String, String> now, Map<String, String> released) {
    released.forEach((id, checksum) -> {
      if (!checksum.equals(now.get(id))) {
        frozen(id,
            now.containsKey(id)
                ? "was edited after its release (checksum " + now.get(id) + " instead of " + checksum + ")"
                : "was removed after its release");
      }
    });
    List<String> first = now.keySet().stream().limit(released.size()).filter(id -> !released.containsKey(id)).toList();
    for (String id : first) {
      frozen(id, "runs before changesets that were released, and databases have those already");
    }
    List<String> kept = new ArrayList<>(now.keySet());
    kept.retainAll(released.keySet());
    List<String> order = new ArrayList<>(released.keySet());
    order.retainAll(kept);
    for (int i = 0; i < kept.size(); i++) {
      if (!kept.get(i).equals(order.get(i))) {
        frozen(kept.get(i), "was moved after its release; in the databases " + order.get(i) + " came there");
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
        report(Rule.ID, name, "does not say what it is about");
      } else if (!release.equals(FIRST_RELEASE) && !NO_DOMAIN.contains(domain) && !file.equals(changeSet.getId())) {
        report(Rule.FILE_OF_ITS_OWN, name, "has none of its name", changeSet.getId());
      }
      int number = id.matches() ? Integer.parseInt(id.group(2)) : 0;
      String same = numbers.putIfAbsent(domain + number, changeSet.getId());
      int last = ordinals.getOrDefault(domain, 0);
      if (id.matches() && number <= last) {
        report(Rule.NEXT_NUMBER, name,
            same == null ? "has a number that its domain has passed already" : "has the number of " + same, last + 1);
      }
      ordinals.merge(domain, number, Math::max);
      if (!"mycelium".equals(changeSet.getAuthor())) {
        report(Rule.AUTHOR, name, "has the author " + changeSet.getAuthor());
      }
      if (changeSet.getComments() == null || changeSet.getComments().isBlank()) {
        report(Rule.COMMENT, name, "has none");
      } else if (changeSet.getComments().contains("TODO")) {
        report(Rule.NO_TODO, name, "has a TODO left in its comment");
      }
      if (changeSet.getRollback().getChanges().isEmpty()) {
        report(Rule.ROLLBACK, name, "has none");
      }
      checkIndexes(changeSet, name);
    }
  }

  private void checkIndexes(ChangeSet changeSet, String name) throws IOException {
    String all = sqlOf(changeSet, name);
    Matcher index = CREATE_INDEX.matcher(all);
    while (index.find()) {
      if (!sql("comment\\s+on\\s+index\\s+" + index.group(2) + "\\b").matcher(all).find()) {
        report(Rule.INDEX_COMMENT, name, "creates an index without one", index.group(2));
      }
      if (index.group(1) != null && (changeSet.isRunInTransaction()
          || !sql("drop\\s+index\\s+concurrently\\s+if\\s+exists\\s+" + index.group(2) + "\\b").matcher(all).find())) {
        report(Rule.INDEX_AGAIN, name, "builds an index that stays invalid when a run is killed", index.group(2));
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
        if (!Files.readString(root.resolve("changelog/base.yaml"))
            .matches("(?s).*property: liquibase.toTag, value: \"?" + Pattern.quote(tag.getTag()) + "\"?}.*")) {
          report(Rule.KNOWN_TAG, name, "sets another, " + tag.getTag());
        }
      } else if (!(change instanceof EmptyChange)) {
        report(Rule.PLAIN_SQL, name, "uses " + change.getSerializedObjectName());
      }
      sql.append(";\n");
    }
    if (sql.toString().contains("TODO")) {
      report(Rule.NO_TODO, name, "has a TODO left in its SQL");
    }
    return sql.toString().replaceAll("--[^\n]*", "").replaceAll("'(?:[^']|'')*'", "''");
  }

  private void frozen(String id, String problem) {
    report(Rule.FROZEN, id, problem, id.replaceFirst("-.*", ""));
  }

  private void report(Rule rule, String where, String problem, Object... names) {
    violations.add("%s: %s %s; %s".formatted(rule.id(), where, problem, rule.remedy(names)));
  }

  private static Pattern sql(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }
}
