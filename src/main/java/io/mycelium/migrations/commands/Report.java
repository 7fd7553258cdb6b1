package io.mycelium.migrations.commands;

import io.mycelium.migrations.Names;
import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.locks.LocksPage;
import io.mycelium.migrations.locks.Touched;
import io.mycelium.migrations.report.Facts;
import io.mycelium.migrations.report.Facts.Answer;
import io.mycelium.migrations.report.Facts.Pending;
import io.mycelium.migrations.report.Facts.Server;
import io.mycelium.migrations.report.Finding;
import io.mycelium.migrations.report.Page;
import io.mycelium.migrations.report.Sizes;
import io.mycelium.migrations.schema.Diagram;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Mending;
import io.mycelium.migrations.schema.Snapshot;
import io.mycelium.migrations.schema.Sql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;

/**
 * One page that shows a database: where it stands, what is pending, its health, its drift, its sizes and its schema.
 * Reads the database and changes nothing in it; what is wrong there stands on the page and is no failure of the
 * command.
 */
public final class Report extends DatabaseCommand {

  private static final CommandBuilder ARGUMENTS = new CommandBuilder(new String[] {"report"});
  private static final CommandArgumentDefinition<String> REPORT_FILE = ARGUMENTS.argument("reportFile", String.class)
      .description("Where to write the page; without it the page is printed")
      .build();

  /** For Liquibase, which finds it by META-INF/services. */
  public Report() {
    super("report", "Show the database on one page: where it stands, its health, drift and schema");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    Facts facts = read(changelog, connection, (Database) arguments.getDependency(Database.class));
    String page = page(facts);
    String file = arguments.getArgumentValue(REPORT_FILE);
    if (file == null) {
      return new Outcome(page, null);
    }
    Path path = Path.of(file).toAbsolutePath();
    write(path, page);
    return new Outcome(
        Page.verdict(facts) + "\n" + Path.of("").toUri().relativize(path.toUri()).getPath() + " shows it", null);
  }

  private static String page(Facts facts) throws Refused {
    try {
      return Page.of(facts);
    } catch (NoClassDefFoundError e) { // optional, so that an application does not get it unasked
      throw new Refused("the report needs the library com.samskivert:jmustache on the class path, and it is not there: "
          + e.getMessage());
    }
  }

  /** Reads all of it at one moment. */
  private static Facts read(Changelog changelog, Connection connection, Database database) throws Exception {
    List<ChangeSet> changeSets = changelog.changeSets();
    record Read(Server server, Drift.Found found, Answer<List<Finding>> health, Answer<Sizes> sizes) {}
    Read read = Snapshot.of(connection, snapshot -> {
      Drift.Found found = Drift.Found.in(snapshot, changelog);
      return new Read(server(snapshot, found.history().database()), found, answer(snapshot, Finding::read),
          answer(snapshot, connected -> Sizes.read(connected, found.schema().names())));
    });
    List<Pending> pending = new ArrayList<>();
    for (ChangeSet changeSet : read.found.history().pending(changeSets)) {
      pending.add(pending(changelog, changeSet, database));
    }
    Map<String, String> comments = new LinkedHashMap<>();
    changeSets.forEach(changeSet -> comments.put(changeSet.getId(), changeSet.getComments().strip()));
    return new Facts(read.server, read.found.history().where(), read.found.history().rows(), comments,
        read.found.history().unknown(changeSets), pending, read.health, drift(changelog, read.found), read.sizes,
        read.found.schema().contents(), changelog.text(Diagram.PATH));
  }

  private static Server server(Connection connection, String address) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("""
        select current_database(), current_schema(),
               'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)
               || coalesce((select ', pgvector ' || extversion from pg_extension where extname = 'vector'), ''),
               pg_size_pretty(pg_database_size(current_database())), now()""")) {
      row.next();
      return new Server(address, row.getString(1), row.getString(2), row.getString(3), row.getString(4),
          row.getObject(5, OffsetDateTime.class).toInstant());
    }
  }

  /**
   * A part of the page that the others do without: a lock, or a right that this role lacks, takes but that part from
   * it.
   */
  private static <T> Answer<T> answer(Connection snapshot, Snapshot.Reading<T> reading) throws Exception {
    Savepoint before = snapshot.setSavepoint();
    try (Statement statement = snapshot.createStatement()) {
      statement.execute("set local lock_timeout = '1s'");
      return new Answer<>(reading.from(snapshot), null);
    } catch (Refused | SQLException e) {
      return new Answer<>(null, e.getMessage());
    } finally {
      snapshot.rollback(before);
    }
  }

  private static Answer<Facts.Drift> drift(Changelog changelog, Drift.Found found) throws Exception {
    try {
      Drift.Report report = Drift.examine(changelog, found, Mending.Scratch.NONE);
      return new Answer<>(
          new Facts.Drift(report.drift(), Names.some(report.foreign().stream().map(Difference::object).toList()),
              Names.some(report.uncompared()), List.copyOf(report.unread()), report.sql()),
          null);
    } catch (Refused e) {
      return new Answer<>(null, e.getMessage());
    }
  }

  private static Pending pending(Changelog changelog, ChangeSet changeSet, Database database) throws Exception {
    List<String> rollback = changelog.statements(changeSet, true, database);
    return new Pending(changeSet.getId(), changeSet.getComments().strip(),
        text(changelog.statements(changeSet, false, database)), text(rollback),
        rollback.stream().filter(Sql::losesData).toList(), locks(changelog, changeSet));
  }

  private static Answer<List<Touched>> locks(Changelog changelog, ChangeSet changeSet) throws Exception {
    try {
      return new Answer<>(LocksPage.touched(changelog, changeSet.getId()), null);
    } catch (Refused e) {
      return new Answer<>(null, e.getMessage());
    }
  }

  private static String text(List<String> statements) {
    return statements.isEmpty() ? "" : String.join(";\n", statements).replaceAll(";+$", "") + ";";
  }
}
