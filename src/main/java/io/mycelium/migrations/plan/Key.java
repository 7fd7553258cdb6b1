package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;

/**
 * A unique or primary key in two parts: the index, which can be built CONCURRENTLY, and the key that takes it over.
 *
 * @param kind {@code UNIQUE} or {@code PRIMARY KEY}
 * @param index what stands behind the table's name in the statement that makes the index
 * @param deferral what stands behind the index in the statement that makes the key; empty, or with a space before it
 */
record Key(String kind, String index, String deferral) {

  /**
   * Reads it.
   *
   * @param definition what stands behind the constraint's name, such as {@code UNIQUE NULLS NOT DISTINCT (a, b)}
   */
  static Key of(String definition) {
    Statement key = new Statement(definition);
    String columns = key.from("(");
    String deferral = key.from("DEFERRABLE").isEmpty() ? key.from("NOT", "DEFERRABLE") : key.from("DEFERRABLE");
    String index = columns.substring(0, columns.length() - deferral.length()).strip();
    boolean nulls = key.has("NULLS", "NOT", "DISTINCT");
    return new Key(key.does("PRIMARY") ? "PRIMARY KEY" : "UNIQUE", withNulls(index, nulls),
        deferral.isEmpty() ? "" : " " + deferral);
  }

  /** NULLS NOT DISTINCT stands behind an index's columns, before what it is stored with. */
  private static String withNulls(String index, boolean nulls) {
    String options = new Statement(index).from("WITH");
    String columns = index.substring(0, index.length() - options.length()).strip();
    return columns + (nulls ? " NULLS NOT DISTINCT" : "") + (options.isEmpty() ? "" : " " + options);
  }
}
