package io.mycelium.migrations;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.util.PSQLException;

/**
 * Takes over a database that Alembic made: sets the old tables aside in the schema {@code legacy_alembic}, builds
 * release 1.0 in their place by the ordinary changelog, and copies the rows. It is one transaction: whatever stops
 * it, the database is still the old one.
 */
public final class AdoptAlembic {

  private static final String RELEASE = "1.0";
  private static final String RAISE_EXCEPTION = "P0001";

  private final Changelog changelog;
  private final Connection connection;

  private AdoptAlembic(Changelog changelog, Connection connection) {
    this.changelog = changelog;
    this.connection = connection;
  }

  /**
   * Prints what was done, a line for each table.
   *
   * @param arguments {@code adopt}, {@code preview} (writes its SQL and changes nothing) or {@code undo}; the POM
   *     names the database and the changelog
   * @throws Exception if the database cannot be reached, or if it is not one that can be taken over or given back;
   *     the message says why
   */
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = NamedDatabase.connect()) {
      System.out.println(run(Changelog.named(), connection, arguments[0]));
    }
  }

  static String run(Changelog changelog, Connection connection, String action) throws Exception {
    AdoptAlembic adoption = new AdoptAlembic(changelog, connection);
    connection.setAutoCommit(false);
    try {
      String done = switch (action) {
        case "adopt" -> adoption.adopt();
        case "preview" -> adoption.preview();
        case "undo" -> adoption.undo();
        default -> throw new IllegalArgumentException(action);
      };
      connection.commit();
      return done;
    } catch (PSQLException e) {
      throw new Refused(RAISE_EXCEPTION.equals(e.getSQLState()) ? e.getServerErrorMessage().getMessage()
          : "nothing was changed: " + e.getMessage());
    } catch (LiquibaseException e) {
      throw new Refused("nothing was changed: " + e.getMessage());
    } finally {
      connection.rollback();
    }
  }

  private String adopt() throws Exception {
    lock();
    if (isOurs()) {
      return nothingToDo();
    }
    execute(sql("set_aside"));
    changelog.on(new NestedTransactions(connection), release -> release.update(RELEASE, new Contexts(), new LabelExpression()));
    execute(sql("copy_rows"));
    return position() + "\n" + report();
  }

  /** Sets aside, to be refused what would be refused, and leaves that to be undone. */
  private String preview() throws Exception {
    lock();
    if (isOurs()) {
      return nothingToDo();
    }
    StringWriter sql = new StringWriter();
    execute(sql("set_aside"));
    // Liquibase asks the history that it has not really made, and expects no more than an error.
    connection.unwrap(PGConnection.class).setAutosave(AutoSave.ALWAYS);
    changelog.on(new NestedTransactions(connection), release -> release.update(RELEASE, new Contexts(), new LabelExpression(), sql));
    connection.rollback();
    Path file = changelog.root().resolve("target/liquibase/migrate.sql");
    Files.createDirectories(file.getParent());
    Files.writeString(file, sql("set_aside") + sql + sql("copy_rows"));
    return "nothing was changed; the SQL of the take-over is in " + changelog.root().relativize(file);
  }

  private String undo() throws Exception {
    lock();
    execute(sql("refuse_to_lose"));
    changelog.on(new NestedTransactions(connection), release -> release.rollback("base", new Contexts(), new LabelExpression()));
    execute(sql("put_back"));
    return Current.name(connection) + " is as Alembic left it";
  }

  /** The lock of liquibase-sessionlock until the end of the transaction; Liquibase's own ends with each command. */
  private void lock() throws SQLException {
    execute("select pg_advisory_xact_lock(%d, %d)".formatted("databasechangeloglock".hashCode(), connection.getSchema().hashCode()));
  }

  private String position() throws Exception {
    return Current.describe(connection, changelog.changeSets());
  }

  private String nothingToDo() throws Exception {
    return "nothing to take over: " + position();
  }

  /** Whether a release is applied; an update that was refused leaves the base alone. */
  private boolean isOurs() throws SQLException {
    return Current.history(connection).stream().anyMatch(row -> !row.id().startsWith("base-"));
  }

  private String report() throws SQLException {
    StringBuilder report = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("""
            select format('%s: %s of %s rows', relation, copied_rows, legacy_rows)
            from legacy_alembic.take_over where legacy_rows > 0 order by relation""")) {
      while (rows.next()) {
        report.append(rows.getString(1)).append('\n');
      }
    }
    return report + "the old tables stand in the schema legacy_alembic";
  }

  private String sql(String name) throws IOException {
    return Files.readString(changelog.root().resolve("changelog/adopt/" + name + ".sql"));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Liquibase commits each changeset; here its transactions are parts of the one that {@link #run} ends. */
  private static final class NestedTransactions extends JdbcConnection {

    private final Connection connection;
    private Savepoint begin;

    NestedTransactions(Connection connection) throws SQLException {
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
      // would end the transaction around
    }

    @Override
    public void close() {
      // its opener's to do
    }
  }
}
