package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/** The next changeset, in its place: at the end of its domain's file in the release that is in the making. */
public final class NewMigration {

  /** A changeset's comment, until it is written. */
  static final String WHY = "TODO why it is there, and what data its rollback loses";

  private static final Pattern CHANGELOG = Pattern.compile("changelog/(\\d+)\\.(\\d+)/([a-z]+)\\.yaml");
  private static final Pattern ID = Pattern.compile("([a-z]+)-(\\d{3})-(.*)");

  /** databasechangelog.id takes 255 characters; a name that long helps nobody. */
  private static final int LONGEST_NAME = 100;

  private final Changelog changelog;
  private final String domain;
  private final String id;
  private final String file;

  /**
   * Finds the place.
   *
   * @param changelog the changelog
   * @param domain such as {@code agents}
   * @param name the intent, such as {@code add-agent-tags}
   * @throws Refused if there is no such domain, or if the name is none; the message says what would be one
   */
  NewMigration(Changelog changelog, String domain, String name) throws Exception {
    List<ChangeSet> changeSets = changelog.changeSets();
    Set<String> domains = changeSets.stream().map(changeSet -> CHANGELOG.matcher(changeSet.getFilePath())).filter(Matcher::matches)
        .map(path -> path.group(3)).filter(other -> !other.equals("release")).collect(Collectors.toCollection(TreeSet::new));
    Optional<ChangeSet> same = changeSets.stream().filter(other -> ID.matcher(other.getId()).replaceFirst("$3").equals(name)).findFirst();
    if (domain.isEmpty() || name.isEmpty()) {
      throw new Refused("say which domain the migration belongs to, and what it does, such as: -Ddomain=agents -Dname=add-agent-tags; the domains: "
          + String.join(", ", domains));
    } else if (!domains.contains(domain)) {
      throw new Refused("-Ddomain=" + domain + " is none of " + String.join(", ", domains));
    } else if (!name.matches("[a-z]+(-[a-z0-9]+)+")) {
      throw new Refused("-Dname=" + name + " is no intent in lower case with hyphens, such as add-agent-tags");
    } else if (name.length() > LONGEST_NAME) {
      throw new Refused("-Dname has " + name.length() + " characters; at most " + LONGEST_NAME + " can be read in a list, so say it shorter");
    } else if (same.isPresent()) {
      throw new Refused("a changeset of that name is there already: " + same.get().getId() + " in " + same.get().getFilePath()
          + "; edit it as long as it is not applied anywhere, or choose another -Dname");
    }
    int number = changeSets.stream().map(changeSet -> ID.matcher(changeSet.getId())).filter(Matcher::matches)
        .filter(other -> other.group(1).equals(domain)).mapToInt(other -> Integer.parseInt(other.group(2))).max().orElse(0) + 1;
    this.changelog = changelog;
    this.domain = domain;
    this.id = "%s-%03d-%s".formatted(domain, number, name);
    this.file = "changelog/" + release(changelog.root()) + "/" + domain + ".yaml";
  }

  /**
   * Writes it, with a body to be filled in, and prints where.
   *
   * @param arguments none; -Ddomain and -Dname say what, the POM names the changelog
   * @throws Exception if they are refused, or if a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    System.out.println(write(Changelog.named(), System.getProperty("domain", ""), System.getProperty("name", "")));
  }

  /**
   * Writes it, with a body to be filled in.
   *
   * @param changelog the changelog, in a folder
   * @param domain such as {@code agents}
   * @param name the intent, such as {@code add-agent-tags}
   * @return where
   * @throws Refused if there is no such domain, or if the name is none; the message says what would be one
   */
  public static String write(Changelog changelog, String domain, String name) throws Exception {
    NewMigration migration = new NewMigration(changelog, domain, name);
    return "wrote " + migration.id + " to " + migration.write(WHY, "", """
        # Run once, and again after a killed run: IF NOT EXISTS, OR REPLACE, IF EXISTS.
        - sql:
            sql: |
              SELECT 'TODO'
        # Verify: what must hold then; else all of it is undone.
        - sql:
            splitStatements: false
            sql: |
              DO $$ BEGIN
                ASSERT false, '%s has no body yet';
              END $$
        """.formatted(migration.id), """
        - sql:
            sql: |
              SELECT 'TODO'
        """);
  }

  String id() {
    return id;
  }

  /** The folder of its release's SQL files, one object each, from the project's folder. */
  Path folder() {
    return Path.of(file.replace(".yaml", ""));
  }

  /**
   * Appends it to its file, which the master file includes from then on.
   *
   * @param comment why it is there
   * @param attributes further attributes, in YAML; empty for none
   * @param changes the list of changes, in YAML
   * @param rollback the same for its rollback
   * @return the path of the file
   */
  Path write(String comment, String attributes, String changes, String rollback) throws IOException, Refused {
    Path path = changelog.root().resolve(file);
    if (!Files.exists(path)) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, "databaseChangeLog:\n  - logicalFilePath: " + file + "\n");
      Path master = changelog.root().resolve(changelog.path());
      Files.writeString(master, Files.readString(master).stripTrailing()
          + "\n  - include: {file: " + file.replaceFirst("^changelog/", "") + ", relativeToChangelogFile: true}\n");
    }
    Files.writeString(path, Files.readString(path).stripTrailing() + "\n\n" + """
          - changeSet:
              id: %s
              author: mycelium
        %s      comment: %s
              changes:
        %s      rollback:
        %s""".formatted(id, attributes.indent(6), comment, changes.indent(8), rollback.indent(8)));
    return Path.of(file);
  }

  /** The release in the making: the last one, or the one after it when its tag is there already. */
  private static String release(Path root) throws IOException {
    try (Stream<Path> folders = Files.list(root.resolve("changelog"))) {
      Path last = folders.filter(folder -> folder.getFileName().toString().matches("\\d+\\.\\d+"))
          .max(Comparator.comparing(folder -> Version.parse(folder.getFileName().toString()))).orElseThrow();
      String[] version = last.getFileName().toString().split("\\.");
      return Files.exists(last.resolve("release.yaml")) ? version[0] + "." + (Integer.parseInt(version[1]) + 1) : last.getFileName().toString();
    }
  }
}
