package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.AppliedSchema.Place;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Snapshot;
import io.mycelium.migrations.schema.Sql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/**
 * Writes changesets, with their rollbacks, for what somebody changed in a database by hand; Alembic's
 * {@code --autogenerate}. It only reads that database. It runs each changeset in a scratch database before it writes
 * it.
 */
public final class Autogenerate {

  private Autogenerate() {}

  /**
   * Writes the changesets. Prints where they are, and what is left to do by hand.
   *
   * @param arguments none; -Ddomain and -Dname as for {@link NewMigration}, -Ddrop and -Drename as for {@link Asked};
   *          the POM names the database and the changelog
   * @throws Exception if they are refused, or if nothing was changed; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Asked asked = Asked.of(System.getProperty("drop", ""), System.getProperty("rename", ""));
    try (Connection connection = FromMaven.connect("autogenerate")) {
      System.out.println(write(Changelog.named(), connection, System.getProperty("domain", ""),
          System.getProperty("name", ""), asked));
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }

  /**
   * What the user names, since it loses data, or breaks clients that still run.
   *
   * @param drops the columns, as table.column, and the tables that may be dropped
   * @param renames the new name of a column, by table.column, or of a table
   */
  public record Asked(Set<String> drops, Map<String, String> renames) {

    /**
     * Reads what the command line has.
     *
     * @param drop such as {@code agents.note,teams}
     * @param rename such as {@code agents.name:title,teams:groups}
     * @throws Refused if a rename has no new name
     */
    public static Asked of(String drop, String rename) throws Refused {
      Map<String, String> renames = new LinkedHashMap<>();
      for (String pair : words(rename)) {
        String[] names = pair.split(":");
        if (names.length != 2) {
          throw new Refused("-Drename=" + rename + " is not of the form agents.name:title");
        }
        renames.put(names[0], names[1]);
      }
      return new Asked(Set.copyOf(words(drop)), renames);
    }

    private static List<String> words(String list) {
      return Stream.of(list.split(",")).filter(word -> !word.isBlank()).toList();
    }
  }

  /**
   * Writes the changesets.
   *
   * @param changelog the changelog, in a folder
   * @param connection to the database that was changed by hand
   * @param domain such as {@code agents}
   * @param name the intent, such as {@code add-agent-tags}
   * @param asked what may be dropped, and what is renamed
   * @return where each stands, what was not written, and what is next
   * @throws Refused if nothing was changed, or if it would lose data that nobody asked to drop; the message says what
   */
  public static String write(Changelog changelog, Connection connection, String domain, String name, Asked asked)
      throws Exception {
    NewMigration first = new NewMigration(changelog, domain, name);
    List<ChangeSet> changeSets = changelog.changeSets();
    record Found(History history, Place place) {}
    Found found = Snapshot.of(connection, snapshot -> new Found(History.read(snapshot), Place.of(snapshot)));
    Drift.refuseUnknown(found.history, changeSets);
    List<ChangeSet> pending = found.history.pending(changeSets);
    if (!pending.isEmpty()) {
      throw new Refused(pending.size() + " changesets are pending, from " + pending.get(0).getId()
          + "; apply them first, or they would be generated again: mvn initialize liquibase:update");
    }
    Plan plan = AppliedSchema.inScratch(changelog, List.of(), found.place, scratch -> {
      Set<String> names = new HashSet<>(Snapshot.of(scratch, Schema::read).names());
      names.addAll(asked.renames.values());
      Schema goal = Snapshot.of(connection, snapshot -> Schema.readWithByHand(snapshot, names));
      return Plan.make(scratch, goal, found.place.schema(), name, asked);
    });
    if (plan.steps().isEmpty()) {
      throw new Refused(found.history.database() + " has the schema that the changelog defines"
          + (plan.notes().isEmpty() ? "; change it by hand first" : ", but for:\n" + String.join("\n", plan.notes())));
    }
    List<String> report = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      NewMigration migration = report.isEmpty() ? first : new NewMigration(changelog, domain, step.name());
      report.add("wrote " + migration.id() + " to "
          + migration.write(step.comment(), step.transactional() ? "" : "runInTransaction: false\n",
              changes(changelog.root(), migration, step), sql(step.rollback())));
    }
    report.addAll(plan.notes());
    report.add("next: fill in each TODO. The database that was changed by hand has it all, so note it there:"
        + " mvn -Plocal initialize" + " liquibase:changelogSync. Then mvn -Pdocs, and mvn verify");
    return String.join("\n", report);
  }

  /** The changes in YAML, in their order; a routine becomes a file of its own. */
  private static String changes(Path root, NewMigration migration, Plan.Step step) throws Exception {
    StringBuilder changes = new StringBuilder();
    List<String> statements = new ArrayList<>();
    for (Plan.Change change : step.changes()) {
      if (change.file() == null) {
        statements.addAll(change.statements());
      } else {
        changes.append(sql(statements));
        statements.clear();
        Path file = free(root.resolve(migration.folder()), change.file());
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join(";\n\n", change.statements()) + ";\n");
        changes.append("- sqlFile: {path: %s/%s, relativeToChangelogFile: true, splitStatements: false}\n"
            .formatted(migration.folder().getFileName(), file.getFileName()));
      }
    }
    return changes + sql(statements);
  }

  /** A path for a routine's file at which no file stands yet. */
  private static Path free(Path folder, String name) {
    Path file = folder.resolve(name + ".sql");
    for (int i = 2; Files.exists(file); i++) {
      file = folder.resolve(name + "_" + i + ".sql");
    }
    return file;
  }

  /** Statements as changes in YAML: one change for all, but for statements that have to run alone. */
  private static String sql(List<String> statements) {
    StringBuilder changes = new StringBuilder();
    List<String> together = new ArrayList<>();
    for (String statement : statements) {
      if (Sql.isAtomic(statement)) {
        changes.append(change(together)).append(change(List.of(statement)));
        together.clear();
      } else {
        together.add(statement);
      }
    }
    return changes + change(together);
  }

  private static String change(List<String> statements) {
    if (statements.isEmpty()) {
      return "";
    }
    // at which Liquibase would split the statement
    boolean whole = statements.stream().anyMatch(statement -> statement.matches("(?s).*(\\$\\w*\\$|;).*"));
    return "- sql:\n" + (whole ? "    splitStatements: false\n" : "") + "    sql: |\n"
        + statements.stream().map(String::strip).collect(Collectors.joining(";\n")).indent(6);
  }
}
