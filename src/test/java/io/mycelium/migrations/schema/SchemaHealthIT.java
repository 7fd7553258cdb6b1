package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import liquibase.database.jvm.JdbcConnection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each check of schema_health() finds what is wrong and names a remedy, and the remedy, executed, mends it. */
class SchemaHealthIT {

  private static final String UNTAGGED = "update databasechangelog set tag = null where orderexecuted ="
      + " (select max(orderexecuted) from databasechangelog where filename not like 'changelog/citus/%')";

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    makeHealthy(database);
  }

  /** Up to date, with rows, and tagged at its end as after a release. */
  private static void makeHealthy(TestDatabase made) {
    Migrations.update(made);
    made.insertSampleRows();
    made.execute("select refresh_agent_statistics()", UNTAGGED.replace("null", "'head'"));
  }

  private record Finding(String check, String state, String detail, String remedy) {}

  @Test
  void aHealthyDatabaseHasARowForEachCheckAlwaysInTheSameOrder() {
    List<Finding> findings = health(database);
    assertThat(findings).extracting(Finding::check)
        .containsExactly("history", "metrics", "agent_statistics", "invalid indexes", "heap-only updates",
            "blocking sessions", "distribution", "hnsw.ef_search", "pgvector", "extensions");
    // Which version of pgvector there is depends on the server.
    assertThat(findings).filteredOn(finding -> !finding.check.equals("pgvector")).allSatisfy(finding -> {
      assertThat(finding.state).as("%s", finding).isEqualTo("ok");
      assertThat(finding.remedy).as("%s", finding).isNull();
    });
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      invalid indexes | problem | agents_name_idx of public.agents is not valid \
        | update pg_index set indisvalid = false where indexrelid = 'agents_name_idx'::regclass
      invalid indexes | problem | agents_name_idx_ccnew of public.agents is not valid \
        | create index agents_name_idx_ccnew on agents (name); \
          update pg_index set indisvalid = false where indexrelid = 'agents_name_idx_ccnew'::regclass
      metrics | problem | 1 with wrong metrics: a1 (2 of 2 agents compared \
        | alter table agent_usage disable trigger user; \
          insert into agent_usage (agent_id, status, response_time_ms) \
            select id, 'failed', 9 from agents where agent_id = 'a1'; \
          alter table agent_usage enable trigger user
      metrics | problem | 2 with wrong metrics: a1, a2 (2 of 2 \
        | update agents set success_rate = 12.34
      metrics | warning \
        | 1 with more invocations than agent_usage holds: a2; right if they were deleted without triggers \
        | alter table agent_usage disable trigger user; \
          delete from agent_usage where agent_id = (select id from agents where agent_id = 'a2'); \
          alter table agent_usage enable trigger user
      agent_statistics | warning | lacks 0 invocations and 1 agents \
        | insert into agents \
            (agent_id, agent_type, name, display_name, category, description, file_path, created_at) \
          values ('c', 'c', 'c', 'c', 'c', 'c', 'c', now() - interval '2 days')
      agent_statistics | warning | lacks 1 invocations and 0 agents \
        | insert into agent_usage (agent_id, status, completed_at) \
          select id, 'completed', now() + interval '2 days' from agents where agent_id = 'a1'
      agent_statistics | problem | it was never filled \
        | refresh materialized view agent_statistics with no data
      heap-only updates | problem | agents_busiest is on a column that moves with every invocation \
        | create index agents_busiest on agents (usage_count desc)
      heap-only updates | warning | updates of agents: many edits, or pages that dead rows fill \
        | do $$ begin for i in 1 .. 2000 loop update agents set description = i::text; end loop; end $$
      hnsw.ef_search | problem | searches end at 40 rows \
        | select '[1]'::vector; \
          do $$ begin execute format('alter database %I reset hnsw.ef_search', current_database()); end $$
      extensions | warning | uuid-ossp is at 1.0, the files on the server at \
        | update pg_extension set extversion = '1.0' where extname = 'uuid-ossp'
      extensions | problem | search_agents fails, since pgvector is no longer in schema public \
        | create schema "Moved here"; alter extension vector set schema "Moved here"
      history | warning | agents-010-search-agents-by-text is noted as applied earlier than what was applied before it \
        | update databasechangelog set dateexecuted = dateexecuted + interval '9 hours' \
          where orderexecuted < (select orderexecuted from databasechangelog where id like 'agents-010-%')
      """)
  void whatIsWrongIsNamedAndTheRemedyMendsIt(String check, String state, String detail, String wrong) {
    database.execute(wrong, "select pg_stat_force_next_flush()");

    Finding finding = only(check);
    assertThat(finding.state).as("state of %s", finding).isEqualTo(state);
    assertThat(finding.detail).contains(detail);

    database.execute(finding.remedy.split("; ")); // one by one, since some cannot share a transaction
    assertThat(only(check).state).as("%s after its remedy, %s", check, finding.remedy).isEqualTo("ok");
  }

  @Test
  void anOldPgvectorIsNamedWithWhatItGetsWrong() {
    String installed = database.query("select extversion from pg_extension where extname = 'vector'").get(0);
    database.execute("update pg_extension set extversion = '0.8.1' where extname = 'vector'");
    try {
      Finding finding = only("pgvector");
      assertThat(finding.state).isEqualTo("warning");
      assertThat(finding.detail).contains("0.8.1: ", "before 0.8.4", "before 0.8.2");
      assertThat(finding.remedy)
          .endsWith("ALTER EXTENSION vector UPDATE; REINDEX INDEX CONCURRENTLY public.agents_embedding_idx");
      for (String good : List.of("0.8.4", "0.8.4.google-1", "0.8.10", "0.9", "1")) { // services add to pgvector's own
                                                                                     // number
        database.execute("update pg_extension set extversion = '%s' where extname = 'vector'".formatted(good));
        assertThat(only("pgvector").state).as(good).isEqualTo("ok");
      }
    } finally {
      database.execute("update pg_extension set extversion = '%s' where extname = 'vector'".formatted(installed));
    }
  }

  @Test
  void theHistorySaysWhereItStandsAndIsMissedWhereItIsLost() throws Exception {
    assertThat(health(database).get(0).detail).startsWith("at tag head, since ");

    // A release in the making is no fault, nor is what Citus has besides.
    String last = Migrations.MASTER.changeSets().get(Migrations.MASTER.changeSets().size() - 1).getId();
    database.execute(UNTAGGED);
    assertThat(health(database).get(0)).satisfies(finding -> {
      assertThat(finding.state).isEqualTo("ok");
      assertThat(finding.detail).startsWith("at " + last + ", after tag ");
      assertThat(finding.remedy).isNull();
    });

    database.execute("delete from databasechangelog");
    assertThat(health(database).get(0).detail).isEqualTo("Liquibase has noted nothing as applied");
    database.execute("drop table databasechangelog");
    assertThat(health(database).get(0)).satisfies(finding -> {
      assertThat(finding.state).isEqualTo("problem");
      assertThat(finding.detail).contains("databasechangelog").contains("is not there");
      assertThat(finding.remedy).startsWith("mvn initialize liquibase:changelogSync");
    });
    try (Connection connection = database.connect()) {
      Migrations.CHANGELOG.on(new JdbcConnection(connection), liquibase -> liquibase.changeLogSync(""));
    }
    assertThat(health(database).get(0).state).as("after changelogSync").isNotEqualTo("problem");
    makeHealthy(database);
  }

  @Test
  void anothersViewInThePlaceOfTheHistoryIsNotRead() {
    TestDatabase.assumeServer("everyone is the same role there");
    TestDatabase own = TestDatabase.create();
    makeHealthy(own);
    own.execute("drop table databasechangelog", "create role intruder login",
        "grant create on schema public to intruder", "set role intruder", """
            create function attack() returns text language plpgsql as $$
            begin
              raise exception 'run as %', current_user;
            end $$""", """
            create view databasechangelog as
            select attack() as tag, attack() as id, now() as dateexecuted, 1 as orderexecuted""");
    try {
      assertThat(health(own).get(0).detail).contains("is not there or not that of");
    } finally {
      own.execute("drop owned by intruder", "drop role intruder");
    }
  }

  @Test
  void whoKeepsOthersWaitingIsNamedAndCanBeEnded() throws Exception {
    TestDatabase.assumeServer("it has one session, and no locks between sessions");
    try (Connection blocker = database.connect();
        Statement blocking = blocker.createStatement();
        Connection waiter = database.connect();
        Statement waiting = waiter.createStatement()) {
      blocker.setAutoCommit(false);
      blocking.execute("set application_name = 'a report'");
      blocking.execute("lock table agents");
      ExecutorService thread = Executors.newSingleThreadExecutor();
      Future<?> read = thread.submit(() -> waiting.execute("select * from agents"));
      try {
        String pid = database.query("select pid from pg_stat_activity where application_name = 'a report'").get(0);
        // log_lock_waits' measure, made short, so that the test need not wait for a minute
        String soon = "set deadlock_timeout = '1ms'";
        TestDatabase.await("a session waits", () -> only("blocking sessions", soon).state.equals("problem"));
        Finding finding = only("blocking sessions", soon);
        assertThat(finding.detail)
            .startsWith("session %s of role %s (a report, idle in transaction) keeps 1 waiting, for ".formatted(pid,
                database.username()));
        assertThat(finding.remedy).isEqualTo("SELECT pg_terminate_backend(" + pid + ")");
        assertThat(only("metrics").detail).startsWith("not known, since a table is locked");
        database.execute(finding.remedy);
        read.get();
        assertThat(only("blocking sessions").state).isEqualTo("ok");
      } finally {
        thread.shutdownNow();
      }
    }
  }

  @Test
  void howManyInvocationsAreCountedIsBoundedAndSaid() {
    assertThat(metrics("1000000")).contains("exact: 2 of 2 agents compared").doesNotContain("all of them");
    assertThat(metrics("0")).contains("exact: 0 of 2 agents compared",
        "all of them: SELECT * FROM public.schema_health(NULL)");
    assertThat(metrics("null")).contains("exact: 2 of 2 agents compared");
  }

  private static String metrics(String limit) {
    return database.query("select detail from schema_health(%s) where \"check\" = 'metrics'".formatted(limit)).get(0);
  }

  @Test
  void countingAnewIsExactWhileOthersWrite() throws Exception {
    TestDatabase.assumeServer("it has one session");
    TestDatabase own = TestDatabase.create();
    makeHealthy(own);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      writers.add(threads.submit(() -> {
        try (Connection connection = own.connect(); Statement statement = connection.createStatement()) {
          for (int n = 0; n < 300; n++) {
            statement.execute("""
                insert into agent_usage (agent_id, status, completed_at, response_time_ms)
                select id, 'completed', now(), 5 from agents where agent_id = '%s'"""
                .formatted(n % 2 == 0 ? "a" : "b"));
          }
        }
        return null;
      }));
    }
    threads.shutdown();
    while (writers.stream().anyMatch(writer -> !writer.isDone())) {
      own.execute("update agents set finished_count = finished_count + 7",
          "select recount_agent_metrics(array_agg(id)) from agents");
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    assertThat(own.query("select detail from schema_health() where \"check\" = 'metrics'"))
        .containsExactly("exact: 2 of 2 agents compared with agent_usage");
  }

  @Test
  void aMonitoringRoleNeedsNoRightOnTheTablesAndNobodyElseMayCallIt() throws SQLException {
    TestDatabase.assumeServer("everyone is a superuser there");
    TestDatabase own = TestDatabase.createOwnedByAPlainRole();
    makeHealthy(own);
    database.server().execute("create role monitoring login password 'x'");
    TestDatabase monitoring = own.as("monitoring", "x");
    try {
      assertThatThrownBy(() -> health(monitoring)).hasMessageContaining("permission denied for function schema_health");
      own.execute("grant execute on function schema_health to monitoring");
      assertThat(health(monitoring)).isEqualTo(health(own)).isNotEmpty();
      assertThat(own.query("select proname from pg_proc where proname like 'health_of_%'"
          + " and has_function_privilege('monitoring', oid, 'execute')")).as("checks that it may call by themselves")
          .isEmpty();
    } finally {
      own.execute("revoke all on function schema_health from monitoring");
      database.server().execute("drop role monitoring");
    }
  }

  /** The one row of a check, after some statements. */
  private static Finding only(String check, String... before) {
    List<Finding> findings = health(database, before).stream().filter(finding -> finding.check.equals(check)).toList();
    assertThat(findings).as("what schema_health() says of %s", check).hasSize(1);
    return findings.get(0);
  }

  private static List<Finding> health(TestDatabase of, String... before) {
    List<Finding> findings = new ArrayList<>();
    try (Connection connection = of.connect(); Statement statement = connection.createStatement()) {
      for (String sql : before) {
        statement.execute(sql);
      }
      try (ResultSet rows = statement.executeQuery("select * from schema_health()")) {
        while (rows.next()) {
          findings.add(new Finding(rows.getString("check"), rows.getString("state"), rows.getString("detail"),
              rows.getString("remedy")));
        }
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
    return findings;
  }
}
