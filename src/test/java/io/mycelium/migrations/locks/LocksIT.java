package io.mycelium.migrations.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Rule;
import io.mycelium.migrations.locks.LiveRules.Breach;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
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
      for (String table : database.query(
          "select relname from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = current_schema()::regnamespace"
              + " and relname not like 'databasechangelog%' and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')")) {
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

  /**
   * A changeset.
   *
   * @param sql its statements, parted by lines of two hyphens; it may begin with {@link Rule#OUTSIDE}
   * @param rule the rule that it breaks
   * @param relation the relation that it harms
   * @param says what is said of it: lock, who waits, remedy
   */
  record Case(String sql, Rule rule, String relation, String... says) {

    Case(String sql) {
      this(sql, null, null);
    }

    static Case ofAnExample(String changeSet) {
      return new Case(changeSet.replace("; ", "\n--\n"));
    }

    Script script(String comment) {
      boolean outside = sql.startsWith(Rule.OUTSIDE);
      return new Script("agents-011-x", comment, Traced.UPDATE, !outside,
          Arrays.asList(sql.replaceFirst("^" + Rule.OUTSIDE, "").split("\n--\n")));
    }

    @Override
    public String toString() {
      return sql.replaceAll("\\s+", " ");
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
      database.execute("update coordination_events set status = 'ok'",
          """
              create type mood as enum ('fine', 'tired');
              create table teams (id integer primary key);
              create table things (id integer primary key, code varchar(9), kept integer, fine integer);
              insert into things select n, n, n, n from generate_series(1, 1000) n;
              create index things_code_idx on things (code);
              create index things_old_idx on things (code);
              create unique index things_fine_key on things (fine);
              alter table things add constraint things_kept_is_not_null check (kept is not null), add constraint things_fine_check check (fine > 0) not valid;
              create table readings (at date not null, value integer) partition by range (at);
              create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
              create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
              create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01');
              create table readings_2027 (at date not null, value integer, check (at >= '2027-01-01' and at < '2028-01-01'));
              insert into readings_2027 select '2027-01-01', n from generate_series(1, 1000) n;
              create procedure lock_and_let_go() language plpgsql as $$ begin lock table things in share mode; commit; end $$;
              create procedure fill_in_batches() language plpgsql as $$
                begin
                  for i in 0 .. 9 loop
                    update things set kept = kept + 1 where id between i * 100 and i * 100 + 99;
                    commit;
                  end loop;
                end $$;
              analyze""");
    }

    @AfterAll
    void close() throws Exception {
      connection.close();
      if (witness != null) {
        witness.close();
      }
    }

    private List<Breach> breaches(Case changeSet, String comment, boolean kept) throws Exception {
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

    static final Set<Rule> RULES = Rule.ON_A_LIVE_TABLE;

    @ParameterizedTest(name = "{0}")
    @FieldSource("RULES")
    void breaksARuleAsInItsBadExampleAndKeepsAllAsInItsGoodOne(Rule rule) throws Exception {
      assertFound(rule, Case.ofAnExample(rule.bad()));
      for (String changeSet : rule.good().split("\n")) {
        assertThat(breaches(Case.ofAnExample(changeSet), "why", true))
            .as("breaches of %s, which %s recommends", changeSet, rule.id())
            .isEmpty();
      }
    }

    /** Of other statements than the rules' own examples. */
    static Stream<Case> bad() {
      String readersAndWriters = "(ACCESS EXCLUSIVE), and its readers and writers wait";
      return Stream.of(new Case("CREATE INDEX ON agents (name)", Rule.INDEX_CONCURRENTLY, "agents",
          "(SHARE), and its writers wait, while this builds its index", "CREATE INDEX CONCURRENTLY agents_name_idx1"),
          new Case("CREATE UNIQUE INDEX i ON workflow_states (workflow_id)", Rule.INDEX_CONCURRENTLY, "workflow_states",
              "(SHARE), and its writers wait", "DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i"),
          new Case("DROP INDEX agents_name_idx", Rule.DROP_INDEX_CONCURRENTLY, "agents", readersAndWriters,
              "DROP INDEX CONCURRENTLY IF EXISTS agents_name_idx"),
          new Case(
              "ALTER TABLE agents ADD CONSTRAINT c CHECK (name <> '') NOT VALID\n--\nALTER TABLE agents VALIDATE CONSTRAINT c",
              Rule.VALIDATE_LATER, "agents", readersAndWriters, "`ALTER TABLE agents VALIDATE"),
          new Case("ALTER TABLE agent_usage ADD FOREIGN KEY (agent_id) REFERENCES agents", Rule.VALIDATE_LATER,
              "agent_usage", "(SHARE ROW EXCLUSIVE), and its writers wait", "NOT VALID"),
          new Case(
              "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || 'task_states ALTER COLUMN status ' || 'TYPE varchar(99)'; END $$",
              Rule.NEW_COLUMN_FOR_A_TYPE, "task_states", readersAndWriters, "rewrites it", "`DO $$ BEGIN EXECUTE"),
          new Case("ALTER TABLE agents ADD COLUMN n bigserial", Rule.VALUES_LATER, "agents", readersAndWriters,
              "rewrites it"),
          new Case("ALTER TABLE agents ADD COLUMN n integer GENERATED ALWAYS AS (usage_count * 2) STORED",
              Rule.VALUES_LATER, "agents", readersAndWriters, "rewrites it"),
          new Case("ALTER TABLE coordination_events SET UNLOGGED", Rule.NO_REWRITE, "coordination_events",
              readersAndWriters, "rewrites it", "leave that to an operator"),
          new Case("CLUSTER agents USING agents_name_idx", Rule.NO_REWRITE, "agents", readersAndWriters, "rewrites it"),
          new Case("TRUNCATE coordination_events", Rule.IN_BATCHES, "coordination_events", readersAndWriters,
              "empties it", "in batches that commit"),
          new Case("UPDATE coordination_events SET status = 'x'", Rule.IN_BATCHES, "coordination_events",
              "has more rows written in one transaction the larger it is", "in batches that commit"),
          new Case(
              "DO $$ BEGIN FOR i IN 1..1000 LOOP DELETE FROM coordination_events WHERE event_id = 'e' || i; END LOOP; END $$",
              Rule.IN_BATCHES, "coordination_events", "in batches that commit"),
          new Case(
              "ALTER TABLE agents ADD COLUMN owner text\n--\nCREATE TABLE owners AS SELECT agent_id FROM agent_usage",
              Rule.LOCKED_FOR_AN_INSTANT, "agents", readersAndWriters, "reads agent_usage in full",
              "in a changeset of its own"),
          new Case("CREATE TABLE pairs (agent uuid REFERENCES agents, workflow text REFERENCES workflow_states)",
              Rule.ONE_TABLE, "workflow_states", "(SHARE ROW EXCLUSIVE) in one transaction with agents",
              "a foreign key too"),
          // what nobody waits for, and old clients cannot do with
          new Case(
              "ALTER TABLE things ALTER COLUMN id DROP IDENTITY IF EXISTS, DROP CONSTRAINT things_pkey, ALTER COLUMN id DROP NOT NULL",
              Rule.KEEP_NOT_NULL, "things", "may have nulls in its column id"),
          new Case("DO $$ BEGIN EXECUTE 'ALTER TABLE task_states DROP ' || 'COLUMN error'; END $$",
              Rule.KEEP_FOR_A_RELEASE, "task_states", "has no column error any more"),
          new Case("DROP TABLE teams", Rule.KEEP_FOR_A_RELEASE, "teams", "is gone", "stop using it in one release"),
          new Case("DROP FUNCTION search_agents_by_text(text, integer, text)", Rule.KEEP_FOR_A_RELEASE,
              "search_agents_by_text", "is no more called with"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void isFoundToMakeClientsWaitOrFail(Case bad) throws Exception {
      Breach breach = assertFound(bad.rule(), bad);
      assertThat(breach.relation()).isEqualTo(bad.relation());
      assertThat(breach).asString().contains(bad.says());
    }

    /** A rule finds it, says so, and takes a reason for it, if it is one for that relation. */
    private Breach assertFound(Rule rule, Case bad) throws Exception {
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

    /** Other statements than the rules' own examples. */
    static Stream<Case> good() {
      return Stream.of(
          "ALTER TABLE agents ADD COLUMN IF NOT EXISTS owner text\n--\nCOMMENT ON COLUMN agents.owner IS 'Who.'\n--\n"
              + "DO $$ BEGIN ASSERT (SELECT atttypid = 'text'::regtype FROM pg_attribute WHERE attrelid = 'agents'::regclass AND attname = 'owner'); END $$",
          "ALTER TABLE agents ADD COLUMN owner text NOT NULL DEFAULT ''",
          "CREATE TABLE tags (agent uuid REFERENCES agents, tag text, score integer CHECK (score > 0))\n--\nCREATE INDEX ON tags (agent)\n--\nINSERT INTO tags SELECT NULL, n FROM generate_series(1, 1000) n\n--\nUPDATE tags SET score = 1",
          "OUTSIDE DROP INDEX CONCURRENTLY IF EXISTS agents_x_idx\n--\nCREATE INDEX CONCURRENTLY agents_x_idx ON agents (description)\n--\nCOMMENT ON INDEX agents_x_idx IS 'q'",
          "OUTSIDE REINDEX INDEX CONCURRENTLY things_code_idx",
          "ALTER TABLE agents DROP CONSTRAINT IF EXISTS c\n--\nALTER TABLE agents ADD CONSTRAINT c CHECK (name <> '') NOT VALID",
          "ALTER TABLE things VALIDATE CONSTRAINT things_fine_check",
          "ALTER TABLE things ALTER COLUMN kept SET NOT NULL\n--\nALTER TABLE things DROP CONSTRAINT things_kept_is_not_null",
          "ALTER TABLE things ADD CONSTRAINT things_fine_key UNIQUE USING INDEX things_fine_key",
          "ALTER TABLE agent_usage ADD FOREIGN KEY (workflow_id) REFERENCES agents NOT VALID",
          "ALTER TABLE coordination_events ADD COLUMN agent uuid REFERENCES agents",
          "ALTER TABLE task_states DROP CONSTRAINT task_states_workflow_id_fkey",
          "CREATE TRIGGER t BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION touch_updated_at()",
          "ALTER TABLE agents ALTER COLUMN name SET DEFAULT 'x', ALTER COLUMN description SET STATISTICS 500",
          "ALTER TABLE things ALTER COLUMN code TYPE text", "ALTER TABLE agents SET (fillfactor = 60)",
          "OUTSIDE CALL fill_in_batches()",
          "UPDATE agents SET category = 'b' WHERE agent_id = 'a1'\n--\nINSERT INTO workflow_states (workflow_id, status) SELECT 'new' || n, 'running' FROM generate_series(1, 1000) n",
          "OUTSIDE ALTER TABLE readings DETACH PARTITION readings_2026 CONCURRENTLY",
          "ALTER TABLE readings ATTACH PARTITION readings_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
          "CREATE VIEW names AS SELECT name FROM agents\n--\nGRANT SELECT ON names TO public",
          "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'merry'", "ANALYZE agents",
          "DO $$ BEGIN ASSERT (SELECT count(*) FROM agents) > 0, 'empty'; END $$").map(Case::new);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("good")
    void isFoundToMakeNobodyWait(Case good) throws Exception {
      assertThat(breaches(good, "why", false)).as("breaches of %s", good).isEmpty();
    }

    private List<Touched> touchedBy(String sql) throws Exception {
      return Trace.of(connection, witness, new Case(Rule.OUTSIDE + sql).script("why")).touched();
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
      assertThat(breaches(new Case(
          "ALTER TABLE agents ADD COLUMN owner text\n--\nUPDATE agents SET owner = 'x'\n--\nCREATE INDEX i ON agents (owner)"),
          "why", false)).extracting(Breach::problem)
          .containsExactly("is locked (ACCESS EXCLUSIVE), and its readers and writers wait, while this writes its rows",
              "is locked (ACCESS EXCLUSIVE), and its readers and writers wait, while this builds its index i",
              "has more rows written in one transaction the larger it is, and whoever writes one of them waits for its end");
    }
  }

  @Test
  void theRulesHoldFromRelease11OnAndForRollbacks(@TempDir Path root) throws Exception {
    String changelog = """
        databaseChangeLog:
          - logicalFilePath: changelog/%1$s/things.yaml
          - changeSet:
              id: things-%2$s
              author: mycelium
              comment: "%3$s"
              changes: [{sql: {sql: "%4$s"}}]
              rollback: [{sql: {sql: "%5$s"}}]
        """;
    Files.createDirectories(root.resolve("changelog/1.0"));
    Files.createDirectories(root.resolve("changelog/1.1"));
    Files.writeString(root.resolve("changelog/1.0/things.yaml"), changelog.formatted("1.0", "001-create", "why",
        "CREATE TABLE things (a integer); CREATE TABLE others (a integer)", "DROP TABLE things; DROP TABLE others"));
    Files.writeString(root.resolve("changelog/1.1/things.yaml"),
        changelog.formatted("1.1", "002-index", "blocking(things): ten rows",
            "CREATE INDEX things_idx ON things (a); CREATE INDEX others_idx ON others (a)",
            "DROP INDEX others_idx; DROP INDEX things_idx"));
    Files.writeString(root.resolve("changelog/1.1/more.yaml"),
        changelog
            .formatted("1.1", "003-index", "why", "CREATE INDEX CONCURRENTLY more_idx ON things (a)",
                "DROP INDEX CONCURRENTLY more_idx")
            .replace("things.yaml", "more.yaml")
            .replace("author: mycelium", "author: mycelium\n      runInTransaction: false"));
    Files.writeString(root.resolve("changelog/master.yaml"), """
        databaseChangeLog:
          - logicalFilePath: changelog/master.yaml
          - include: {file: 1.0/things.yaml, relativeToChangelogFile: true}
          - include: {file: 1.1/things.yaml, relativeToChangelogFile: true}
          - include: {file: 1.1/more.yaml, relativeToChangelogFile: true}
        """);
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
          .satisfiesExactly(update -> assertThat(update).contains(
              "things-002-index, update: others is locked (SHARE), and its writers wait, while this builds its index others_idx: `CREATE INDEX others_idx"),
              rollback -> assertThat(rollback).contains("things-002-index, rollback: others is locked",
                  "DROP INDEX CONCURRENTLY IF EXISTS others_idx"));
      assertThat(database.query("select count(*) from databasechangelog")).as("lines that are left in the history")
          .containsExactly("0");
    }
  }
}
