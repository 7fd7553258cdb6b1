package io.mycelium.migrations.locks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.postgresql.PGConnection;

/**
 * A second session that sees the locks of statements which may not run in a transaction, such as CREATE INDEX
 * CONCURRENTLY. It holds ROW EXCLUSIVE, the lock of a writer, on every table. The statement waits for that, and while
 * it waits, its locks can be seen.
 *
 * @param connection the second session
 */
record Witness(Connection connection) {

  /**
   * Runs a statement of another session.
   *
   * @param session the other session
   * @param catalog the tables
   * @param statement what runs there
   * @param seen gets each lock on a relation that the statement has or waits for, when it first waits
   * @return the statement's result
   */
  <T> T watch(Connection session, Catalog catalog, Callable<T> statement, BiConsumer<Long, LockMode> seen)
      throws Exception {
    int pid = session.unwrap(PGConnection.class).getBackendPID();
    FutureTask<T> running = new FutureTask<>(statement);
    connection.setAutoCommit(false);
    try (Statement query = connection.createStatement()) {
      for (Catalog.Relation relation : catalog.relations().values()) {
        if (relation.kind() == 'r' || relation.kind() == 'p') {
          query.execute(
              "lock table %s in row exclusive mode".formatted(query.enquoteIdentifier(relation.name(), false)));
        }
      }
      new Thread(running).start();
      while (!hasEnded(running) && !waits(query, pid)) {
        // it runs
      }
      if (!running.isDone()) {
        Catalog.each(query, "select relation, mode from pg_locks where locktype = 'relation' and pid = " + pid,
            row -> seen.accept(row.getLong(1), LockMode.of(row.getString(2))));
      }
    } finally {
      connection.rollback();
    }
    try {
      return running.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException ours ? ours : e;
    }
  }

  /** Whether it has ended, after a moment for it to do so. */
  private static boolean hasEnded(FutureTask<?> running) throws InterruptedException {
    try {
      running.get(1, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      // is told by whoever waits for what it gives
    }
    return true;
  }

  private static boolean waits(Statement query, int pid) throws SQLException {
    boolean[] waits = new boolean[1];
    Catalog.each(query, "select exists (select from pg_locks where not granted and pid = " + pid + ")",
        row -> waits[0] = row.getBoolean(1));
    return waits[0];
  }
}
