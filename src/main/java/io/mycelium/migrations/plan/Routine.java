package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** A routine whose search_path is its own schema, whatever that is called where the changeset runs. */
final class Routine {

  private static final String SET = """
      DO $$
      BEGIN
          EXECUTE format('ALTER %s %s SET search_path = %%I%s', current_schema());
      END $$""";

  private Routine() {}

  /**
   * The statement, and for a routine that sets its search_path to its schema another one that does so.
   *
   * @param statement any statement
   * @param schema the schema's name
   * @param objects the kinds and names of the objects that the routine may be
   */
  static List<Statement> withItsSchemaInSearchPath(Statement statement, String schema, Collection<String> objects) {
    String setting = statement.from("SET", "search_path", "TO");
    if (!statement.does("CREATE FUNCTION", "CREATE PROCEDURE") || setting.isEmpty()) {
      return List.of(statement);
    }
    String line = setting.lines().findFirst().orElseThrow();
    String path = line.substring(line.indexOf('\''));
    String first = "'" + schema.replace("'", "''") + "'";
    String kind = statement.what().substring("CREATE ".length());
    String begin = kind.toLowerCase(Locale.ROOT) + " " + statement.object() + "(";
    List<String> signatures = objects.stream().filter(object -> object.startsWith(begin)).toList();
    if (!path.startsWith(first) || signatures.size() != 1) {
      return List.of(statement);
    }
    int at = statement.sql().length() - setting.length();
    String without = statement.sql().substring(0, at).stripTrailing() + setting.substring(line.length());
    String signature = statement.object() + signatures.get(0).substring(begin.length() - 1);
    return List.of(new Statement(without),
        new Statement(SET.formatted(kind, signature, path.substring(first.length()).replace("'", ""))));
  }
}
