package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Sql;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The comments that a person has to write: each new object is to say what it is for. */
final class Comments {

  private static final String TODO = " IS 'TODO what it means'";
  private static final List<String> KINDS =
      List.of("table", "column", "view", "materialized view", "index", "function", "procedure");
  /** What stands between the statements of a definition. */
  private static final String NEXT = ";\n\n";

  private Comments() {}

  /**
   * Statements for the comments that new objects and their parts lack.
   *
   * @param made the differences of the schema before from the one after
   * @param after the schema after
   * @param goal the schema in the end: what is not in it, as a check that only proves something, needs no comment
   */
  static List<String> missing(List<Difference> made, Schema after, Schema goal) {
    List<String> missing = new ArrayList<>();
    for (Difference difference : made) {
      if (difference.expected() == null && goal.objects().containsKey(difference.object())) {
        add(missing, difference.object(), difference.relation(), after);
        for (String part : after.parts(difference.object())) {
          add(missing, part, difference.object(), after);
        }
      }
    }
    return missing;
  }

  private static void add(List<String> missing, String object, String relation, Schema after) {
    for (String kind : KINDS) {
      String definition = after.objects().get(object);
      if (object.startsWith(kind + " ") && definition != null && !definition.startsWith("COMMENT ON ")
          && !definition.contains(NEXT + "COMMENT ON ")) {
        missing.add("COMMENT ON " + kind.toUpperCase(Locale.ROOT) + " "
            + quoted(kind, object.substring(kind.length() + 1), relation) + TODO);
      }
    }
  }

  private static String quoted(String kind, String name, String relation) {
    if (kind.equals("column")) {
      String table = relation.substring(relation.indexOf(' ') + 1);
      return Sql.quoted(table) + "." + Sql.quoted(name.substring(table.length() + 1));
    }
    boolean routine = kind.equals("function") || kind.equals("procedure"); // its name stands as in SQL
    return routine ? name : Sql.quoted(name);
  }

  /** A definition without these comments. */
  static String without(String definition) {
    return Arrays.stream(definition.split(NEXT))
        .map(statement -> statement.endsWith(";") ? statement.substring(0, statement.length() - 1) : statement)
        .filter(statement -> !statement.endsWith(TODO))
        .collect(Collectors.joining(NEXT));
  }
}
