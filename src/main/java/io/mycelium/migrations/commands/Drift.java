package io.mycelium.migrations.commands;

import com.google.gson.GsonBuilder;
import io.mycelium.migrations.Names;
import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.AppliedSchema.Place;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Mending;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Snapshot;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandScope;

/** Compares a database with the schema that its applied migrations define. It only reads the database. */
public final class Drift extends DatabaseCommand {

  private static final CommandBuilder ARGUMENTS = new CommandBuilder(new String[] {"drift"});
  private static final Choice FOREIGN =
      Choice.of(ARGUMENTS, "foreign", "What to do about objects that are none of the migrations'", "list", "fail");
  private static final CommandArgumentDefinition<String> REPORT_FOLDER =
      ARGUMENTS.argument("reportFolder", String.class)
          .description("Where to write drift.json, and drift.sql, which mends it; without it the SQL is printed")
          .build();

  /**
   * What was found.
   *
   * @param database the database's address, without the password
   * @param position where its history stands
   * @param pending the changesets that are not applied; these are no drift
   * @param drift our objects that are not as the applied migrations define them
   * @param foreign the objects that the migrations did not make: another application's tables, or an installation's own
   *          choices, such as privileges of its roles
   * @param uncompared the objects that cannot be compared, since their kind is not known here
   * @param unread the routines whose bodies could not be parsed; they were compared as text
   * @param sql the SQL that mends the drift, as {@link Mending} writes it; empty where there is no drift
   */
  public record Report(String database, String position, List<String> pending, List<Difference> drift,
      List<Difference> foreign, Collection<String> uncompared, Collection<String> unread, String sql) {

    /** The report for people. */
    public String text() {
      List<String> lines = new ArrayList<>();
      lines.add(position);
      drift.forEach(difference -> lines.add(difference.toString()));
      if (!foreign.isEmpty()) {
        lines.add("foreign: " + String.join(", ", Names.some(foreign.stream().map(Difference::object).toList())));
      }
      if (!uncompared.isEmpty()) {
        lines.add("not compared: " + String.join(", ", Names.some(uncompared)));
      }
      if (!unread.isEmpty()) {
        lines.add("not parsed, and compared as text: " + String.join(", ", unread));
      }
      sql.lines().filter(line -> line.startsWith("-- NOT ")).map(line -> line.substring(3)).forEach(lines::add);
      lines.add(drift.isEmpty() ? "no drift" : "drift: " + drift.size() + (drift.size() == 1 ? " object" : " objects"));
      return String.join("\n", lines);
    }
  }

  /** For Liquibase, which finds it by META-INF/services. */
  public Drift() {
    super("drift", "Compare the database with the schema that its applied migrations define");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    boolean strict = FOREIGN.in(arguments).equals("fail");
    Found found = Snapshot.of(connection, snapshot -> Found.in(snapshot, changelog));
    Report report = examine(changelog, found, trial -> AppliedSchema.inEmptyScratch(changelog, found.place, trial));
    String text = report.text();
    String folder = arguments.getArgumentValue(REPORT_FOLDER);
    if (folder != null) {
      Path reports = Path.of(folder);
      write(reports.resolve("drift.json"),
          new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(report) + "\n");
      write(reports.resolve("drift.sql"), report.sql);
      text += report.sql.isEmpty() ? "" : "\nthe SQL that would mend it is in " + reports.getFileName() + "/drift.sql";
    } else if (!report.sql.isEmpty()) {
      text += "\n\n" + report.sql.strip();
    }
    boolean failed = !report.drift.isEmpty() || strict && !report.foreign.isEmpty();
    return new Outcome(text,
        failed
            ? "the database does not have the schema that its applied migrations define; the objects are named above"
            : null);
  }

  /**
   * Examines the current schema of a connection. The SQL that mends the drift is not tried.
   *
   * @param changelog the changelog
   * @param connection one on which no transaction is open
   * @return what was found
   * @throws Refused if there is nothing to compare with, or if a migration is running; the message says why
   */
  public static Report examine(Changelog changelog, Connection connection) throws Exception {
    Found found = Snapshot.of(connection, snapshot -> Found.in(snapshot, changelog));
    return examine(changelog, found, Mending.Scratch.NONE);
  }

  /** What a database has: its history, where its objects stand, and these. */
  record Found(History history, Place place, Schema schema) {

    /** Reads it, in a snapshot. Of the objects whole only what may be ours: another application can have very many. */
    static Found in(Connection snapshot, Changelog changelog) throws Exception {
      return new Found(History.read(snapshot), Place.of(snapshot), Schema.read(snapshot, changelog.words()));
    }
  }

  /** Examines what was read before, and tries in a scratch database what mends it. */
  static Report examine(Changelog changelog, Found found, Mending.Scratch scratch) throws Exception {
    List<ChangeSet> changeSets = changelog.changeSets();
    if (found.history.rows().isEmpty()) {
      throw new Refused(found.history.database() + " has no migration applied, so there is nothing to compare it with");
    }
    refuseUnknown(found.history, changeSets);
    List<ChangeSet> pending = found.history.pending(changeSets);
    return compare(found.history.database(), found.history.describe(changeSets),
        pending.stream().map(ChangeSet::getId).toList(), AppliedSchema.of(changelog, pending, found.place),
        found.schema, scratch);
  }

  /**
   * Refuses a database with changesets of a later release or of another branch: what they made looks as if made by
   * hand.
   */
  static void refuseUnknown(History history, List<ChangeSet> changeSets) throws Refused {
    List<String> unknown = history.unknown(changeSets);
    if (!unknown.isEmpty()) {
      throw new Refused("the database has migrations that this changelog does not know: " + String.join(", ", unknown)
          + "; check out the release that applied them, or on Citus name its entry point, " + Changelog.CITUS
          + ": mvn -Pcitus,drift");
    }
  }

  /**
   * Compares a schema with the expected one.
   *
   * @param database its address, for the report
   * @param position where its history stands, for the report
   * @param pending what is pending, for the report
   * @param expected the schema that the migrations define
   * @param found the schema of the database
   * @param scratch where the SQL that mends the drift is tried
   */
  public static Report compare(String database, String position, List<String> pending, Schema expected, Schema found,
      Mending.Scratch scratch) throws Exception {
    List<Difference> all = expected.differences(found);
    List<Difference> drift = all.stream().filter(difference -> !difference.foreign()).toList();
    List<Difference> foreign =
        Stream.concat(all.stream().filter(Difference::foreign), found.others().stream().map(Difference::unread))
            .sorted(Comparator.comparing(Difference::object))
            .toList();
    return new Report(database, position, pending, drift, foreign, found.uncompared(), found.unread(),
        drift.isEmpty() ? "" : Mending.of(found, expected, drift, scratch));
  }
}
