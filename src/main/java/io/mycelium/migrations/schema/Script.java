package io.mycelium.migrations.schema;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The SQL that turns a schema into another one. */
final class Script {

  private Script() {}

  /**
   * Writes it.
   *
   * @param from the schema to start from
   * @param to the schema to reach
   * @param wanted the names of the items to change
   * @return the statements, without a semicolon, in the order in which they can run
   * @throws IOException if pgCodeKeeper cannot read its own script; the message says where
   */
  static List<String> of(Schema from, Schema to, Collection<String> wanted) throws IOException, InterruptedException {
    List<String> statements = from.model().script(to.model(), withTablesOfColumns(from, to, wanted));
    for (String name : wanted) {
      Item is = from.unmodelled().get(name);
      Item wish = to.unmodelled().get(name);
      if (wish != null) {
        statements.add(wish.definition());
      } else if (is != null) {
        statements.add(is.undo());
      }
    }
    return statements;
  }

  /** A column is changed together with its table. */
  private static Set<String> withTablesOfColumns(Schema from, Schema to, Collection<String> wanted) {
    Set<String> all = new HashSet<>(wanted);
    for (String name : wanted) {
      for (Schema schema : List.of(from, to)) {
        if (name.startsWith("column ") && schema.items().containsKey(name)) {
          all.add(schema.items().get(name).relation());
        }
      }
    }
    return all;
  }
}
