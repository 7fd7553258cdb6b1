package io.mycelium.migrations.schema;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The SQL that turns a schema into another one.
 *
 * @param statements the statements, without a semicolon, in the order in which they can run
 * @param unwritten the names of the items for which pgCodeKeeper knows no SQL, such as a constraint that is NOT
 *          ENFORCED
 */
public record Script(List<String> statements, List<String> unwritten) {

  /**
   * Writes it.
   *
   * @param from the schema to start from
   * @param to the schema to reach
   * @param wanted the names of the items to change
   */
  static Script of(Schema from, Schema to, Collection<String> wanted) throws InterruptedException {
    Set<String> statements = new LinkedHashSet<>();
    List<String> unwritten = new ArrayList<>();
    try {
      statements.addAll(from.model().script(to.model(), withTablesOfColumns(from, to, wanted)));
    } catch (IOException e) { // one by one, so that the others are written
      for (String name : wanted) {
        try {
          statements.addAll(from.model().script(to.model(), withTablesOfColumns(from, to, List.of(name))));
        } catch (IOException unknown) {
          unwritten.add(name);
        }
      }
    }
    for (String name : wanted) {
      Item is = from.unmodelled().get(name);
      Item wish = to.unmodelled().get(name);
      if (wish != null) {
        statements.add(wish.definition());
      } else if (is != null) {
        statements.add(is.undo());
      }
    }
    statements.addAll(lostPrivileges(from, to, statements));
    return new Script(List.copyOf(statements), unwritten);
  }

  /** What gives the installation's roles again what they had on objects that the statements drop and make anew. */
  private static List<String> lostPrivileges(Schema from, Schema to, Collection<String> statements) {
    Set<String> drops = statements.stream()
        .filter(statement -> statement.startsWith("DROP "))
        .map(statement -> withoutArguments(Sql.unqualified(statement, from.model().schema())))
        .collect(Collectors.toSet());
    List<String> lost = new ArrayList<>();
    from.model().privileges().forEach((name, privileges) -> {
      String object = name.replaceFirst("privileges of .* on (.*)", "$1");
      if (to.items().containsKey(object) && drops.contains(withoutArguments("drop " + object))) {
        lost.addAll(List.of(privileges.definition().split(";\n")));
      }
    });
    return lost;
  }

  private static String withoutArguments(String routine) {
    return routine.replaceFirst("(?s)\\(.*", "").toLowerCase(Locale.ROOT);
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
