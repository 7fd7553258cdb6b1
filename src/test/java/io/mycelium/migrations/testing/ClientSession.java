package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One client of a {@link ClientTraffic}: sends all of its statements, round after round. Its connection stays open, so
 * that what it prepared before a changeset is used during and after it.
 */
public final class ClientSession extends Thread {

  /** What a client sends only when nobody else is there. */
  static final Set<ClientStatement> ALONE = EnumSet.of(ClientStatement.EMPTY_REGISTRY);
  /** What a scheduler sends: one session, and one at a time. */
  private static final Set<ClientStatement> REFRESHES =
      EnumSet.of(ClientStatement.REFRESH_STATISTICS, ClientStatement.REFRESH_STATISTICS_AS_ANOTHER_ROLE);
  /** How many agents client-rows.sql makes, and the category of those that are used. */
  private static final int AGENTS = 300;
  private static final String USED = "core";
  /**
   * How long a client waits for a lock before it gives up: longer than a migration, behind which it may have queued up
   * to its lock_timeout, so that it meets one that holds its lock for long.
   */
  private static final String PATIENCE = "15s";
  /**
   * What a client does between two statements; without it the clients would have the processors, and the migration
   * would wait.
   */
  private static final Duration THINKING = Duration.ofMillis(3);
  /** Part of each name, so that no round meets what another one left. */
  private static final AtomicInteger ROUND = new AtomicInteger();

  private final ClientTraffic traffic;
  private final boolean refreshes;
  private final Connection connection;
  private final int pid;
  private final Set<ClientStatement> used = EnumSet.noneOf(ClientStatement.class);

  /**
   * Connects it.
   *
   * @param refreshes whether it does a scheduler's work, too
   */
  ClientSession(ClientTraffic traffic, boolean refreshes) throws SQLException {
    this.traffic = traffic;
    this.refreshes = refreshes;
    // After the DDL of the tracker's start, pgjdbc would by itself prepare all statements anew.
    connection = DriverManager.getConnection(traffic.database.url() + "?prepareThreshold=1&flushCacheOnDdl=false",
        traffic.database.username(), traffic.database.password());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set lock_timeout = '%s'".formatted(PATIENCE));
      ResultSet result = statement.executeQuery("select pg_backend_pid()");
      result.next();
      pid = result.getInt(1);
    }
    connection.commit();
  }

  @Override
  public void run() {
    try (connection) {
      do {
        round("round-" + ROUND.incrementAndGet());
        Set<ClientStatement> ofOthers = EnumSet.copyOf(ALONE);
        if (!refreshes) {
          ofOthers.addAll(REFRESHES);
        }
        assertThat(EnumSet.complementOf(EnumSet.copyOf(used))).as("statements that a round left out")
            .isEqualTo(ofOthers);
        traffic.roundDone(this);
      } while (traffic.goesOn());
    } catch (Failed e) {
      // noted already
    } catch (SQLException e) {
      traffic.failed("commit", e, traffic.blockers.of(pid));
    } catch (AssertionError | RuntimeException e) {
      traffic.failed("a client was answered wrongly: " + e.getMessage());
    }
  }

  private void round(String name) throws SQLException {
    registry(name);
    usage(name);
    coordination(name);
    coordination("shared");
    events(name);
    once(ClientStatement.DELETE_AGENT, name);
    once(ClientStatement.DELETE_WORKFLOW, name);
  }

  private void registry(String name) throws SQLException {
    String embedding = ClientTraffic.embedding(name.hashCode(), traffic.dimensions);
    String[] words = {name};
    Object[] agent =
        {name, name, name, name, "new", "Does " + name, name + ".md", words, words, words, embedding, 100, "{}"};
    String id = once(ClientStatement.REGISTER_AGENT, agent).get(0);
    try {
      ClientStatement.REGISTER_AGENT.run(connection, traffic.version, agent);
      throw new AssertionError("agent " + name + " was registered twice");
    } catch (SQLException e) {
      connection.rollback();
      if (!e.getSQLState().equals("23505")) {
        throw failure("REGISTER_AGENT, a second time", e);
      }
    }
    once(ClientStatement.EDIT_AGENT, "Does " + name + " well", "{\"k\": 1}", name);
    once(ClientStatement.EDIT_AGENT, "Does much", "{}", "agent-" + (1 + Math.floorMod(name.hashCode(), AGENTS)));
    String other = once(ClientStatement.FIND_BY_AGENT_ID, "agent-1").get(0);
    once(ClientStatement.DEPEND_ON_AGENT, id, other, "required");
    assertThat(once(ClientStatement.FIND_BY_AGENT_TYPE, name)).containsExactly(id);
    assertThat(once(ClientStatement.FIND_BY_ID, id)).containsExactly(id);
    assertThat(once(ClientStatement.LIST_AGENTS, 10, 5)).as("agents listed").hasSize(10);
    assertThat(once(ClientStatement.LIST_AGENTS_OF_CATEGORY, USED, 10, 0)).as("agents listed").hasSize(10);
    once(ClientStatement.COUNT_AGENTS_OF_CATEGORY, "other");
    assertThat(once(ClientStatement.LIST_CATEGORIES)).contains(USED, "new", "other");
    assertThat(once(ClientStatement.FIND_AGENTS_BY_TEXT, "%" + name + " well%", name, "%" + name, "%" + name, 10))
        .contains(name);
    assertThat(once(ClientStatement.FIND_AGENTS_BY_KEYWORD, name)).containsExactly(name);
    assertThat(once(ClientStatement.FIND_AGENTS_BY_CAPABILITIES, (Object) words)).containsExactly(name);
    assertThat(once(ClientStatement.COUNT_AGENTS_WITH_TOOLS, (Object) words)).containsExactly("1");
    // an HNSW index may miss any one of them
    assertThat(once(ClientStatement.FIND_AGENTS_BY_EMBEDDING, embedding, embedding, 0.5, embedding, 10))
        .as("agents like " + name)
        .isNotEmpty();
    assertThat(once(ClientStatement.SEARCH_AGENTS, embedding, 10, -1.0)).as("search_agents() for " + name).hasSize(10);
    assertThat(once(ClientStatement.SEARCH_AGENTS_BY_TEXT, name + " well")).containsExactly(name);
  }

  private void usage(String name) throws SQLException {
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    String workflow = "00000000-0000-0000-0000-000000000001";
    String own = once(ClientStatement.FIND_BY_AGENT_ID, name).get(0);
    String hot = once(ClientStatement.FIND_BY_AGENT_ID, "agent-15").get(0);
    for (String agent : List.of(own, hot)) {
      once(ClientStatement.USE_AGENT, agent, workflow, name, "completed", now, 120, "a task", "{}", null, null);
      once(ClientStatement.USE_AGENT, agent, workflow, name, "timeout", now, null, "a task", "{}", "too slow", "T1");
      String begun =
          once(ClientStatement.USE_AGENT, agent, null, name, "in_progress", null, null, "a task", "{}", null, null)
              .get(0);
      once(ClientStatement.FINISH_USE, "failed", 7, "broken", "F1", begun);
    }
    once(ClientStatement.USE_AGENTS_IN_BULK, name, "completed", now, 33, USED);
    once(ClientStatement.USE_AGENTS_IN_BULK, name, "in_progress", null, null, USED);
    once(ClientStatement.FINISH_USES_IN_BULK, 44, name);
    once(ClientStatement.DELETE_USES, name, "failed");
    if (refreshes) {
      synchronized (REFRESHES) {
        for (ClientStatement refresh : REFRESHES) {
          once(refresh);
        }
      }
    }
    String listed = refreshes ? own : hot;
    assertThat(once(ClientStatement.READ_STATISTICS, listed)).containsExactly(listed);
  }

  private void coordination(String workflow) throws SQLException {
    assertThat(once(ClientStatement.FIND_TABLES)).hasSize(3);
    for (int save = 1; save <= 2; save++) {
      send(ClientStatement.SAVE_WORKFLOW, workflow, "running", "{\"a\": 1}", "{}", save);
      send(ClientStatement.DELETE_TASKS, workflow);
      for (int task = 1; task <= 3; task++) {
        send(ClientStatement.INSERT_TASK, "t" + task, workflow, "agent-1", "type-1", "ready", 12.5, "{}", null, 0,
            new String[] {"t0"});
      }
      send(ClientStatement.KEEP_SNAPSHOT, workflow, save, "{\"save\": %s}".formatted(save));
      connection.commit();
    }
    assertThat(once(ClientStatement.READ_WORKFLOW, workflow)).containsExactly(workflow);
    assertThat(once(ClientStatement.READ_TASKS, workflow)).containsExactly("t1", "t2", "t3");
    assertThat(once(ClientStatement.READ_SNAPSHOT, workflow, 2)).containsExactly("{\"save\": 2}");
    assertThat(once(ClientStatement.LIST_WORKFLOWS, "running", 5)).hasSize(5);
  }

  private void events(String name) throws SQLException {
    for (String statement : ClientStatement.TRACKER_START) {
      timed("tracker's start, " + statement.lines().findFirst().orElseThrow(), () -> {
        try (Statement start = connection.createStatement()) {
          start.execute(statement);
        }
        return List.of();
      });
      connection.commit();
    }
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    for (OffsetDateTime time : List.of(now, now.minusYears(1))) {
      once(ClientStatement.APPEND_EVENT, name + time, "message", name, name, time, name, name, "{}", null, "ok", 1.5,
          null, "{}", null, "{}");
    }
    assertThat(once(ClientStatement.READ_EVENTS_OF_WORKFLOW, name, 10)).startsWith(name + now);
    assertThat(once(ClientStatement.READ_EVENTS_OF_TYPE, name, "message", 10)).startsWith(name + now);
    assertThat(once(ClientStatement.READ_EVENTS_OF_TASK, name, 10)).startsWith(name + now);
    assertThat(once(ClientStatement.READ_EVENTS_OF_AGENT, name, 10)).startsWith(name + now);
    assertThat(once(ClientStatement.COUNT_EVENTS, now, now.plusSeconds(1))).isNotEmpty();
    once(ClientStatement.DELETE_EVENTS_BY_AGE, now.minusMonths(6));
    once(ClientStatement.DELETE_EVENTS_OF_WORKFLOW, name);
  }

  /** Sends a statement in a transaction of its own. */
  private List<String> once(ClientStatement statement, Object... parameters) throws SQLException {
    List<String> rows = send(statement, parameters);
    connection.commit();
    return rows;
  }

  /** Sends a statement in the transaction that is open. */
  private List<String> send(ClientStatement statement, Object... parameters) throws SQLException {
    used.add(statement);
    return timed(statement.name(), () -> statement.run(connection, traffic.version, parameters));
  }

  private List<String> timed(String statement, Sending sending) throws SQLException {
    traffic.blockers.forget(pid);
    long start = System.nanoTime();
    try {
      return sending.send();
    } catch (SQLException e) {
      throw failure(statement, e);
    } finally {
      traffic.sent(this, statement, System.nanoTime() - start, traffic.blockers.of(pid));
      LockSupport.parkNanos(THINKING.toNanos());
    }
  }

  private Failed failure(String statement, SQLException e) {
    traffic.failed(statement, e, traffic.blockers.of(pid));
    return new Failed();
  }

  private interface Sending {
    List<String> send() throws SQLException;
  }

  private static final class Failed extends RuntimeException {

    private static final long serialVersionUID = 1L;
  }
}
