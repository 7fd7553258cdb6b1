package io.mycelium.migrations.changelog;

import com.github.blagerweij.sessionlock.PGLockService;
import io.mycelium.migrations.Refused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LockException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.lockservice.DatabaseChangeLogLock;

/**
 * liquibase-sessionlock's advisory lock, with another answer to who holds it, and where there is no schema. The
 * library's own answer has two faults. It fails where PostgreSQL hides the other session from this role; only members
 * of that session's role and of pg_read_all_stats see it. And it shows locks of other databases on the server.
 */
public final class MigrationLock extends PGLockService {

  /** For Liquibase, which finds it by META-INF/services. */
  public MigrationLock() {}

  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /**
   * Liquibase keeps one list of locks for the whole JVM, and forgets all of them when any of its runs ends. Then a run
   * of another thread gets a new object like this one for the lock that it holds, so this asks the server.
   */
  @Override
  public void setDatabase(Database database) {
    super.setDatabase(database);
    if (database.getConnection() instanceof JdbcConnection jdbc && database.getDefaultSchemaName() != null) {
      try {
        hasChangeLogLock = holder(jdbc.getUnderlyingConnection(), "pid = pg_backend_pid()") != null;
      } catch (SQLException e) {
        throw new UnexpectedLiquibaseException(e);
      }
    }
  }

  /** Takes the lock, as the first thing that any goal does with a database. */
  @Override
  protected boolean acquireLock(Connection connection) throws SQLException, LockException {
    try {
      CurrentSchema.of(connection);
    } catch (Refused e) {
      throw new LockException(e.getMessage());
    }
    return super.acquireLock(connection);
  }

  /**
   * The session that holds the lock. Liquibase prints the time after the description; so that ends in a word for it.
   */
  @Override
  protected DatabaseChangeLogLock usedLock(Connection connection) throws SQLException {
    return holder(connection, "true");
  }

  private DatabaseChangeLogLock holder(Connection connection, String condition) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet holder = statement.executeQuery("""
        select format('session %%s of role %%s (%%s); if it runs no migration, end it: '
                   'SELECT pg_terminate_backend(%%s); ', pid, usename,
                   concat_ws(', ', nullif(application_name, ''), host(client_addr)), pid), backend_start, now()
        from pg_locks join pg_stat_activity using (pid)
        join (values (%s)) key (class, object) on classid = class::oid and objid = object::oid
        where locktype = 'advisory' and objsubid = 2 and granted and datname = current_database() and %s
        """.formatted(History.lockKey(database.getDefaultSchemaName()), condition))) {
      if (!holder.next()) {
        return null;
      }
      Timestamp connected = holder.getTimestamp(2);
      return connected == null
          ? new DatabaseChangeLogLock(1, holder.getTimestamp(3), holder.getString(1) + "seen")
          : new DatabaseChangeLogLock(1, connected, holder.getString(1) + "connected");
    }
  }
}
