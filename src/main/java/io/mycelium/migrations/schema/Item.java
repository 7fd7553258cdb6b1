package io.mycelium.migrations.schema;

/**
 * What is compared: an object of a schema, or a part of one, such as a column.
 *
 * @param name its kind and name, such as {@code table agents} or {@code column agents.embedding}
 * @param definition the SQL that makes it, without its parts that are items themselves
 * @param whole the SQL that makes it with these parts
 * @param undo the SQL that undoes it; null where pgCodeKeeper writes that itself
 * @param relation the table or view that it is part of; null if none
 * @param installations whether it is the installation's own choice
 */
record Item(String name, String definition, String whole, String undo, String relation, boolean installations) {

  /** An item that is not in pgCodeKeeper's model. */
  static Item unmodelled(String name, String definition, String undo, String relation, boolean installations) {
    return new Item(name, definition, definition, undo, relation, installations);
  }

  /** This unmodelled item, and more of it. */
  Item and(Item more) {
    return unmodelled(name, definition + ";\n" + more.definition, undo + ";\n" + more.undo, relation, installations);
  }
}
