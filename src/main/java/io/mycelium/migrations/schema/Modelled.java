package io.mycelium.migrations.schema;

import java.util.List;

/**
 * What {@link CodeKeeper} says of an object, or of a part of one.
 *
 * @param item it, as it is compared
 * @param kind such as {@code table} or {@code materialized view}
 * @param name its name alone, and of a routine the types of its arguments
 * @param comment its comment as a literal; null if there is none
 * @param file the path of the file that makes it; null for a part, which stands in the file of the whole
 * @param column what only a column has; else null
 * @param constraint what only a constraint has; else null
 * @param returns what a function returns; else null
 */
record Modelled(Item item, String kind, String name, String comment, String file, Column column, Constraint constraint,
    String returns) {

  /**
   * What only a column has.
   *
   * @param defaultValue the expression; null if there is none
   */
  record Column(String type, boolean nullable, String defaultValue) {}

  /**
   * What only a constraint has.
   *
   * @param key {@code PK}, {@code UK}, {@code FK} or nothing
   * @param definition what stands after its name
   * @param columns the columns that it constrains
   * @param foreignTable the table that a foreign key refers to; else null
   */
  record Constraint(String key, String definition, List<String> columns, String foreignTable) {}
}
