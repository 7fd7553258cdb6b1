package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Clients at work: several sessions that send all of their statements, round after round, until told to stop. A
 * statement that fails ends its session and is kept, with the blocker that a watcher saw. Each statement is prepared on
 * the server once a session and used from then on, and each is in a transaction, where a plan that does not fit any
 * more cannot be mended by the driver.
 */
public final class ClientTraffic implements AutoCloseable {

  private static final int AGENTS = 300;
  /**
   * How long a client waits for a lock before it gives up: longer than a migration, behind which it may have queued up
   * to its lock_timeout, so that it meets one that holds its lock for long.
   */
  private static final String PATIENCE = "15s";
  private static final int SESSIONS = 3;
  /**
   * What a client does between two statements; without it the clients would have the processors, and the migration
   * would wait.
   */
  private static final Duration THINKING = Duration.ofMillis(3);
  private static final String USED_CATEGORY = "core";
  private static final Set<ClientStatement> ALONE = EnumSet.of(ClientStatement.EMPTY_REGISTRY);
  /** What a scheduler sends: one session, and one at a time. */
  private static final Set<ClientStatement> REFRESHES =
      EnumSet.of(ClientStatement.REFRESH_STATISTICS, ClientStatement.REFRESH_STATISTICS_AS_ANOTHER_ROLE);
  /** Part of each name, so that no round meets what another one left. */
  private static final AtomicInteger ROUND = new AtomicInteger();

  private final TestDatabase database;
  private final UnaryOperator<String> version;
  private final int dimensions;
  private final List<Session> sessions = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final Watcher watcher;
  private boolean stopped;
  private String running = "before any changeset";
  private int statements;
  private String longestWait;
  private long longestWaitNanos;

  /**
   * Starts it, and returns when each session has done a round.
   *
   * @param database a {@link #newDatabase}
   */
  public static ClientTraffic start(TestDatabase database) throws Exception {
    return start(database, UnaryOperator.identity(), 384);
  }

  /**
   * Starts it as another version of the application, which changes the statements' text and the embeddings' dimension.
   */
  public static ClientTraffic start(TestDatabase database, UnaryOperator<String> version, int dimensions)
      throws Exception {
    ClientTraffic traffic = new ClientTraffic(database, version, dimensions);
    for (int i = 0; i < SESSIONS; i++) {
      Session session = traffic.new Session(i == 0);
      traffic.sessions.add(session);
      session.start();
    }
    traffic.awaitRound();
    if (traffic.hasFailed()) {
      traffic.close();
      throw new AssertionError("clients fail before anything is changed: " + traffic.failures);
    }
    return traffic;
  }

  /**
   * A database at the head of the changelog, with rows for the clients to work on: agents with embeddings, usage,
   * workflows and events.
   */
  public static TestDatabase newDatabase() {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    return fill(database);
  }

  /** The same at a release. */
  public static TestDatabase newDatabaseAt(String tag) {
    TestDatabase database = TestDatabase.create();
    Migrations.updateToTag(database, tag);
    return fill(database);
  }

  private static TestDatabase fill(TestDatabase database) {
    database.execute(
        """
            insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, embedding, created_at, updated_at)
            select 'agent-' || n, 'type-' || n, 'name-' || n, n, case when n %% 15 = 0 then '%s' else 'other' end, 'Does ' || n, n,
              (select array_agg(sin(6.0 * n / 300 * d / 384) + cos(5.0 * (n * 7 %% 300) / 300 * d / 384)) from generate_series(1, 384) d)::vector, now() - interval '2 days', now() - interval '2 days'
            from generate_series(1, %d) n"""
            .formatted(USED_CATEGORY, AGENTS),
        """
            insert into agent_usage (agent_id, workflow_id, status, invoked_at, completed_at, response_time_ms)
            select id, uuid_generate_v4(), 'completed', now() - interval '2 days', now() - interval '2 days', n from agents, generate_series(1, 5) n""",
        "insert into workflow_states (workflow_id, status) select 'seed-' || n, 'running' from generate_series(1, 200) n",
        """
            insert into task_states (workflow_id, task_id, agent_id, agent_type, status)
            select workflow_id, n, 'agent-1', 'type-1', 'ready' from workflow_states, generate_series(1, 5) n""",
        "insert into workflow_state_history (workflow_id, version, state_snapshot) select workflow_id, 1, '{}' from workflow_states",
        """
            insert into coordination_events (event_id, event_type, workflow_id, task_id, timestamp, agent_id, error)
            select 'seed-' || n, 'message', 'seed-' || n % 200, 't', now() - n * interval '1 s', 'agent-1', case when n % 10 = 0 then '{}'::jsonb end
            from generate_series(1, 5000) n""");
    database.execute("refresh materialized view agent_statistics", "vacuum analyze");
    return database;
  }

  private ClientTraffic(TestDatabase database, UnaryOperator<String> version, int dimensions) throws SQLException {
    this.database = database;
    this.version = version;
    this.dimensions = dimensions;
    watcher = new Watcher(database);
  }

  /** Names what goes on now, for the failures from here on. */
  public synchronized void during(String what) {
    running = what;
  }

  /** A moment, to be asked later whether each session has sent all of its statements since. */
  public synchronized Map<Session, Integer> now() {
    return sessions.stream().collect(Collectors.toMap(session -> session, session -> session.sent));
  }

  /**
   * Whether each session has sent all of its statements since a moment, wherever in its round it was then; or one has
   * failed.
   */
  public synchronized boolean fullRoundSince(Map<Session, Integer> moment) {
    return hasFailed() || moment.entrySet().stream().allMatch(was -> was.getKey().hasSentAllSince(was.getValue()));
  }

  /** Whether a session has failed. */
  public synchronized boolean hasFailed() {
    return !failures.isEmpty();
  }

  /** Waits until each session has sent all of its statements from here on, or one has failed. */
  public synchronized void awaitRound() throws InterruptedException {
    for (Map<Session, Integer> moment = now(); !fullRoundSince(moment);) {
      wait();
    }
  }

  /** What a session of the migrations waits for, in words, as it was last seen. */
  public String blockersOfMigration() {
    return watcher.blockersOfMigration;
  }

  /** How many statements were sent, and which waited longest for a migration. */
  public synchronized String summary() {
    return "%,d statements of %d sessions; %s".formatted(statements, SESSIONS,
        longestWait == null
            ? "none was seen waiting for it"
            : "the longest wait for it was %d ms: %s".formatted(longestWaitNanos / 1_000_000, longestWait));
  }

  /**
   * Stops the sessions, each at the end of its round; then a new session does a round, and what clients do only when
   * nobody else is there is done and undone.
   *
   * @return the statements that failed, each with its state, its blocker and what went on
   */
  public List<String> stop() throws Exception {
    endSessions();
    during(running + ", a session that came later");
    if (!hasFailed()) {
      Session late = new Session(true);
      late.start();
      late.join();
    }
    if (!hasFailed()) {
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        for (ClientStatement statement : ALONE) {
          try {
            statement.run(connection, version);
          } catch (SQLException e) {
            failed(statement.name(), e, null);
          }
          connection.rollback();
        }
      }
    }
    return failures;
  }

  @Override
  public void close() throws Exception {
    endSessions();
    watcher.close();
  }

  /** Ends the sessions, each at the end of its round. */
  public void endSessions() throws InterruptedException {
    synchronized (this) {
      stopped = true;
    }
    for (Session session : sessions) {
      session.join();
    }
  }

  /**
   * What a model might make of a text: a vector that two numbers decide, so that it has nearer and farther neighbours,
   * as real embeddings have. Random vectors are all equally far from each other.
   */
  public static String embedding(int seed, int dimensions) {
    // or seeds that follow one another would give nearly the same
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    double one = random.nextDouble();
    double other = random.nextDouble();
    return IntStream.rangeClosed(1, dimensions)
        .mapToObj(
            d -> Float.toString((float) (Math.sin(6 * one * d / dimensions) + Math.cos(5 * other * d / dimensions))))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private synchronized boolean goesOn() {
    return !stopped && !hasFailed();
  }

  private synchronized void failed(String statement, SQLException e, String blockers) {
    failed("%s: the clients' %s failed, %s: %s%s".formatted(running, statement, e.getSQLState(),
        e.getMessage().replaceAll("\\s*\n\\s*", "; "), blockers == null ? "" : "; it waited for " + blockers));
  }

  private synchronized void failed(String failure) {
    failures.add(failure);
    notifyAll();
  }

  private synchronized void sent(Session session, String statement, long nanos, String blockers) {
    session.sent++;
    statements++;
    if (blockers != null && blockers.contains(Watcher.MIGRATION) && nanos > longestWaitNanos) {
      longestWaitNanos = nanos;
      longestWait = statement + ", which waited for " + blockers;
    }
    notifyAll();
  }

  private synchronized void roundDone(Session session) {
    if (session.round == 0) {
      session.round = session.sent;
    }
    notifyAll();
  }

  /** One client. Its connection stays open, so that what it prepared before a changeset is used during and after it. */
  public final class Session extends Thread {

    private final Connection connection;
    private final int pid;
    private final boolean refreshes;
    private final Set<ClientStatement> used = EnumSet.noneOf(ClientStatement.class);
    /** How many statements it has sent. */
    private int sent;
    /** How many of them are a round; 0 before the end of the first. */
    private int round;

    private Session(boolean refreshes) throws SQLException {
      this.refreshes = refreshes;
      // After the DDL of the tracker's start, pgjdbc would by itself prepare all statements anew.
      connection = DriverManager.getConnection(database.url() + "?prepareThreshold=1&flushCacheOnDdl=false",
          database.username(), database.password());
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
          roundDone(this);
        } while (goesOn());
      } catch (Failed e) {
        // noted already
      } catch (SQLException e) {
        failed("commit", e, watcher.blockersOf(pid));
      } catch (AssertionError | RuntimeException e) {
        failed(running + ": a client was answered wrongly: " + e.getMessage());
      }
    }

    private boolean hasSentAllSince(int moment) {
      return round > 0 && sent - moment > round;
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
      String embedding = embedding(name.hashCode(), dimensions);
      String[] words = {name};
      Object[] agent =
          {name, name, name, name, "new", "Does " + name, name + ".md", words, words, words, embedding, 100, "{}"};
      String id = once(ClientStatement.REGISTER_AGENT, agent).get(0);
      try {
        ClientStatement.REGISTER_AGENT.run(connection, version, agent);
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
      assertThat(once(ClientStatement.LIST_AGENTS_OF_CATEGORY, USED_CATEGORY, 10, 0)).as("agents listed").hasSize(10);
      once(ClientStatement.COUNT_AGENTS_OF_CATEGORY, "other");
      assertThat(once(ClientStatement.LIST_CATEGORIES)).contains(USED_CATEGORY, "new", "other");
      assertThat(once(ClientStatement.FIND_AGENTS_BY_TEXT, "%" + name + " well%", name, "%" + name, "%" + name, 10))
          .contains(name);
      assertThat(once(ClientStatement.FIND_AGENTS_BY_KEYWORD, name)).containsExactly(name);
      assertThat(once(ClientStatement.FIND_AGENTS_BY_CAPABILITIES, (Object) words)).containsExactly(name);
      assertThat(once(ClientStatement.COUNT_AGENTS_WITH_TOOLS, (Object) words)).containsExactly("1");
      // an HNSW index may miss any one of them
      assertThat(once(ClientStatement.FIND_AGENTS_BY_EMBEDDING, embedding, embedding, 0.5, embedding, 10))
          .as("agents like " + name)
          .isNotEmpty();
      assertThat(once(ClientStatement.SEARCH_AGENTS, embedding, 10, -1.0)).as("search_agents() for " + name)
          .hasSize(10);
      assertThat(once(ClientStatement.SEARCH_AGENTS_BY_TEXT, name + " well")).containsExactly(name);
    }

    private void usage(String name) throws SQLException {
      OffsetDateTime now = OffsetDateTime.now().truncatedTo(ChronoUnit.MICROS);
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
      once(ClientStatement.USE_AGENTS_IN_BULK, name, "completed", now, 33, USED_CATEGORY);
      once(ClientStatement.USE_AGENTS_IN_BULK, name, "in_progress", null, null, USED_CATEGORY);
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
        send(ClientStatement.KEEP_SNAPSHOT, workflow, save, "{\"save\": %d}".formatted(save));
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
      OffsetDateTime now = OffsetDateTime.now().truncatedTo(ChronoUnit.MICROS);
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
      return timed(statement.name(), () -> statement.run(connection, version, parameters));
    }

    private List<String> timed(String statement, Sending sending) throws SQLException {
      watcher.forget(pid);
      long start = System.nanoTime();
      try {
        return sending.send();
      } catch (SQLException e) {
        throw failure(statement, e);
      } finally {
        sent(this, statement, System.nanoTime() - start, watcher.blockersOf(pid));
        LockSupport.parkNanos(THINKING.toNanos());
      }
    }

    private Failed failure(String statement, SQLException e) {
      failed(statement, e, watcher.blockersOf(pid));
      return new Failed();
    }

  }

  private interface Sending {
    List<String> send() throws SQLException;
  }

  private static final class Failed extends RuntimeException {}

  /** A session that looks, again and again, who waits for whom. */
  private static final class Watcher implements AutoCloseable {

    static final String MIGRATION = "mycelium-migrations";
    private static final String BLOCKED =
        """
            select w.pid, w.application_name, string_agg(b.application_name || ': ' || left(regexp_replace(b.query, '\\s+', ' ', 'g'), 150), ' and ')
            from pg_stat_activity w cross join unnest(pg_blocking_pids(w.pid)) p join pg_stat_activity b on b.pid = p
            where w.datname = current_database() and w.wait_event_type = 'Lock' group by w.pid, w.application_name""";

    private final Map<Integer, String> blockers = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Connection connection;
    private volatile String blockersOfMigration;

    Watcher(TestDatabase database) throws SQLException {
      connection = database.connect();
      timer.scheduleWithFixedDelay(this::look, 0, 20, TimeUnit.MILLISECONDS);
    }

    private void look() {
      try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(BLOCKED)) {
        while (result.next()) {
          String seen = result.getString(3);
          blockers.put(result.getInt(1), seen);
          if (result.getString(2).equals(MIGRATION)) {
            blockersOfMigration = seen;
          }
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    void forget(int pid) {
      blockers.remove(pid);
    }

    String blockersOf(int pid) {
      return blockers.get(pid);
    }

    @Override
    public void close() throws Exception {
      timer.shutdown();
      timer.awaitTermination(1, TimeUnit.MINUTES);
      connection.close();
    }
  }
}
