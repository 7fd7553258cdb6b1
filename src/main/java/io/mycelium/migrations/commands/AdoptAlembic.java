package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Working;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandScope;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.util.PSQLException;

/**
 * Takes over a database that Alembic made. It moves the old tables to the schema {@code legacy_alembic}, builds release
 * 1.0 in their place by the ordinary changelog, and copies the rows. All of it is one transaction, so a run that stops
 * leaves the old database.
 */
public final class AdoptAlembic extends DatabaseCommand {

  private static final String RELEASE = "1.0";
  /** The SQLSTATE of RAISE EXCEPTION, by which our scripts refuse. */
  private static final String RAISE_EXCEPTION = "P0001";

  /** The state of those of the script's notices that say how far it is. */
  private static final String COPYING = "MYC01";

  private static final CommandBuilder ARGUMENTS = new CommandBuilder(new String[] {"adoptAlembic"});
  private static final Choice ACTION = Choice.of(ARGUMENTS, "action",
      "adopt; preview, which prints the SQL of it and changes nothing; undo", "adopt", "preview", "undo");
  private static final CommandArgumentDefinition<String> SQL_FILE = ARGUMENTS.argument("sqlFile", String.class)
      .description("Where a preview writes the SQL; without it the SQL is printed")
      .build();

  /** For Liquibase, which finds it by META-INF/services. */
  public AdoptAlembic() {
    super("adoptAlembic", "Take over a database that Alembic made, with all its rows");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    return new Outcome(run(changelog, connection, ACTION.in(arguments), arguments.getArgumentValue(SQL_FILE)), null);
  }

  /**
   * Does it, in one transaction.
   *
   * @param action {@code adopt}, {@code preview} or {@code undo}
   * @param sqlFile where a preview writes the SQL; null to give it back
   * @return what was done, a line for each table
   * @throws Refused if the database is not one that can be taken over or given back; the message says why
   */
  public static String run(Changelog changelog, Connection connection, String action, String sqlFile) throws Exception {
    Adoption adoption = new Adoption(changelog, connection);
    connection.setAutoCommit(false);
    try {
      String done = switch (action) {
        case "adopt" -> adoption.adopt();
        case "preview" -> adoption.preview(sqlFile);
        default -> adoption.undo();
      };
      connection.commit();
      return done;
    } catch (PSQLException e) {
      throw new Refused(RAISE_EXCEPTION.equals(e.getSQLState())
          ? e.getServerErrorMessage().getMessage()
          : "nothing was changed: " + e.getMessage());
    } catch (LiquibaseException e) {
      throw new Refused("nothing was changed: " + e.getMessage());
    } finally {
      Working.done();
      connection.rollback();
    }
  }

  /** A take-over on a connection, in the transaction that is open there. */
  private record Adoption(Changelog changelog, Connection connection) {

    private String adopt() throws Exception {
      lock();
      if (isOurs()) {
        return nothingToDo();
      }
      Working.at("setting the old tables aside", "");
      execute(setAside());
      Working.at("making release " + RELEASE, "");
      changelog.on(new SavepointConnection(connection),
          release -> release.update(RELEASE, new Contexts(), new LabelExpression()));
      copyRows();
      return position() + "\n" + report();
    }

    private String preview(String sqlFile) throws Exception {
      lock();
      if (isOurs()) {
        return nothingToDo();
      }
      String script = script();
      if (sqlFile == null) {
        return script;
      }
      write(Path.of(sqlFile), script);
      return "nothing was changed; the SQL of the take-over is in " + sqlFile;
    }

    /** The SQL of the take-over. Runs its first part, which may refuse the database, then rolls back. */
    private String script() throws Exception {
      StringWriter release = new StringWriter();
      execute(setAside());
      // Liquibase reads a history that it has not really made. It copes with the error, if that does not end the
      // transaction.
      connection.unwrap(PGConnection.class).setAutosave(AutoSave.ALWAYS);
      changelog.on(new SavepointConnection(connection),
          liquibase -> liquibase.update(RELEASE, new Contexts(), new LabelExpression(), release));
      connection.rollback();
      return setAside() + release + sql("copy_rows");
    }

    /** The SQL that checks the old tables and then sets them aside. */
    private String setAside() throws IOException, SQLException {
      StringBuilder sql = new StringBuilder();
      for (String part : List.of("check_rights", "alembic_tables", "what_hangs_on", "check_tables", "set_aside")) {
        sql.append(sql(part));
      }
      return sql.toString();
    }

    private String undo() throws Exception {
      lock();
      execute(sql("refuse_to_lose"));
      changelog.on(new SavepointConnection(connection),
          release -> release.rollback("base", new Contexts(), new LabelExpression()));
      execute(sql("put_back"));
      return History.read(connection).database() + " is as Alembic left it";
    }

    /**
     * Takes the migrations' lock until the end of the transaction. Liquibase itself lets go of it after each command.
     */
    private void lock() throws SQLException {
      execute("select pg_advisory_xact_lock(%s)".formatted(History.lockKey(connection.getSchema())));
    }

    private String position() throws Exception {
      return History.read(connection).describe(changelog.changeSets());
    }

    private String nothingToDo() throws Exception {
      return "nothing to take over: " + position();
    }

    /** Whether a release is applied. An update that was refused leaves a history with the base alone. */
    private boolean isOurs() throws SQLException {
      return History.read(connection).rows().stream().anyMatch(row -> !row.id().startsWith("base-"));
    }

    private String report() throws SQLException {
      StringBuilder report = new StringBuilder();
      try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("""
          select format('%s: %s of %s rows', relation, copied_rows, legacy_rows)
          from legacy_alembic.take_over where legacy_rows > 0 order by relation""")) {
        while (rows.next()) {
          report.append(rows.getString(1)).append('\n');
        }
      }
      return report + "the old tables stand in the schema legacy_alembic";
    }

    /** Copies the rows, and shows how far it is, as the script says by its notices. */
    private void copyRows() throws IOException, SQLException {
      Working.at("checking the rows", "");
      ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
      try (Statement statement = connection.createStatement()) {
        Future<?> showing = watch.scheduleWithFixedDelay(() -> show(statement), 0, 200, TimeUnit.MILLISECONDS);
        statement.execute(sql("copy_rows"));
        showing.cancel(false);
      } finally {
        watch.shutdownNow();
      }
    }

    private static void show(Statement statement) {
      try {
        for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
          if (COPYING.equals(notice.getSQLState()) && notice.getNextWarning() == null) {
            String[] parts = notice.getMessage().split(": ", 2);
            Working.at(parts[0], parts.length == 1 ? "" : parts[1]);
          }
        }
      } catch (SQLException e) {
        // The statement is closed: there is no more to show.
      }
    }

    /**
     * A script of changelog/adopt. It looks names up in pg_catalog alone, since other roles may have created functions
     * of the same names in the schema.
     */
    private String sql(String name) throws IOException, SQLException {
      try (Statement statement = connection.createStatement(); ResultSet names = statement.executeQuery("""
          select pg_catalog.quote_ident(pg_catalog.current_schema()),
                 pg_catalog.current_setting('search_path')""")) {
        names.next();
        String schema = names.getString(1);
        return "SET LOCAL search_path = pg_catalog, pg_temp;\n"
            + changelog.text("changelog/adopt/" + name + ".sql")
                .replace("@schema@", schema)
                .replace("@name@", statement.enquoteLiteral(schema))
            + "SET LOCAL search_path = " + names.getString(2) + ";\n";
      }
    }

    private void execute(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  /**
   * A connection on which a commit is a savepoint, so that what Liquibase commits stays in the transaction around it.
   */
  private static final class SavepointConnection extends JdbcConnection {

    private final Connection connection;
    private Savepoint begin;

    SavepointConnection(Connection connection) throws SQLException {
      super(connection);
      this.connection = connection;
      this.begin = connection.setSavepoint();
    }

    @Override
    public void commit() throws DatabaseException {
      try {
        connection.releaseSavepoint(begin);
        begin = connection.setSavepoint();
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }

    @Override
    public void rollback() throws DatabaseException {
      try {
        connection.rollback(begin);
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }

    @Override
    public void setAutoCommit(boolean autoCommit) {
      // that would end the transaction around
    }

    @Override
    public void close() {
      // whoever opened the connection closes it
    }
  }
}
