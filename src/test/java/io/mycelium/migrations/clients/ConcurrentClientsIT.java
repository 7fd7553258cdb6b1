package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.Metrics;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients at once never deadlock and leave exact metrics, while a migration runs, too. */
@Tag("any-version")
class ConcurrentClientsIT {

  private static final int SESSIONS = 12;

  private TestDatabase database;

  @BeforeAll
  static void assumeSessions() {
    TestDatabase.assumeServer("it has one session");
  }

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    database.execute("""
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        select n, n, n, n, n, n, n from generate_series(1, 5) n""");
  }

  @Test
  void metricsAreExactAfterInsertsUpdatesAndDeletesFromManySessions() throws Exception {
    inEverySession((session, statement) -> {
      Random random = new Random(session);
      for (int i = 0; i < 150; i++) {
        statement.execute(anyUse(random, session, i));
      }
    });
    assertMetricsAreExact();
  }

  /** A statement of a session that begins, ends or deletes uses of agents. */
  private static String anyUse(Random random, int session, int i) {
    return switch (random.nextInt(4)) {
      case 0 -> """
          insert into agent_usage (agent_id, session_id, status, completed_at, response_time_ms)
          select id, '%s', (array['completed', 'failed', 'timeout'])[1 + %s %% 3],
            timestamptz '2026-01-01' + %s * interval '1 min', %s
          from agents where agent_id = '%s'""".formatted(session, i, random.nextInt(10000), random.nextInt(1000),
          1 + random.nextInt(5));
      case 1 -> """
          insert into agent_usage (agent_id, session_id, status)
          select id, '%s', 'in_progress' from agents""".formatted(session);
      case 2 -> """
          update agent_usage
          set status = 'completed', completed_at = timestamptz '2026-01-01' + %s * interval '1 min',
            response_time_ms = 7
          where id = (select id from agent_usage where session_id = '%s' order by random() limit 1)"""
          .formatted(random.nextInt(10000), session);
      default -> """
          delete from agent_usage where id =
            (select id from agent_usage where session_id = '%s' order by completed_at desc nulls last limit 1)"""
          .formatted(session);
    };
  }

  @Test
  void bulkInsertsOverTheSameAgentsDoNotDeadlock() throws Exception {
    inEverySession((session, statement) -> {
      for (int i = 0; i < 20; i++) {
        statement.execute("""
            insert into agent_usage (agent_id, status, completed_at, response_time_ms)
            select id, 'completed', now(), 3 from agents, generate_series(1, 50) order by agent_id %s"""
            .formatted(session % 2 == 0 ? "asc" : "desc"));
      }
    });
    assertMetricsAreExact();
    assertThat(database.query("select distinct usage_count from agents"))
        .containsExactly(String.valueOf(SESSIONS * 20 * 50));
  }

  @Test
  void usageThatIsMovedBetweenTheSameAgentsDoesNotDeadlock() throws Exception {
    database.execute("""
        insert into agent_usage (agent_id, session_id, status, completed_at, response_time_ms)
        select id, session, 'completed', now(), 3
        from agents, generate_series(0, %s) session, generate_series(1, 4)""".formatted(SESSIONS - 1));
    inEverySession((session, statement) -> {
      for (int i = 0; i < 30; i++) {
        statement.execute("""
            update agent_usage set agent_id =
              (select id from agents where agent_usage.id is not null order by random() limit 1)
            where session_id = '%s'""".formatted(session));
      }
    });
    assertMetricsAreExact();
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void aTruncateWhoseSnapshotIsOldIsRefusedOrLeavesNoMetric(String isolation) throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      statement.execute("begin isolation level " + isolation);
      statement.execute("select from agents");
      database.execute("""
          insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
          values ('new', 'new', 'n', 'n', 'n', 'n', 'n')""", """
          insert into agent_usage (agent_id, status, completed_at)
          select id, 'completed', now() from agents where agent_id in ('1', 'new')""");
      if (isolation.equals("read committed")) {
        statement.execute("truncate agent_usage");
      } else {
        assertThatThrownBy(() -> statement.execute("truncate agent_usage"))
            .hasMessageContaining("at isolation level " + isolation)
            .hasMessageContaining("READ COMMITTED")
            .extracting("SQLState")
            .isEqualTo("40001");
      }
      statement.execute("commit");
    }
    assertThat(database.query(Metrics.WRONG)).as("agents with a wrong metric").isEmpty();
  }

  @Test
  void agentsAreTruncatedAtAnyIsolation() throws Exception {
    database.execute("""
        insert into agent_usage (agent_id, status, completed_at)
        select id, 'completed', now() from agents""");
    database.execute("begin isolation level serializable", "truncate agents cascade", "commit");
    assertThat(database.query("select agent_id from agents")).isEmpty();
  }

  @Test
  void aWorkflowThatManySessionsSaveIsAlwaysWhole() throws Exception {
    inEverySession((session, statement) -> {
      statement.getConnection().setAutoCommit(false);
      for (int version = 1; version <= 30; version++) {
        Connection connection = statement.getConnection();
        ClientStatement.SAVE_WORKFLOW.run(connection, "w", "running", "{}", "{\"session\": %s}".formatted(session),
            version);
        ClientStatement.DELETE_TASKS.run(connection, "w");
        for (int task = 1; task <= 10; task++) {
          ClientStatement.INSERT_TASK.run(connection, "t" + task, "w", "a", "session " + session, "ready", null, null,
              null, version, new String[0]);
        }
        ClientStatement.KEEP_SNAPSHOT.run(connection, "w", version, "{}");
        statement.getConnection().commit();
      }
    });
    assertThat(database.query("""
        select count(*) from workflow_states w join task_states t using (workflow_id)
        where t.agent_type = 'session ' || (w.metadata ->> 'session') and t.retry_count = w.version"""))
        .as("tasks of the save that came last")
        .containsExactly("10");
    assertThat(database.query("select count(*) from task_states")).containsExactly("10");
    assertThat(database.query("select count(*) from workflow_state_history")).containsExactly("30");
  }

  @Test
  void theTrackerStartsWhileAMigrationRuns() throws Exception {
    String changelog = "target/tracker.yaml";
    Files.writeString(Path.of(changelog), """
        databaseChangeLog:
          - logicalFilePath: tracker.yaml
          - changeSet:
              id: column
              author: mycelium
              changes: [{sql: {sql: ALTER TABLE coordination_events ADD COLUMN IF NOT EXISTS severity text}}]
              rollback: [{sql: {sql: ALTER TABLE coordination_events DROP COLUMN severity}}]
        """);
    Catalogs before = database.catalogs();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService trackers = Executors.newFixedThreadPool(SESSIONS);
    try {
      List<Future<Integer>> starts = new ArrayList<>();
      for (int session = 0; session < SESSIONS; session++) {
        starts.add(trackers.submit(() -> startTrackerUntil(ended)));
      }
      for (int i = 0; i < 10; i++) {
        Migrations.update(database, changelog);
        assertThat(database.query("select severity from coordination_events")).isEmpty();
        Migrations.rollback(database, changelog, 1);
      }
      ended.set(true);
      for (Future<Integer> start : starts) {
        assertThat(start.get()).as("starts of a tracker, none of which failed").isPositive();
      }
    } finally {
      ended.set(true);
      trackers.shutdown();
    }
    assertThat(before.differences(database.catalogs())).isEmpty();
  }

  /** Starts the tracker again and again; the answer is how often. */
  private int startTrackerUntil(AtomicBoolean ended) throws SQLException {
    int count = 0;
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      do {
        ClientStatement.startTracker(statement);
        count++;
      } while (!ended.get());
    }
    return count;
  }

  @ParameterizedTest(name = "after a rollback {0}")
  @CsvSource(delimiter = '|', textBlock = """
      to base | not made by these migrations: coordination_events, idx_agent_id
      of some | table coordination_events is there, but not made by these migrations: stop the application
      """)
  void aTrackerThatStartsWhileItsTableIsRolledBackIsNamedByTheUpdate(String how, String reason) throws Exception {
    Migrations.rollback(database, "base");
    if (how.equals("of some")) {
      List<String> ids = Migrations.CHANGELOG.changeSets().stream().map(ChangeSet::getId).toList();
      int before = ids.indexOf("events-001-create-coordination-events");
      Migrations.update(database, before - 1);
    }
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      ClientStatement.startTracker(statement);
    }
    assertThatThrownBy(() -> Migrations.update(database)).hasMessageContaining(reason);
  }

  private void assertMetricsAreExact() {
    assertThat(database.query(Metrics.WRONG)).as("agents with a wrong metric").isEmpty();
    assertThat(database.query("select exists (select from agent_usage where status <> 'in_progress')"))
        .as("there is usage")
        .containsExactly("t");
  }

  private interface Session {
    void run(int number, Statement statement) throws Exception;
  }

  /** Runs an action in several sessions at once; each must succeed. */
  private void inEverySession(Session action) throws Exception {
    List<Future<?>> sessions = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    for (int number = 0; number < SESSIONS; number++) {
      int session = number;
      sessions.add(threads.submit(() -> {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
          action.run(session, statement);
        }
        return null;
      }));
    }
    threads.shutdown();
    for (Future<?> session : sessions) {
      session.get();
    }
  }
}
