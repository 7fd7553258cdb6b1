package io.mycelium.migrations.schema;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.CurrentSchema;
import io.mycelium.migrations.changelog.History;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Reads a database in one transaction, so that everything is of one moment and no migration runs meanwhile. */
public final class Snapshot {

  private Snapshot() {}

  /** What to read in that transaction. */
  public interface Reading<T> {
    T from(Connection connection) throws Exception;
  }

  /**
   * Reads in a transaction of its own, which changes nothing. A migration that starts meanwhile waits for its end.
   *
   * @param connection one on which no transaction is open
   * @param reading what to read
   * @return what the reading gave
   * @throws Refused if a migration is running: half of its changes would be read; or if there is no current schema
   */
  public static <T> T of(Connection connection, Reading<T> reading) throws Exception {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set transaction isolation level repeatable read, read only");
      if (!lock(statement, CurrentSchema.of(connection))) {
        throw new Refused("a migration is running in this database, so its schema is neither the old nor the new one;"
            + " try again when it has ended");
      }
      return reading.from(connection);
    } finally {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    }
  }

  /**
   * Takes the migrations' lock in shared mode, until the end of the transaction. The answer is false if a migration
   * holds it.
   */
  private static boolean lock(Statement statement, String schema) throws SQLException {
    try (ResultSet locked =
        statement.executeQuery("select pg_try_advisory_xact_lock_shared(%s)".formatted(History.lockKey(schema)))) {
      locked.next();
      return locked.getBoolean(1);
    }
  }
}
