package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Sql;
import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Separates a script, in its order, into changesets: what changes one table in use may share a transaction; what reads
 * its rows, or builds an index of it, gets steps of its own in which nobody waits.
 */
final class Separation {

  private final Schema now;
  private final Schema goal;
  private final Set<String> built = new HashSet<>();
  private final Set<String> remade = new HashSet<>();
  private final List<Draft> drafts = new ArrayList<>();
  private Draft attaching;
  private String attached;

  private Separation(Schema now, Schema goal) {
    this.now = now;
    this.goal = goal;
  }

  /**
   * Separates it.
   *
   * @param script the statements, without the schema's name
   * @param now the schema before it
   * @param goal the schema after it
   * @return the drafts, in the order in which they run
   */
  static List<Draft> of(List<Statement> script, Schema now, Schema goal) {
    Separation separation = new Separation(now, goal);
    List<Statement> merged = NewColumns.of(script, separation::inUse);
    for (Statement statement : merged) {
      if (statement.does("CREATE INDEX") && separation.isLive(statement.part())) {
        separation.built.add(Statement.plain(statement.object()));
      } else if (isKey(statement) && separation.isLive(statement.object())) {
        separation.built.add(Statement.plain(statement.part()));
      } else if (statement.does("DROP TABLE", "DROP MATERIALIZED VIEW")) {
        separation.remade.add(Statement.plain(statement.object()));
      }
    }
    merged.forEach(separation::add);
    return separation.drafts;
  }

  private static boolean isKey(Statement statement) {
    return statement.does("ALTER TABLE ADD CONSTRAINT UNIQUE", "ALTER TABLE ADD CONSTRAINT PRIMARY KEY")
        && !statement.has("WITHOUT", "OVERLAPS");
  }

  /** Whether a table, or a view with rows of its own, is there before the script. */
  private boolean inUse(String name) {
    String plain = Statement.plain(name);
    return now.objects().containsKey("table " + plain) || now.objects().containsKey("materialized view " + plain);
  }

  private boolean isPartitioned(String table) {
    String object = "table " + Statement.plain(table);
    String definition = now.objects().getOrDefault(object, goal.objects().getOrDefault(object, ""));
    return new Statement(definition).has("PARTITION", "BY");
  }

  /** Whether clients use it, so that an index is built CONCURRENTLY; that can be done on one table at a time only. */
  private boolean isLive(String name) {
    return inUse(name) && !isPartitioned(name) && !remade.contains(Statement.plain(name));
  }

  private void add(Statement statement) {
    String object = statement.object();
    if (statement.does("COMMENT") && !drafts.isEmpty()) {
      drafts.get(drafts.size() - 1).add(statement);
    } else if (statement.does("CREATE INDEX") && isLive(statement.part())) {
      beforeAttaching(Draft.index(statement));
    } else if (isKey(statement) && isLive(object)) {
      addKey(object, statement.part(), statement.rest());
    } else if (statement.does("ALTER TABLE VALIDATE CONSTRAINT") && inUse(object)) {
      drafts.add(Draft.inATransaction("validate-" + Statement.plain(statement.part()), statement.sql()));
    } else if (statement.does("ALTER TABLE ALTER COLUMN SET NOT NULL") && inUse(object)) {
      addNotNull(object, statement.part());
    } else if (statement.does("ALTER INDEX ATTACH PARTITION")) {
      attach(statement);
    } else if (statement.does("DROP INDEX") && !isOfPartitions(object)) {
      dropIndex(statement);
    } else if (statement.does("ALTER TYPE ADD VALUE")) {
      // its value can be used after the commit
      drafts.add(Draft.inATransaction("add-" + statement.part(), statement.sql()));
    } else if (!isFill(statement)) {
      addOther(statement);
    }
  }

  private void addOther(Statement statement) {
    String table = changedTable(statement);
    if (drafts.isEmpty() || !drafts.get(drafts.size() - 1).joins(statement, table)) {
      Draft draft = Draft.open(table);
      draft.joins(statement, table);
      drafts.add(draft);
    }
  }

  /** The existing table that a statement changes; null if none. */
  private String changedTable(Statement statement) {
    String table = statement.does("ALTER TABLE", "DROP TABLE") ? statement.object() : statement.part();
    return inUse(table) ? Statement.plain(table) : null;
  }

  /** pgCodeKeeper's own way to fill a column before SET NOT NULL: in one statement, and with its default. */
  private static boolean isFill(Statement statement) {
    return statement.does("UPDATE") && statement.has("=", "DEFAULT", "WHERE");
  }

  private boolean isOfPartitions(String index) {
    String definition = now.objects().getOrDefault("index " + Statement.plain(index), "");
    return isPartitioned(new Statement(definition).part());
  }

  /** The indexes of all partitions are built before any of them becomes a part of the whole. */
  private void beforeAttaching(Draft draft) {
    boolean attaches = !drafts.isEmpty() && drafts.get(drafts.size() - 1).equals(attaching);
    drafts.add(drafts.size() - (attaches ? 1 : 0), draft);
  }

  /** No index can be taken out of the whole again. So the rollback drops the whole. */
  private void attach(Statement statement) {
    String whole = statement.object();
    if (drafts.isEmpty() || !drafts.get(drafts.size() - 1).equals(attaching) || !whole.equals(attached)) {
      attached = whole;
      attaching = Draft.inATransaction("attach-" + Statement.plain(whole))
          .undoneAsAWholeBy(List.of("DROP INDEX IF EXISTS " + whole));
      drafts.add(attaching);
    }
    attaching.add(statement);
  }

  /** The index of a key is built CONCURRENTLY. Then the key takes it over, which is an instant. */
  private void addKey(String table, String name, String definition) {
    Key key = Key.of(definition);
    Statement index = new Statement(now.objects().getOrDefault("index " + Statement.plain(name), ""));
    boolean isThere = index.has("CREATE", "UNIQUE") && index.from("(").equals(key.index());
    if (!isThere) {
      drafts.add(Draft.inNoTransaction("create-" + Statement.plain(name), "DROP INDEX CONCURRENTLY IF EXISTS " + name,
          "CREATE UNIQUE INDEX CONCURRENTLY " + name + " ON " + table + " " + key.index(),
          "COMMENT ON INDEX " + name + " IS NULL"));
    }
    drafts.add(Draft.inATransaction("attach-" + Statement.plain(name), "ALTER TABLE " + table + " ADD CONSTRAINT "
        + name + " " + key.kind() + " USING INDEX " + name + key.deferral()));
  }

  /** A validated CHECK proves that no row has a null. After that, SET NOT NULL reads no row. */
  private void addNotNull(String table, String column) {
    String plain = Statement.plain(table) + "." + Statement.plain(column);
    String check = Sql.quoted(Sql.shortened(plain.replace('.', '_'), "_is_not_null"));
    String alter = "ALTER TABLE " + table;
    addOther(new Statement(alter + " ADD CONSTRAINT " + check + " CHECK (" + column + " IS NOT NULL) NOT VALID"));
    drafts.add(Draft.inATransaction("validate-" + Statement.plain(check), alter + " VALIDATE CONSTRAINT " + check)
        .needs(plain));
    drafts.add(Draft.inATransaction("require-" + Statement.plain(column),
        alter + " ALTER COLUMN " + column + " SET NOT NULL", alter + " DROP CONSTRAINT " + check));
  }

  /** An index is dropped CONCURRENTLY too; one that is made anew is dropped by the step that makes it. */
  private void dropIndex(Statement drop) {
    String name = Statement.plain(drop.object());
    if (!built.contains(name)) {
      drafts.add(Draft.inNoTransaction("drop-" + name, "DROP INDEX CONCURRENTLY IF EXISTS " + drop.object()));
    }
  }
}
