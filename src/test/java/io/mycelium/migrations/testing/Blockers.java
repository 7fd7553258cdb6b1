package io.mycelium.migrations.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Who waits for whom in a database: a session looks, again and again. */
final class Blockers implements AutoCloseable {

  private static final String MIGRATION = "mycelium-migrations";
  private static final String WAITING = """
      select w.pid, w.application_name,
        string_agg(b.application_name || ': ' || left(regexp_replace(b.query, '\\s+', ' ', 'g'), 150), ' and ')
      from pg_stat_activity w cross join unnest(pg_blocking_pids(w.pid)) p join pg_stat_activity b on b.pid = p
      where w.datname = current_database() and w.wait_event_type = 'Lock' group by w.pid, w.application_name""";

  private final Map<Integer, String> seen = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledFuture<?> looking;
  private final Connection connection;
  private volatile String ofMigration;

  Blockers(TestDatabase database) throws SQLException {
    connection = database.connect();
    looking = timer.scheduleWithFixedDelay(this::look, 0, 20, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(WAITING)) {
      while (result.next()) {
        String blockers = result.getString(3);
        seen.put(result.getInt(1), blockers);
        if (result.getString(2).equals(MIGRATION)) {
          ofMigration = blockers;
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Forgets what a session has waited for until now. */
  void forget(int pid) {
    seen.remove(pid);
  }

  /** What a session was last seen waiting for, in words; null if it was not. */
  String of(int pid) {
    return seen.get(pid);
  }

  /** What a session of the migrations was last seen waiting for, in words; null if none was. */
  String ofMigration() {
    return ofMigration;
  }

  /** Whether a session of the migrations is among blockers. */
  static boolean haveMigration(String blockers) {
    return blockers != null && blockers.contains(MIGRATION);
  }

  @Override
  public void close() throws SQLException {
    looking.cancel(false);
    timer.shutdown();
    try {
      timer.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connection.close();
  }
}
