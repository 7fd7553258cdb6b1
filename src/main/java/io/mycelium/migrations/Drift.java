package io.mycelium.migrations;

import com.google.gson.GsonBuilder;
import io.mycelium.migrations.Catalog.Difference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;

/**
 * Whether a database has the schema that its applied migrations define, which Liquibase's own diff does not see for
 * functions, triggers, materialized views, CHECKs, privileges, a vector's dimension and an index's operator class and
 * parameters. Reads the database and changes nothing in it.
 */
public final class Drift {

  private static final Pattern PART_OF = Pattern.compile("(?:column|constraint|trigger|policy) (?<table>[^.]+)\\..*");

  /**
   * What was found.
   *
   * @param database the database's address, without the password
   * @param position where its history stands
   * @param pending the changesets that are not applied, which is no drift
   * @param drift the objects of ours that are not as the applied migrations define them
   * @param foreign the objects that are none of ours, such as another application's tables
   */
  record Report(String database, String position, List<String> pending, List<Difference> drift, List<Difference> foreign) {

    String text() {
      List<String> lines = new ArrayList<>();
      lines.add(position);
      drift.forEach(difference -> lines.add(difference.toString()));
      if (!foreign.isEmpty()) {
        lines.add("foreign: " + String.join(", ", foreign.stream().map(Difference::object).toList()));
      }
      lines.add(drift.isEmpty() ? "no drift" : "drift: " + drift.size() + (drift.size() == 1 ? " object" : " objects"));
      return String.join("\n", lines);
    }
  }

  private Drift() {}

  /**
   * Prints what was found, and writes it to {@code target/drift.json}.
   *
   * @param arguments {@code fail} if foreign objects count as drift; the POM names the database and the changelog
   * @throws Exception if there is drift, or if the database cannot be examined; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Changelog changelog = Changelog.named();
    Report report;
    try (Connection connection = NamedDatabase.connect()) {
      report = examine(changelog, connection);
    }
    Path file = changelog.root().resolve("target/drift.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(report) + "\n");
    System.out.println(report.text());
    if (!report.drift().isEmpty() || (arguments[0].equals("fail") && !report.foreign().isEmpty())) {
      throw new Refused("the database does not have the schema that its applied migrations define; see above, or target/drift.json");
    }
  }

  static Report examine(Changelog changelog, Connection connection) throws Exception {
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    String name = Current.name(connection);
    List<ChangeSet> changeSets = changelog.changeSets();
    List<Current.Applied> history = Current.history(connection);
    Catalog actual = Catalog.read(connection);
    connection.commit();
    List<String> unknown = history.stream().filter(row -> changeSets.stream().noneMatch(row::is)).map(Current.Applied::id).toList();
    if (history.isEmpty()) {
      throw new Refused(name + " has no migration applied, so there is nothing to compare it with");
    } else if (!unknown.isEmpty()) {
      throw new Refused("the database has migrations that this changelog does not know: " + String.join(", ", unknown)
          + "; check out the release that applied them");
    }
    List<ChangeSet> pending = Current.pending(history, changeSets);
    Catalog expected = AppliedSchema.without(changelog, pending, connection.getSchema(), Catalog::read);
    return compare(name, Current.describe(name, history, changeSets), pending.stream().map(ChangeSet::getId).toList(),
        expected, actual);
  }

  static Report compare(String database, String position, List<String> pending, Catalog expected, Catalog actual) {
    List<Difference> drift = new ArrayList<>();
    List<Difference> foreign = new ArrayList<>();
    for (Difference difference : comparable(expected).differences(comparable(actual))) {
      (isForeign(difference, expected) ? foreign : drift).add(difference);
    }
    return new Report(database, position, pending, drift, foreign);
  }

  /** Without what may differ: who made an extension, and what its owner set for the database instead. */
  private static Catalog comparable(Catalog catalog) {
    SortedMap<String, String> objects = new TreeMap<>(catalog.portable().objects());
    objects.replaceAll((name, definition) -> name.startsWith("extension ") || name.startsWith("setting ") ? "" : definition);
    return new Catalog(objects);
  }

  /**
   * Whether it is an object that no migration defines, and no part of a relation that one does; or differs in nothing
   * but what the installation's own roles were granted.
   */
  private static boolean isForeign(Difference difference, Catalog expected) {
    if (difference.expected() != null) {
      return difference.found() != null && withoutRoles(difference.expected()).equals(withoutRoles(difference.found()));
    }
    Matcher relation = PART_OF.matcher(difference.object());
    if (!relation.matches()) {
      relation = Catalog.INDEX.matcher(difference.found());
    }
    String name = relation.matches() ? relation.group("table") : null;
    return name == null || List.of("table ", "materialized view ", "view ").stream().noneMatch(kind -> expected.objects().containsKey(kind + name));
  }

  private static String withoutRoles(String definition) {
    return definition.lines().filter(line -> !line.matches("grant \\S+ to (?!public$).*")).collect(Collectors.joining("\n"));
  }
}
