package io.mycelium.migrations.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
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

  private static final int SESSIONS = 3;

  final TestDatabase database;
  final UnaryOperator<String> version;
  final int dimensions;
  final Blockers blockers;
  private final List<ClientSession> sessions = new ArrayList<>();
  /** How many statements each session has sent. */
  private final Map<ClientSession, Integer> sent = new HashMap<>();
  /** How many of them were its first round, for those that have done one. */
  private final Map<ClientSession, Integer> round = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private boolean stopped;
  private String running = "before any changeset";
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
      ClientSession session = new ClientSession(traffic, i == 0);
      traffic.sessions.add(session);
      traffic.sent.put(session, 0);
    }
    traffic.sessions.forEach(Thread::start);
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
    database.execute(SqlFile.statements(ClientTraffic.class, "client-rows.sql"));
    return database;
  }

  private ClientTraffic(TestDatabase database, UnaryOperator<String> version, int dimensions) throws SQLException {
    this.database = database;
    this.version = version;
    this.dimensions = dimensions;
    blockers = new Blockers(database);
  }

  /** Names what goes on now, for the failures from here on. */
  public synchronized void during(String what) {
    running = what;
  }

  /** A moment, to be asked later whether each session has sent all of its statements since. */
  public synchronized Map<ClientSession, Integer> now() {
    return Map.copyOf(sent);
  }

  /**
   * Whether each session has sent all of its statements since a moment, wherever in its round it was then; or one has
   * failed.
   */
  public synchronized boolean fullRoundSince(Map<ClientSession, Integer> moment) {
    return hasFailed() || moment.entrySet().stream().allMatch(was -> hasSentAllSince(was.getKey(), was.getValue()));
  }

  private boolean hasSentAllSince(ClientSession session, int moment) {
    return round.containsKey(session) && sent.get(session) - moment > round.get(session);
  }

  /** Whether a session has failed. */
  public synchronized boolean hasFailed() {
    return !failures.isEmpty();
  }

  /** Waits until each session has sent all of its statements from here on, or one has failed. */
  public synchronized void awaitRound() throws InterruptedException {
    for (Map<ClientSession, Integer> moment = now(); !fullRoundSince(moment);) {
      wait();
    }
  }

  /** What a session of the migrations waits for, in words, as it was last seen. */
  public String blockersOfMigration() {
    return blockers.ofMigration();
  }

  /** How many statements were sent, and which waited longest for a migration. */
  public synchronized String summary() {
    int statements = sent.values().stream().mapToInt(Integer::intValue).sum();
    return String.format(Locale.ROOT, "%,d statements of %d sessions; %s", statements, SESSIONS,
        longestWait == null
            ? "none was seen waiting for it"
            : "the longest wait for it was %s ms: %s".formatted(longestWaitNanos / 1_000_000, longestWait));
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
      ClientSession late = new ClientSession(this, true);
      late.start();
      late.join();
    }
    if (!hasFailed()) {
      workAlone();
    }
    return failures;
  }

  private void workAlone() throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      for (ClientStatement statement : ClientSession.ALONE) {
        try {
          statement.run(connection, version);
        } catch (SQLException e) {
          failed(statement.name(), e, null);
        }
        connection.rollback();
      }
    }
  }

  @Override
  public void close() throws SQLException {
    try {
      endSessions();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    blockers.close();
  }

  /** Ends the sessions, each at the end of its round. */
  public void endSessions() throws InterruptedException {
    synchronized (this) {
      stopped = true;
    }
    for (ClientSession session : sessions) {
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

  /** Whether a session does another round. */
  synchronized boolean goesOn() {
    return !stopped && !hasFailed();
  }

  /** Takes note of a statement that failed, and of what it had waited for, or null. */
  synchronized void failed(String statement, SQLException e, String waitedFor) {
    failed("the clients' %s failed, %s: %s%s".formatted(statement, e.getSQLState(),
        e.getMessage().replaceAll("\\s*\n\\s*", "; "), waitedFor == null ? "" : "; it waited for " + waitedFor));
  }

  /** Takes note of a failure. */
  synchronized void failed(String failure) {
    failures.add(running + ": " + failure);
    notifyAll();
  }

  /** Takes note of a statement, of the time that it took, and of what it had waited for, or null. */
  synchronized void sent(ClientSession session, String statement, long nanos, String waitedFor) {
    sent.merge(session, 1, Integer::sum);
    if (Blockers.haveMigration(waitedFor) && nanos > longestWaitNanos) {
      longestWaitNanos = nanos;
      longestWait = statement + ", which waited for " + waitedFor;
    }
    notifyAll();
  }

  /** Takes note that a session has done a round. */
  synchronized void roundDone(ClientSession session) {
    round.putIfAbsent(session, sent.get(session));
    notifyAll();
  }
}
