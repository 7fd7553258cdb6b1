package io.mycelium.migrations.locks;

import io.mycelium.migrations.changelog.Changelog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import liquibase.Contexts;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;

/**
 * Runs changesets and records what each statement does to the relations that were there: which it locks, rewrites,
 * reads in full, or writes rows of. It asks the statement's own session, before the commit.
 */
public final class Trace {

  /**
   * How many rows each table has. It is enough to tell work that grows with the table from looking a row up by an
   * index.
   */
  private static final int ROWS = 1000;

  private Trace() {}

  /** The statement with pglz in place of lz4, which the embedded database lacks. It takes the same lock. */
  public static String withoutLz4(String sql) {
    return sql.replaceAll("(?i)(compression |')lz4\\b", "$1pglz");
  }

  /**
   * Runs every changeset of a changelog, and then every rollback, with rows in each table that is there.
   *
   * @param changelog the changelog
   * @param connection to an empty database
   * @param witness another connection to it, which sees the locks of statements that may not run in a transaction; null
   *          if the database has only one session, so that these locks follow from what the statements did
   * @param sql changes the text of a statement before it runs
   * @return what was seen of each changeset and of each rollback, in the order of the changelog
   */
  public static List<Traced> of(Changelog changelog, Connection connection, Connection witness,
      UnaryOperator<String> sql) throws Exception {
    Recorder recorder = new Recorder(connection, witness == null ? null : new Witness(witness));
    List<Traced> updates = new ArrayList<>();
    List<Traced> rollbacks = new ArrayList<>();
    changelog.on(new JdbcConnection(observed(connection, recorder, sql)), liquibase -> {
      liquibase.setChangeExecListener(new Listener(connection, recorder, updates, rollbacks));
      liquibase.update(new Contexts());
      liquibase.rollback(updates.size(), "");
    });
    List<Traced> all = new ArrayList<>();
    for (Traced update : updates) {
      all.add(update);
      rollbacks.stream().filter(rollback -> rollback.changeSet().equals(update.changeSet())).forEach(all::add);
    }
    return all;
  }

  /**
   * What a changeset consists of, for {@link #of(Connection, Connection, Script)}.
   *
   * @param changeSet the changeset's id
   * @param comment its comment
   * @param direction {@link Traced#UPDATE} or {@link Traced#ROLLBACK}
   * @param transactional whether it runs in a transaction
   * @param statements its statements
   */
  public record Script(String changeSet, String comment, String direction, boolean transactional,
      List<String> statements) {}

  /**
   * Says which relations are of interest from now on, of perhaps very many.
   *
   * @param connection the one that is given to {@link #of(Connection, Connection, Script)}
   * @param names the names of tables, views and sequences
   */
  public static void only(Connection connection, Collection<String> names) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select set_config('" + Catalog.OF_INTEREST + "', ?::text[]::text, false)")) {
      statement.setArray(1, connection.createArrayOf("text", names.toArray()));
      statement.execute();
    }
  }

  /**
   * Runs statements as a changeset would.
   *
   * @param connection to a database that has what the statements need. In auto-commit mode they are committed; else the
   *          caller commits them or rolls them back
   * @param witness another connection to it, or null, as for
   *          {@link #of(Changelog, Connection, Connection, UnaryOperator)}
   * @param script the statements
   * @return what was seen
   */
  public static Traced of(Connection connection, Connection witness, Script script) throws Exception {
    Recorder recorder = new Recorder(connection, witness == null ? null : new Witness(witness));
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(!script.transactional());
    try (Statement statement = connection.createStatement()) {
      recorder.begin();
      for (String sql : script.statements()) {
        recorder.run(sql, () -> statement.execute(sql));
      }
      return recorder.end(script.changeSet(), null, script.comment(), script.direction());
    } catch (SQLException e) {
      if (script.transactional()) {
        connection.rollback();
      }
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  /** Tells the recorder which changeset runs. */
  private static final class Listener extends AbstractChangeExecListener {

    private final Connection connection;
    private final Recorder recorder;
    private final List<Traced> updates;
    private final List<Traced> rollbacks;

    Listener(Connection connection, Recorder recorder, List<Traced> updates, List<Traced> rollbacks) {
      this.connection = connection;
      this.recorder = recorder;
      this.updates = updates;
      this.rollbacks = rollbacks;
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database,
        ChangeSet.RunStatus status) {
      begin();
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
      begin();
    }

    private void begin() {
      quietly(() -> {
        connection.rollback();
        SampleRows.fill(connection, ROWS);
        recorder.begin();
        return null;
      });
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ChangeSet.ExecType type) {
      quietly(() -> updates.add(recorder.end(changeSet, Traced.UPDATE)));
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
      quietly(() -> rollbacks.add(recorder.end(changeSet, Traced.ROLLBACK)));
    }
  }

  private interface Work {
    Object run() throws SQLException;
  }

  /** Runs something whose exception a listener may not throw. */
  private static void quietly(Work work) {
    try {
      work.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * A connection that reports each statement and each commit to the recorder. Closing it does nothing; its opener
   * closes it.
   */
  private static Connection observed(Connection connection, Recorder recorder, UnaryOperator<String> sql) {
    return proxy(Connection.class, connection, (name, arguments, call) -> switch (name) {
      case "createStatement" -> observed((Statement) call.call(), recorder, sql);
      case "commit" -> {
        recorder.commit();
        yield call.call();
      }
      case "close" -> null;
      default -> call.call();
    });
  }

  private static Statement observed(Statement statement, Recorder recorder, UnaryOperator<String> sql) {
    return proxy(Statement.class, statement, (name, arguments, call) -> {
      if (name.equals("execute")) {
        arguments[0] = sql.apply((String) arguments[0]);
        if (recorder.isRecording()) {
          return recorder.run((String) arguments[0], call);
        }
      }
      return call.call();
    });
  }

  private interface Handler {
    Object handle(String name, Object[] arguments, Callable<Object> call) throws Exception;
  }

  /** An object whose calls go to a handler. */
  private static <T> T proxy(Class<T> type, T object, Handler handler) {
    return type.cast(Proxy.newProxyInstance(Trace.class.getClassLoader(), new Class<?>[] {type},
        (proxy, method, arguments) -> handler.handle(method.getName(), arguments, () -> {
          try {
            return method.invoke(object, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
          }
        })));
  }
}
