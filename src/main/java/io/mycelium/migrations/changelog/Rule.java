package io.mycelium.migrations.changelog;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The rules for every changeset, which tests check: first those about its text, then those about what it does on a live
 * table. This is the only place of a rule: the tables in docs/adding-a-migration.md are made from it, and tests run
 * both examples of each.
 */
public enum Rule {

  LOGICAL_FILE_PATH("without it Maven, the command line and a jar see different histories",
      "logicalFilePath: events-001-x.yaml", "logicalFilePath: changelog/1.2/events-001-x.yaml",
      "write `logicalFilePath: %s`, and never change it again"),
  NO_DEAD_FILE("a file that no list and no changeset names never runs", "#- include: {file: events-002-y.yaml,",
      "- include: {file: events-002-y.yaml,", "name it in %s, or remove it"),
  KIND_OF_FILE("only changelogs and the SQL of their objects are read", "events/notes.txt", "events/notes.sql",
      "have only changelogs (.yaml), an object's SQL (.sql) and the checksums.txt of a release there"),
  ID("the id says what the changeset is about wherever Liquibase prints it", "id: add-x", "id: events-001-x",
      "name the domain, its next number in three digits and the intent, such as agents-001-create-something"),
  FILE_OF_ITS_OWN(
      "from release 1.1 on each changeset has a file, and the release's list names the files in the order in "
          + "which they landed",
      "id: events-001-another", "id: events-001-x", "move it to %s.yaml"),
  NEXT_NUMBER(
      "where two branches each add a changeset, the one that lands later takes the next number, "
          + "and the last place in the list",
      "events-001-y", "events-002-y", "give it the number %03d, and the last place in the list"),
  AUTHOR("the author is part of a changeset's identity; git knows who wrote the changeset", "author: somebody",
      "author: mycelium", "write `author: mycelium`"),
  COMMENT("the SQL says what is done; only the comment says why, and which data a rollback loses", "comment: ''",
      "comment: Says why.", "say why it is there"),
  NO_TODO("`mvn -Pnew` writes TODO where you have to fill something in", "SELECT 'TODO'", "SELECT 1", "fill it in"),
  ROLLBACK("a rollback stops at a changeset without one, after it has undone those that came later", "# no rollback",
      "rollback: [{empty: {}}]", "write one, or `empty: {}` with the reason in the comment"),
  PLAIN_SQL("SQL says what PostgreSQL does", "createTable: {tableName: t, columns: [{column: {name: a, type: int}}]}",
      "sql: {sql: \"SELECT 1\"}", "write sql or sqlFile"),
  INDEX_COMMENT("the comment says which query the index serves, and so when the index can go",
      "CREATE INDEX x_idx ON x (a)", "CREATE INDEX x_idx ON x (a); COMMENT ON INDEX x_idx IS 'WHERE a = ?'",
      "write COMMENT ON INDEX %s, and name the query that it serves"),
  INDEX_AGAIN("a build that is killed leaves an invalid index, which the next run has to replace",
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS y_idx ON y (a)",
      "DROP INDEX CONCURRENTLY IF EXISTS y_idx; CREATE INDEX CONCURRENTLY y_idx ON y (a)",
      "write `runInTransaction: false`, and DROP INDEX CONCURRENTLY IF EXISTS %s before it"),
  KNOWN_TAG("an update to a tag that [base.yaml](../changelog/base.yaml) does not name is refused",
      "tagDatabase: {tag: \"9.9\"}", "tagDatabase: {tag: \"1.2\"}",
      "have it set by mvn -Prelease, which names it in changelog/base.yaml"),
  FROZEN(
      "databases have run the released changesets as they were, and in their order "
          + "([why](decisions/0002-release-first-layout.md))",
      "SELECT 'edited'", "SELECT 'released'",
      "put it back; what mends it, or is new, comes at the end of the release in the making: "
          + "mvn -Pnew -Ddomain=%s -Dname=..."),

  INDEX_CONCURRENTLY("writers wait until the whole table is read",
      "CREATE INDEX agents_type_idx ON agents (agent_type)",
      "OUTSIDE DROP INDEX CONCURRENTLY IF EXISTS agents_type_idx; "
          + "CREATE INDEX CONCURRENTLY agents_type_idx ON agents (agent_type)",
      "use, with `runInTransaction: false`, DROP INDEX CONCURRENTLY IF EXISTS %1$s; CREATE INDEX CONCURRENTLY %1$s"),
  REINDEX_CONCURRENTLY("readers and writers wait until the whole table is read", "REINDEX INDEX agents_name_idx",
      "OUTSIDE REINDEX INDEX CONCURRENTLY agents_name_idx",
      "use, with `runInTransaction: false`, REINDEX INDEX CONCURRENTLY %s"),
  DROP_INDEX_CONCURRENTLY("readers and writers wait; if a long report runs, all of them wait until it ends",
      "DROP INDEX things_old_idx", "OUTSIDE DROP INDEX CONCURRENTLY IF EXISTS things_old_idx",
      "use, with `runInTransaction: false`, DROP INDEX CONCURRENTLY IF EXISTS %s"),
  DETACH_CONCURRENTLY("readers and writers of the whole table wait",
      "ALTER TABLE readings DETACH PARTITION readings_2025",
      "OUTSIDE ALTER TABLE readings DETACH PARTITION readings_2025 CONCURRENTLY",
      "use, with `runInTransaction: false`, ALTER TABLE ... DETACH PARTITION %s CONCURRENTLY"),
  REFRESH_CONCURRENTLY("readers wait until the view is computed", "REFRESH MATERIALIZED VIEW agent_statistics",
      "REFRESH MATERIALIZED VIEW CONCURRENTLY agent_statistics", "use REFRESH MATERIALIZED VIEW CONCURRENTLY"),
  UNIQUE_BY_INDEX("readers and writers wait until its index is built",
      "ALTER TABLE agents ADD CONSTRAINT agents_file_key UNIQUE (agent_id, file_path)",
      "OUTSIDE DROP INDEX CONCURRENTLY IF EXISTS agents_file_key; "
          + "CREATE UNIQUE INDEX CONCURRENTLY agents_file_key ON agents (agent_id, file_path)\n"
          + "ALTER TABLE agents ADD CONSTRAINT agents_file_key UNIQUE USING INDEX agents_file_key",
      "build a unique index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX"),
  NO_EXCLUSION("readers and writers wait until its index is built, which cannot be built beforehand",
      "ALTER TABLE agents ADD CONSTRAINT agents_one EXCLUDE USING btree (agent_id WITH =)",
      "CREATE TABLE bookings (agent uuid, EXCLUDE USING btree (agent WITH =))",
      "EXCLUDE has no other way: have a new table with it, or a time when nobody writes"),
  VALIDATE_LATER("the statement that adds a constraint, or a foreign key, reads the table while it holds its lock",
      "ALTER TABLE agents ADD CONSTRAINT agents_named CHECK (name <> '')",
      "ALTER TABLE agents ADD CONSTRAINT agents_named CHECK (name <> '') NOT VALID\n"
          + "ALTER TABLE agents VALIDATE CONSTRAINT agents_named",
      "add the constraint NOT VALID, and VALIDATE CONSTRAINT in the next changeset"),
  NOT_NULL_BY_CHECK(
      "readers and writers wait until the table is read, unless a valid CHECK already says that there is no null",
      "ALTER TABLE coordination_events ALTER COLUMN status SET NOT NULL",
      "ALTER TABLE coordination_events ADD CONSTRAINT status_known CHECK (status IS NOT NULL) NOT VALID\n"
          + "ALTER TABLE coordination_events VALIDATE CONSTRAINT status_known\n"
          + "ALTER TABLE coordination_events ALTER COLUMN status SET NOT NULL; "
          + "ALTER TABLE coordination_events DROP CONSTRAINT status_known",
      "first ADD CONSTRAINT ... CHECK (... IS NOT NULL) NOT VALID, in the next changeset VALIDATE CONSTRAINT, "
          + "then SET NOT NULL reads nothing"),
  NEW_COLUMN_FOR_A_TYPE(
      "readers and writers wait until the whole table is rewritten; "
          + "[fill the new column in batches](changing-a-live-table.md), as "
          + "[for an embedding](changing-the-embedding-model.md), " + "and the next release drops the old one",
      "ALTER TABLE task_states ALTER COLUMN retry_count TYPE bigint",
      "ALTER TABLE task_states ADD COLUMN retries bigint",
      "add a column of the new type, fill it in batches that commit, and drop the old one a release later"),
  VALUES_LATER(
      "readers and writers wait until the whole table is rewritten, as for `serial` and `STORED`; "
          + "[fill the column in batches](changing-a-live-table.md). A constant default rewrites nothing",
      "ALTER TABLE agents ADD COLUMN key uuid DEFAULT uuid_generate_v4()",
      "ALTER TABLE agents ADD COLUMN key uuid; ALTER TABLE agents ALTER COLUMN key SET DEFAULT uuid_generate_v4()",
      "add the column without a value, fill it in batches that commit, and give new rows their default"),
  NO_REWRITE(
      "readers and writers wait until the whole table is rewritten, as for `CLUSTER`, "
          + "`SET TABLESPACE` and `SET UNLOGGED`; " + "leave that to an operator",
      "OUTSIDE VACUUM FULL workflow_state_history", "OUTSIDE VACUUM workflow_state_history",
      "leave that to an operator"),
  IN_BATCHES(
      "a client that writes one of the rows waits until all are written, and `TRUNCATE` makes everybody wait; "
          + "[how](changing-a-live-table.md)",
      "DELETE FROM coordination_events WHERE event_type = 'message'",
      "OUTSIDE CALL delete_coordination_events_before(now() - interval '30 days')",
      "write the rows in a changeset of its own, in batches that commit"),
  LOCKED_FOR_AN_INSTANT("the lock that the first statement takes lasts until the second has done its work",
      "ALTER TABLE agents ADD COLUMN maintainer text; UPDATE agents SET maintainer = 'nobody' WHERE agent_id = 'a1'",
      "ALTER TABLE agents ADD COLUMN maintainer text\nUPDATE agents SET maintainer = 'nobody' WHERE agent_id = 'a1'",
      "do that in a changeset of its own"),
  ONE_TABLE(
      "clients use both tables in another order, so they and the migration wait for each other or deadlock; "
          + "a foreign key may lock its two tables",
      "ALTER TABLE agents ADD COLUMN team text; ALTER TABLE workflow_states ADD COLUMN team text",
      "ALTER TABLE agents ADD COLUMN team text\nALTER TABLE workflow_states ADD COLUMN team text",
      "give each a changeset of its own, a foreign key too: NOT VALID"),
  NO_LOCK("clients wait, and nothing is gained: a statement takes the lock that it needs",
      "LOCK TABLE agents IN SHARE MODE; CREATE TABLE notes (agent uuid)", "CREATE TABLE notes (agent uuid)",
      "rely on the locks that the statements take"),
  KEEP_FOR_A_RELEASE("clients of the release before still use the column; the next release drops it",
      "ALTER TABLE agents RENAME COLUMN display_name TO title", "ALTER TABLE agents ADD COLUMN title text",
      "stop using it in one release, drop or rename it in the next"),
  KEEP_VALUES("clients of the release before still write the value", "ALTER TYPE mood RENAME VALUE 'tired' TO 'sleepy'",
      "ALTER TYPE mood ADD VALUE 'sleepy'", "add the new one, and keep the old one for a release"),
  KEEP_NOT_NULL("clients that read the column expect no null",
      "ALTER TABLE task_states ALTER COLUMN agent_type DROP NOT NULL",
      "ALTER TABLE task_states ALTER COLUMN agent_type SET DEFAULT 'unknown'", "first a release whose clients do"),
  DEFAULT_FOR_A_NEW_COLUMN("the INSERTs of clients that do not know the column fail",
      "ALTER TABLE teams ADD COLUMN name text NOT NULL", "ALTER TABLE teams ADD COLUMN name text NOT NULL DEFAULT ''",
      "give a default"),
  JSONB("`json` has no equality, so that DISTINCT, GROUP BY and UNION of the rows fail",
      "ALTER TABLE agents ADD COLUMN details json", "ALTER TABLE agents ADD COLUMN details jsonb", "use jsonb"),
  KEEP_TRIGGERS("the trigger misses what clients write meanwhile",
      "ALTER TABLE agents DISABLE TRIGGER agents_touch_updated_at",
      "CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'begin return new;end'",
      "replace its function instead");

  /** The beginning of an example that runs with {@code runInTransaction: false}. */
  public static final String OUTSIDE = "OUTSIDE ";
  /** Those of the text of the changelog. */
  public static final Set<Rule> OF_THE_CHANGELOG = EnumSet.range(LOGICAL_FILE_PATH, FROZEN);
  /** Those of what a changeset does on a live table, which is measured. */
  public static final Set<Rule> ON_A_LIVE_TABLE = EnumSet.complementOf(EnumSet.copyOf(OF_THE_CHANGELOG));

  private final String reason;
  private final String bad;
  private final String good;
  private final String remedy;

  Rule(String reason, String bad, String good, String remedy) {
    this.reason = reason;
    this.bad = bad;
    this.good = good;
    this.remedy = remedy;
  }

  /** What messages and pages call it, such as {@code index-concurrently}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Why it is one, for the page. */
  public String reason() {
    return reason;
  }

  /**
   * An example that breaks the rule. For a rule about live tables each line is a changeset, with {@code "; "} between
   * its statements; it begins with {@link #OUTSIDE} if it runs outside of a transaction. For the other rules it is a
   * part of a changelog, which the test replaces by {@link #good}.
   */
  public String bad() {
    return bad;
  }

  /** What does the same, or as much of it as can be done, and keeps it. */
  public String good() {
    return good;
  }

  /**
   * What to do about a breach.
   *
   * @param names the objects that the remedy names
   */
  public String remedy(Object... names) {
    return String.format(Locale.ROOT, remedy, names);
  }
}
