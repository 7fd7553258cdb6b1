package io.mycelium.migrations.plan;

import java.util.List;
import java.util.Map;

/**
 * A step of a {@link Plan}, which becomes a changeset.
 *
 * @param name its intent
 * @param comment its comment, in YAML
 * @param transactional whether it runs in a transaction
 * @param statements its statements
 * @param rollback the statements that undo it
 * @param undoable whether they do; else they fail, and say why
 * @param cast the new types of columns, by table.column
 * @param filled the column, as table.column, in which each row must have a value before it; null if none
 */
public record Step(String name, String comment, boolean transactional, List<String> statements, List<String> rollback,
    boolean undoable, Map<String, String> cast, String filled) {

  /** The longest intent: databasechangelog.id takes 255 characters, but nobody can read a name that long. */
  public static final int LONGEST_NAME = 100;
}
