package io.mycelium.migrations.locks;

import io.mycelium.migrations.changelog.Rule;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.testing.SqlFile;
import java.util.List;
import java.util.stream.Stream;

/**
 * A changeset that LocksIT tries on a live table, in other words than the examples of the rules.
 *
 * @param rule the rule that it breaks; null if it breaks none
 * @param relation the relation that it harms
 * @param sql its statements, each with a semicolon at the end of its line; it may begin with {@link Rule#OUTSIDE}
 * @param says what is said of it: lock, who waits, remedy
 */
@SuppressWarnings("ArrayRecordComponent") // its last parts are given one by one, and only read
record Trial(Rule rule, String relation, String sql, String... says) {

  private static final String ALL_WAIT = "(ACCESS EXCLUSIVE), and its readers and writers wait";

  /** One that breaks no rule. */
  static Trial of(String sql) {
    return new Trial(null, null, sql);
  }

  /** The example of a rule, whose statements are on one line. */
  static Trial ofAnExample(String example) {
    return of(example.replace("; ", ";\n"));
  }

  static Stream<Trial> forWhichClientsWait() {
    return Stream.of( //
        new Trial(Rule.INDEX_CONCURRENTLY, "agents", "CREATE INDEX ON agents (name)",
            "(SHARE), and its writers wait, while this builds its index", "CREATE INDEX CONCURRENTLY agents_name_idx1"),
        new Trial(Rule.INDEX_CONCURRENTLY, "workflow_states", "CREATE UNIQUE INDEX i ON workflow_states (workflow_id)",
            "(SHARE), and its writers wait", "DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i"), //
        new Trial(Rule.DROP_INDEX_CONCURRENTLY, "agents", "DROP INDEX agents_name_idx", ALL_WAIT,
            "DROP INDEX CONCURRENTLY IF EXISTS agents_name_idx"), //
        new Trial(Rule.VALIDATE_LATER, "agents", """
            ALTER TABLE agents ADD CONSTRAINT c CHECK (name <> '') NOT VALID;
            ALTER TABLE agents VALIDATE CONSTRAINT c""", ALL_WAIT, "`ALTER TABLE agents VALIDATE"), //
        new Trial(Rule.VALIDATE_LATER, "agent_usage",
            "ALTER TABLE agent_usage ADD FOREIGN KEY (agent_id) REFERENCES agents",
            "(SHARE ROW EXCLUSIVE), and its writers wait", "NOT VALID"), //
        new Trial(Rule.NEW_COLUMN_FOR_A_TYPE, "task_states",
            "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || 'task_states ALTER COLUMN status ' || 'TYPE varchar(99)'; END $$",
            ALL_WAIT, "rewrites it", "`DO $$ BEGIN EXECUTE"), //
        new Trial(Rule.VALUES_LATER, "agents", "ALTER TABLE agents ADD COLUMN n bigserial", ALL_WAIT, "rewrites it"), //
        new Trial(Rule.VALUES_LATER, "agents",
            "ALTER TABLE agents ADD COLUMN n integer GENERATED ALWAYS AS (usage_count * 2) STORED", ALL_WAIT,
            "rewrites it"), //
        new Trial(Rule.NO_REWRITE, "coordination_events", "ALTER TABLE coordination_events SET UNLOGGED", ALL_WAIT,
            "rewrites it", "leave that to an operator"), //
        new Trial(Rule.NO_REWRITE, "agents", "CLUSTER agents USING agents_name_idx", ALL_WAIT, "rewrites it"), //
        new Trial(Rule.IN_BATCHES, "coordination_events", "TRUNCATE coordination_events", ALL_WAIT, "empties it",
            "in batches that commit"), //
        new Trial(Rule.IN_BATCHES, "coordination_events", "UPDATE coordination_events SET status = 'x'",
            "has more rows written in one transaction the larger it is", "in batches that commit"), //
        new Trial(Rule.IN_BATCHES, "coordination_events", """
            DO $$ BEGIN FOR i IN 1..1000 LOOP
              DELETE FROM coordination_events WHERE event_id = 'e' || i; END LOOP; END $$""", "in batches that commit"),
        new Trial(Rule.LOCKED_FOR_AN_INSTANT, "agents", """
            ALTER TABLE agents ADD COLUMN owner text;
            CREATE TABLE owners AS SELECT agent_id FROM agent_usage""", ALL_WAIT, "reads agent_usage in full",
            "in a changeset of its own"), //
        new Trial(Rule.ONE_TABLE, "workflow_states",
            "CREATE TABLE pairs (agent uuid REFERENCES agents, workflow text REFERENCES workflow_states)",
            "(SHARE ROW EXCLUSIVE) in one transaction with agents", "a foreign key too"));
  }

  /** Nobody waits for them, but clients of the release before cannot do with what they leave. */
  static Stream<Trial> withWhichOldClientsFail() {
    return Stream.of( //
        new Trial(Rule.KEEP_NOT_NULL, "things", """
            ALTER TABLE things ALTER COLUMN id DROP IDENTITY IF EXISTS,
              DROP CONSTRAINT things_pkey, ALTER COLUMN id DROP NOT NULL""", "may have nulls in its column id"), //
        new Trial(Rule.KEEP_FOR_A_RELEASE, "task_states",
            "DO $$ BEGIN EXECUTE 'ALTER TABLE task_states DROP ' || 'COLUMN error'; END $$",
            "has no column error any more"), //
        new Trial(Rule.KEEP_FOR_A_RELEASE, "teams", "DROP TABLE teams", "is gone", "stop using it in one release"), //
        new Trial(Rule.KEEP_FOR_A_RELEASE, "search_agents_by_text",
            "DROP FUNCTION search_agents_by_text(text, integer, text)", "is no more called with"));
  }

  /** Those of nobody-waits.sql, which are parted by blank lines. */
  static Stream<Trial> forWhichNobodyWaits() {
    return Stream.of(SqlFile.statements(Trial.class, "nobody-waits.sql")).map(Trial::of);
  }

  Script script(String comment) {
    boolean outside = sql.startsWith(Rule.OUTSIDE);
    return new Script("agents-011-x", comment, Traced.UPDATE, !outside,
        List.of(sql.replaceFirst("^" + Rule.OUTSIDE, "").split(";(\n|$)")));
  }

  @Override
  public String toString() {
    return sql.replaceAll("\\s+", " ");
  }
}
