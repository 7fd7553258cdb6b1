package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import io.mycelium.migrations.plan.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;

/** Writes the next changeset: a file of its own, at the end of the list of the release in the making. */
public final class NewMigration {

  /** The comment of a new changeset, until somebody writes it. */
  static final String TODO_COMMENT = "TODO why it is there, and what data its rollback loses";

  private static final Pattern ID = Pattern.compile("([a-z]+)-(\\d{3})-(.*)");

  /** What the ids of other changesets begin with: those before the first release, and the tags. */
  private static final Set<String> NO_DOMAIN = Set.of("base", "release");

  private static final String NEW = "new:";

  private final Changelog changelog;
  private final Release release;
  private final String domain;
  private final String id;

  /**
   * Finds the place of a new changeset.
   *
   * @param changelog the changelog
   * @param domain such as {@code agents}, or {@code new:teams} to begin one
   * @param name the intent, such as {@code add-agent-tags}
   * @throws Refused if there is no such domain, or if the name is none; the message says what would be one
   */
  NewMigration(Changelog changelog, String domain, String name) throws Exception {
    List<ChangeSet> changeSets = changelog.changeSets();
    List<Matcher> ids =
        changeSets.stream().map(changeSet -> ID.matcher(changeSet.getId())).filter(Matcher::matches).toList();
    Set<String> domains = ids.stream()
        .map(id -> id.group(1))
        .filter(other -> !NO_DOMAIN.contains(other))
        .collect(Collectors.toCollection(TreeSet::new));
    String all = String.join(", ", domains);
    Optional<ChangeSet> same =
        changeSets.stream().filter(other -> ID.matcher(other.getId()).replaceFirst("$3").equals(name)).findFirst();
    boolean begins = domain.startsWith(NEW);
    this.domain = begins ? domain.substring(NEW.length()) : domain;
    if (domain.isEmpty() || name.isEmpty()) {
      throw new Refused("say which domain the migration belongs to, and what it does, such as:"
          + " -Ddomain=agents -Dname=add-agent-tags; the domains: " + all);
    } else if (begins
        && (!this.domain.matches("[a-z]+") || NO_DOMAIN.contains(this.domain) || domains.contains(this.domain))) {
      throw new Refused("-Ddomain=" + domain + " begins no domain: a word of lower-case letters that is none of " + all
          + ", " + String.join(", ", new TreeSet<>(NO_DOMAIN)));
    } else if (!begins && !domains.contains(domain)) {
      throw new Refused("-Ddomain=" + domain + " is none of " + all + "; to begin a domain: -Ddomain=" + NEW + domain);
    } else if (!name.matches("[a-z]+(-[a-z0-9]+)+")) {
      throw new Refused("-Dname=" + name + " is no intent in lower case with hyphens, such as add-agent-tags");
    } else if (name.length() > Step.LONGEST_NAME) {
      throw new Refused("-Dname has " + name.length() + " characters; at most " + Step.LONGEST_NAME
          + " can be read in a list, so say it shorter");
    } else if (same.isPresent()) {
      throw new Refused("a changeset of that name is there already: " + same.get().getId() + " in "
          + same.get().getFilePath() + "; edit it as long as it is not applied anywhere, or choose another -Dname");
    }
    int number = ids.stream()
        .filter(other -> other.group(1).equals(this.domain))
        .mapToInt(other -> Integer.parseInt(other.group(2)))
        .max()
        .orElse(0) + 1;
    this.changelog = changelog;
    this.release = Release.inTheMaking(changelog.root());
    this.id = String.format(Locale.ROOT, "%s-%03d-%s", this.domain, number, name);
  }

  /**
   * Writes a changeset whose body is to be filled in, and prints where it is.
   *
   * @param arguments none; -Ddomain and -Dname say what, the POM names the changelog
   * @throws Exception if they are refused, or if a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    System.out.println(write(Changelog.named(), System.getProperty("domain", ""), System.getProperty("name", "")));
  }

  /**
   * Writes a changeset whose body is to be filled in.
   *
   * @param changelog the changelog, in a folder
   * @param domain such as {@code agents}, or {@code new:teams} to begin one
   * @param name the intent, such as {@code add-agent-tags}
   * @return where it is, and what is next
   * @throws Refused if there is no such domain, or if the name is none; the message says what would be one
   */
  public static String write(Changelog changelog, String domain, String name) throws Exception {
    NewMigration migration = new NewMigration(changelog, domain, name);
    return "wrote " + migration.id + " to " + migration.write(TODO_COMMENT, "", """
        # May run twice, as after a killed run. So write IF NOT EXISTS, OR REPLACE, IF EXISTS.
        - sql:
            sql: |
              SELECT 'TODO'
        # Verify what must hold afterwards. If it does not hold, the whole changeset is undone.
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
        """) + "\nnext: fill in each TODO, then try it: mvn -Plocal. What comes after that: docs/adding-a-migration.md";
  }

  String id() {
    return id;
  }

  /** The project's folder. */
  Path root() {
    return release.root();
  }

  /** The folder of the domain's SQL files in the release, from the project's folder. Each file is one object. */
  Path folder() {
    return Path.of(release.folder(), domain);
  }

  /**
   * Writes the changeset's file, and adds it to the end of the release's list.
   *
   * @param comment why it is there
   * @param attributes further attributes, in YAML; empty for none
   * @param changes the list of changes, in YAML
   * @param rollback the list of changes of its rollback, in YAML
   * @return the path of the file
   */
  Path write(String comment, String attributes, String changes, String rollback) throws IOException {
    String file = release.folder() + "/" + id + ".yaml";
    Files.createDirectories(release.root().resolve(release.folder()));
    Files.writeString(release.root().resolve(file), """
        databaseChangeLog:
          - logicalFilePath: %s

          - changeSet:
              id: %s
              author: mycelium
        %s      comment: %s
              changes:
        %s      rollback:
        %s""".formatted(file, id, attributes.indent(6), comment, changes.indent(8), rollback.indent(8)));
    release.append("  - include: {file: " + id + ".yaml, relativeToChangelogFile: true}\n", changelog);
    return Path.of(file);
  }
}
