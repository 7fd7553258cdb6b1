package io.mycelium.migrations.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Rule;
import io.mycelium.migrations.locks.LiveRules.Breach;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a changeset locks is measured while it runs, and whatever breaks a rule for live tables is found, however its
 * SQL is written.
 */
class LocksIT {

  /**
   * The second session that the locks of what runs outside of a transaction are seen by; the embedded database has
   * none.
   */
  private static Connection witness(TestDatabase database) throws Exception {
    return database.hasServer() ? database.connect() : null;
  }

  @Nested
  class OfTheChangelog {

    @Test
    void arePublishedAndKeepTheRules(@TempDir Path made) throws Exception {
      TestDatabase database = TestDatabase.create();
      List<Traced> traced;
      try (Connection connection = database.connect(); Connection witness = witness(database)) {
        traced = Trace.of(Migrations.CITUS, connection, witness,
            database.hasServer() ? UnaryOperator.identity() : Trace::withoutLz4);
      }
      assertThat(traced).as("updates and rollbacks").hasSize(2 * Migrations.CITUS.changeSets().size());
      assertThat(traced.stream().filter(LiveRules::holdFor).flatMap(one -> LiveRules.breaches(one).stream()))
          .as("what makes clients wait")
          .isEmpty();
      Path page = Files.writeString(made.resolve("locks.md"), LocksPage.of(traced));
      assertThat(Path.of(LocksPage.PATH)).as("docs/locks.md is stale; refresh it: mvn -Pdocs, and read the diff")
          .hasSameTextualContentAs(page);
    }

    @Test
    void areSeenOnTablesWithRows() throws Exception {
      TestDatabase database = TestDatabase.create();
      Migrations.update(database);
      database.insertSampleRows();
      for (String table : database.query("""
          select relname from pg_class
          where relkind in ('r', 'p') and not relispartition and relnamespace = current_schema()::regnamespace
            and relname not like 'databasechangelog%'
            and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')""")) {
        assertThat(database.query("select count(*) from " + table))
            .as("rows of %s; give it some in SampleRows.java", table)
            .isNotEqualTo(List.of("0"));
      }
    }

    @Test
    void canBeReadFromThePageByChangeset() throws Exception {
      assertThat(LocksPage.lines(Migrations.CHANGELOG, "agents-010-search-agents-by-text")).containsExactly(
          "update: writers of `agents` wait (SHARE): builds its index agents_document_idx",
          "rollback: readers and writers of `agents` wait (ACCESS EXCLUSIVE): an instant");
      assertThat(LocksPage.lines(Migrations.CHANGELOG, "base-001-tag"))
          .containsExactly("locks nothing that existed before");
    }
  }

  /** Each on the same database; what runs in a transaction is undone, and the rest has objects of its own. */
  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  class OfAChangesetOnALiveTable {

    private Connection connection;
    private Connection witness;

    @BeforeAll
    void aDatabaseInUse() throws Exception {
      TestDatabase database = TestDatabase.create();
      Migrations.update(database);
      connection = database.connect();
      witness = witness(database);
      SampleRows.fill(connection, 1000);
      database.execute("update coordination_events set status = 'ok'", Resource.text(LocksIT.class, "live-table.sql"));
    }

    @AfterAll
    void close() throws Exception {
      connection.close();
      if (witness != null) {
        witness.close();
      }
    }

    private List<Breach> breaches(Trial changeSet, String comment, boolean kept) throws Exception {
      Script script = changeSet.script(comment);
      connection.setAutoCommit(!script.transactional());
      try {
        List<Breach> breaches = LiveRules.breaches(Trace.of(connection, witness, script));
        if (kept && script.transactional()) {
          connection.commit();
        }
        return breaches;
      } finally {
        if (script.transactional()) {
          connection.rollback();
        }
        connection.setAutoCommit(true);
      }
    }

    private static final String TRIAL = "io.mycelium.migrations.locks.Trial";
    static final Set<Rule> RULES = Rule.ON_A_LIVE_TABLE;

    @ParameterizedTest(name = "{0}")
    @FieldSource("RULES")
    void breaksARuleAsInItsBadExampleAndKeepsAllAsInItsGoodOne(Rule rule) throws Exception {
      assertFound(rule, Trial.ofAnExample(rule.bad()));
      for (String changeSet : rule.good().split("\n")) {
        assertThat(breaches(Trial.ofAnExample(changeSet), "why", true))
            .as("breaches of %s, which %s recommends", changeSet, rule.id())
            .isEmpty();
      }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({TRIAL + "#forWhichClientsWait", TRIAL + "#withWhichOldClientsFail"})
    void isFoundToMakeClientsWaitOrFail(Trial bad) throws Exception {
      Breach breach = assertFound(bad.rule(), bad);
      assertThat(breach.relation()).isEqualTo(bad.relation());
      assertThat(breach).asString().contains(bad.says());
    }

    /** A rule finds it, says so, and takes a reason for it, if it is one for that relation. */
    private Breach assertFound(Rule rule, Trial bad) throws Exception {
      List<Breach> breaches = breaches(bad, "why", false).stream().filter(breach -> breach.rule() == rule).toList();
      assertThat(breaches).as("breaches of %s by %s", rule.id(), bad).isNotEmpty();
      Breach breach = breaches.get(0);
      String lift = "blocking(" + breach.relation() + "):";
      assertThat(breach).asString()
          .startsWith(rule.id() + ": agents-011-x, update: " + breach.relation())
          .contains(breach.remedy(), lift + " why");
      assertThat(breaches(bad, lift + " a hundred rows", false)).as("with a reason")
          .noneMatch(other -> other.relation().equals(breach.relation()));
      assertThat(breaches(bad, "blocking(another): a hundred rows. " + lift, false))
          .as("with a reason for another relation")
          .contains(breach);
      return breach;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(TRIAL + "#forWhichNobodyWaits")
    void isFoundToMakeNobodyWait(Trial good) throws Exception {
      assertThat(breaches(good, "why", false)).as("breaches of %s", good).isEmpty();
    }

    private List<Touched> touchedBy(String sql) throws Exception {
      return Trace.of(connection, witness, Trial.of(Rule.OUTSIDE + sql).script("why")).touched();
    }

    @Test
    void isSeenOutsideOfATransactionToo() throws Exception {
      assertThat(touchedBy("CREATE INDEX CONCURRENTLY things_new_idx ON things (code)"))
          .containsExactly(new Touched("agents-011-x", "update", "things", "SHARE UPDATE EXCLUSIVE",
              "other schema changes", "builds its index things_new_idx"));
      assertThat(touchedBy("ALTER TABLE readings DETACH PARTITION readings_2024 CONCURRENTLY")).containsExactly(
          new Touched("agents-011-x", "update", "readings", "SHARE UPDATE EXCLUSIVE", "other schema changes", ""),
          new Touched("agents-011-x", "update", "readings_2024", "ACCESS EXCLUSIVE", "readers and writers",
              "an instant"));
    }

    @Test
    void isSeenByASecondSessionWhereItIsLetGoBeforeTheStatementEnds() throws Exception {
      TestDatabase.assumeServer("it has but one session");
      assertThat(touchedBy("CALL lock_and_let_go()"))
          .containsExactly(new Touched("agents-011-x", "update", "things", "SHARE", "writers", "an instant"));
    }

    private List<Breach> breachesOfARollback(String sql) throws Exception {
      connection.setAutoCommit(false);
      try {
        return LiveRules.breaches(
            Trace.of(connection, witness, new Script("agents-011-x", "why", Traced.ROLLBACK, true, List.of(sql))));
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }

    @Test
    void mayNotBlockByItsRollbackEither() throws Exception {
      assertThat(breachesOfARollback("DROP INDEX idx_task_id")).extracting(Breach::toString)
          .singleElement()
          .asString()
          .contains("agents-011-x, rollback: coordination_events is locked (ACCESS EXCLUSIVE)",
              "DROP INDEX CONCURRENTLY IF EXISTS idx_task_id");
      assertThat(breachesOfARollback("ALTER TABLE coordination_events DROP COLUMN task_id"))
          .as("a column, which only the new clients knew, and its index")
          .isEmpty();
      assertThat(breachesOfARollback("DROP TABLE coordination_events, workflow_state_history"))
          .as("tables, which only the new clients knew")
          .isEmpty();
    }

    @Test
    void isToldOfEachStatementThatDoesSo() throws Exception {
      assertThat(breaches(Trial.of("""
          ALTER TABLE agents ADD COLUMN owner text;
          UPDATE agents SET owner = 'x';
          CREATE INDEX i ON agents (owner)"""), "why", false)).extracting(Breach::problem)
          .containsExactly("is locked (ACCESS EXCLUSIVE), and its readers and writers wait, while this writes its rows",
              "is locked (ACCESS EXCLUSIVE), and its readers and writers wait, while this builds its index i",
              "has more rows written in one transaction the larger it is,"
                  + " and whoever writes one of them waits for its end");
    }
  }

  @Test
  void theRulesHoldFromRelease11OnAndForRollbacks() throws Exception {
    Path root = Migrations.ROOT.resolve("src/test/resources/io/mycelium/migrations/locks/releases");
    TestDatabase database = TestDatabase.create();
    try (Connection connection = database.connect(); Connection witness = witness(database)) {
      List<Traced> traced =
          Trace.of(new Changelog(root, "changelog/master.yaml"), connection, witness, UnaryOperator.identity());
      assertThat(traced.stream()
          .filter(one -> one.changeSet().equals("things-003-index"))
          .flatMap(one -> one.touched().stream())).as("outside of a transaction")
          .containsExactly(
              new Touched("things-003-index", "update", "things", "SHARE UPDATE EXCLUSIVE", "other schema changes",
                  "builds its index more_idx"),
              new Touched("things-003-index", "rollback", "things", "SHARE UPDATE EXCLUSIVE", "other schema changes",
                  ""));
      assertThat(traced.stream().filter(LiveRules::holdFor).flatMap(one -> LiveRules.breaches(one).stream()))
          .extracting(Breach::toString)
          .satisfiesExactly(
              update -> assertThat(update)
                  .contains("things-002-index, update: others is locked (SHARE), and its writers wait,"
                      + " while this builds its index others_idx: `CREATE INDEX others_idx"),
              rollback -> assertThat(rollback).contains("things-002-index, rollback: others is locked",
                  "DROP INDEX CONCURRENTLY IF EXISTS others_idx"));
      assertThat(database.query("select count(*) from databasechangelog")).as("lines that are left in the history")
          .containsExactly("0");
    }
  }
}
