package io.mycelium.migrations.locks;

import io.mycelium.migrations.locks.Catalog.Relation;
import io.mycelium.migrations.locks.Traced.Kind;
import io.mycelium.migrations.locks.Traced.Step;
import io.mycelium.migrations.locks.Traced.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import liquibase.changelog.ChangeSet;

/** Records what each statement of a changeset locks and does, by looking before and after it in the same session. */
final class Recorder {

  /** The SQLSTATEs of a statement that may not run in a transaction, and of one that ends the transaction itself. */
  private static final Set<String> RUNS_ALONE = Set.of("25001", "2D000");

  /** What the running transaction has done to each relation. Autovacuum's work is not in these counts. */
  private static final String COUNTS = Catalog.OURS + """
      select c.oid, coalesce(indrelid, c.oid), relname, relkind in ('i', 'I'), relkind = 'm', relfilenode,
        case when relkind in ('r', 'm') then pg_relation_size(c.oid::regclass) end = 0,
        pg_stat_get_xact_numscans(c.oid),
        pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid),
        pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)
      from ours c left join pg_index on indexrelid = c.oid""";

  private static final String LOCKS = """
      select relation, mode from pg_locks where locktype = 'relation' and pid = pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())""";

  /**
   * The counts of a relation.
   *
   * @param table of an index the number of its table, else that of the relation itself
   * @param file the number of its file. An index with the same file is the same index, even if ALTER COLUMN TYPE gave
   *          it another number
   */
  private record Count(long table, String name, boolean index, boolean view, long file, boolean empty, long scans,
      long read, long written) {}

  private final Connection connection;
  private final Witness witness;
  private Catalog before;
  private List<List<Step>> transactions;
  private List<Step> open;
  private Map<Long, Count> last;

  /**
   * Makes a recorder.
   *
   * @param connection the session that the changesets run in
   * @param witness a second session; null if the database has only one
   */
  Recorder(Connection connection, Witness witness) {
    this.connection = connection;
    this.witness = witness;
  }

  /** To be called before a changeset. */
  void begin() throws SQLException {
    before = Catalog.read(connection);
    transactions = new ArrayList<>();
    open = new ArrayList<>();
  }

  boolean isRecording() {
    return before != null;
  }

  /** To be called before its transaction is committed. */
  void commit() {
    if (isRecording() && !open.isEmpty()) {
      transactions.add(open);
      open = new ArrayList<>();
    }
  }

  /** To be called after a changeset. */
  Traced end(ChangeSet changeSet, String direction) throws SQLException {
    return end(changeSet.getId(), changeSet.getFilePath(), changeSet.getComments(), direction);
  }

  Traced end(String id, String file, String comment, String direction) throws SQLException {
    commit();
    Traced traced = new Traced(id, file, comment, direction, before, Catalog.read(connection), transactions);
    before = null;
    return traced;
  }

  /** Runs a statement, in a transaction if it may run in one. */
  <T> T run(String sql, Callable<T> statement) throws Exception {
    if (!connection.getAutoCommit()) {
      return runInTransaction(sql, statement);
    }
    connection.setAutoCommit(false);
    try {
      T result = runInTransaction(sql, statement);
      commit();
      connection.commit();
      return result;
    } catch (SQLException e) {
      connection.rollback();
      open.clear();
      if (!RUNS_ALONE.contains(e.getSQLState())) {
        throw e;
      }
    } finally {
      connection.setAutoCommit(true);
    }
    return runAlone(sql, statement);
  }

  /** Runs a statement in a transaction. After it this session still holds the locks, so it can ask for them. */
  private <T> T runInTransaction(String sql, Callable<T> statement) throws Exception {
    if (open.isEmpty()) {
      last = counts();
    }
    T result = statement.call();
    Map<Long, Count> now = counts();
    Map<Long, LockMode> locks = new HashMap<>();
    try (Statement query = connection.createStatement()) {
      Catalog.each(query, LOCKS, row -> hold(locks, row.getLong(1), LockMode.of(row.getString(2))));
    }
    open.add(new Step(sql, locks, work(last, now), false));
    last = now;
    return result;
  }

  /**
   * Runs a statement in transactions of its own. Its locks are gone afterwards: the witness sees some, others follow
   * from what it did.
   */
  private <T> T runAlone(String sql, Callable<T> statement) throws Exception {
    Map<Long, Count> then = counts();
    Set<List<Long>> parts = Catalog.read(connection).parts();
    Map<Long, LockMode> locks = new HashMap<>();
    T result = witness == null
        ? statement.call()
        : witness.watch(connection, before, statement, (relation, mode) -> hold(locks, relation, mode));
    Map<Long, Count> now = counts();
    // the other counts are of one transaction, and this was several
    List<Work> work = work(then, now).stream().filter(one -> one.kind().makesAFile()).toList();
    now.forEach((number, count) -> {
      Count old = then.get(number);
      if (old == null && count.index()) {
        // built CONCURRENTLY, as REINDEX does beside the old one
        hold(locks, count.table(), LockMode.SHARE_UPDATE_EXCLUSIVE);
      } else if (old != null && old.file() != count.file()) {
        hold(locks, number, LockMode.ACCESS_EXCLUSIVE); // VACUUM FULL, CLUSTER, REINDEX
      }
    });
    then.forEach((number, index) -> {
      if (index.index() && !now.containsKey(number)) {
        // only DROP INDEX CONCURRENTLY runs runAlone
        hold(locks, number, LockMode.SHARE_UPDATE_EXCLUSIVE);
      }
    });
    parts.removeAll(Catalog.read(connection).parts());
    for (List<Long> part : parts) { // by DETACH PARTITION ... CONCURRENTLY
      hold(locks, part.get(0), LockMode.ACCESS_EXCLUSIVE);
      hold(locks, part.get(1), LockMode.SHARE_UPDATE_EXCLUSIVE);
    }
    transactions.add(List.of(new Step(sql, locks, work, true)));
    return result;
  }

  private void hold(Map<Long, LockMode> locks, long number, LockMode mode) {
    Relation relation = before.relations().get(number);
    if (relation != null) {
      locks.merge(relation.table(), mode, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }
  }

  private Map<Long, Count> counts() throws SQLException {
    Map<Long, Count> counts = new HashMap<>();
    try (Statement query = connection.createStatement()) {
      Catalog.each(query, COUNTS,
          row -> counts.put(row.getLong(1), new Count(row.getLong(2), row.getString(3), row.getBoolean(4),
              row.getBoolean(5), row.getLong(6), row.getBoolean(7), row.getLong(8), row.getLong(9), row.getLong(10))));
    }
    return counts;
  }

  /** What was done between two moments to the rows of tables that were there before the changeset. */
  private List<Work> work(Map<Long, Count> then, Map<Long, Count> now) {
    List<Work> work = new ArrayList<>();
    now.forEach((number, count) -> {
      Count old = then.get(number);
      Relation table = before.relations().get(count.table());
      if (table == null) {
        return;
      } else if (count.index()) {
        Count oldTable = then.get(count.table());
        if (then.values().stream().noneMatch(other -> other.file() == count.file())
            && oldTable.file() == now.get(count.table()).file()) {
          work.add(new Work(Kind.BUILDS, count.table(), count.name(), 0));
        }
      } else if (old != null && "rpm".indexOf(table.kind()) >= 0) {
        if (old.file() != count.file()) {
          work.add(
              new Work(count.view() ? Kind.REFRESHES : count.empty() && !old.empty() ? Kind.EMPTIES : Kind.REWRITES,
                  number, "", 0));
        }
        if (table.rows() > 0 ? count.read() - old.read() >= table.rows() : count.scans() > old.scans()) {
          work.add(new Work(Kind.READS, number, "", 0));
        }
        if (count.written() > old.written()) {
          work.add(new Work(Kind.WRITES, number, "", count.written() - old.written()));
        }
      }
    });
    List<Long> built = work.stream().filter(one -> one.kind().makesAFile()).map(Work::table).toList();
    work.removeIf(one -> one.kind() == Kind.READS && built.contains(one.table()));
    work.sort((one, other) -> one.table() == other.table()
        ? one.kind().compareTo(other.kind())
        : Long.compare(one.table(), other.table()));
    return work;
  }
}
