package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.List;

/** Statements that become one changeset. */
final class Draft {

  private final String intent;
  private final boolean transactional;
  private final boolean open;
  private final List<Statement> statements = new ArrayList<>();
  private String table;
  private List<String> undo;
  private boolean whole;
  private String filled;

  private Draft(String intent, boolean transactional, boolean open) {
    this.intent = intent;
    this.transactional = transactional;
    this.open = open;
  }

  /**
   * One that others may join.
   *
   * @param table the existing table that it changes; null if none
   */
  static Draft open(String table) {
    Draft draft = new Draft(table == null ? "more" : "on-" + table, true, true);
    draft.table = table;
    return draft;
  }

  /** One in a transaction of its own. */
  static Draft inATransaction(String intent, String... statements) {
    return new Draft(intent, true, false).with(statements);
  }

  /** One that PostgreSQL runs in no transaction block, or that is to block nobody meanwhile. */
  static Draft inNoTransaction(String intent, String... statements) {
    return new Draft(intent, false, false).with(statements);
  }

  /** An index that is built CONCURRENTLY, after dropping what a killed run may have left. */
  static Draft index(Statement index) {
    String name = index.object();
    return inNoTransaction("create-" + Statement.plain(name), "DROP INDEX CONCURRENTLY IF EXISTS " + name,
        "CREATE " + (index.has("CREATE", "UNIQUE") ? "UNIQUE " : "") + "INDEX CONCURRENTLY " + name + " ON "
            + index.part() + " " + index.rest());
  }

  private Draft with(String... sql) {
    for (String statement : sql) {
      add(new Statement(statement));
    }
    return this;
  }

  /** Gives it a rollback of its own; otherwise that follows from what it changed. */
  Draft undoneBy(List<String> rollback) {
    undo = rollback;
    return this;
  }

  /** Gives it a rollback that undoes drafts before it, too. */
  Draft undoneAsAWholeBy(List<String> rollback) {
    whole = true;
    return undoneBy(rollback);
  }

  /** Says that it fails unless each row has a value in a column, named as table.column. */
  Draft needs(String column) {
    filled = column;
    return this;
  }

  /**
   * Adds a statement.
   *
   * @param ofTable the existing table that it changes; null if none
   * @return false if it does not belong here
   */
  boolean joins(Statement statement, String ofTable) {
    if (!open || table != null && ofTable != null && !table.equals(ofTable)) {
      return false;
    }
    table = table == null ? ofTable : table;
    add(statement);
    return true;
  }

  void add(Statement statement) {
    statements.add(statement);
  }

  /** What it does, for its name. */
  String intent() {
    return intent;
  }

  boolean transactional() {
    return transactional;
  }

  List<Statement> statements() {
    return statements;
  }

  /** The statements that undo it; null if they follow from what it changed. */
  List<String> undo() {
    return undo;
  }

  /** Whether the rollback undoes drafts before it, too. */
  boolean isUndoneAsAWhole() {
    return whole;
  }

  /** The column, as table.column, in which each row must have a value before it; null if none. */
  String filled() {
    return filled;
  }
}
