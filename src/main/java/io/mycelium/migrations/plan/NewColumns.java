package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Columns that are added to a table with rows: such that the rows get what the column needs. */
final class NewColumns {

  private NewColumns() {}

  /**
   * The script with the default of a new column in its ADD COLUMN, which holds for the rows that are there, too: a
   * constant costs nothing, and what is NOT NULL needs one. So does an identity. A column that is NOT NULL without
   * either is added without it, and gets it by a statement of its own.
   *
   * @param script the statements
   * @param inUse whether a table, named without quotes, is there before the script
   */
  static List<Statement> of(List<Statement> script, Predicate<String> inUse) {
    List<Statement> merged = new ArrayList<>();
    Map<String, Integer> added = new LinkedHashMap<>();
    for (Statement statement : script) {
      String column = statement.object() + "." + statement.part();
      Integer place = added.get(column);
      if (statement.does("ALTER TABLE ADD COLUMN")) {
        added.put(column, merged.size());
        merged.add(statement);
      } else if (place != null && statement.does("ALTER TABLE ALTER COLUMN SET DEFAULT")
          && takesDefault(merged.get(place), statement)) {
        merged.set(place, with(merged.get(place), statement.rest().substring("SET ".length())));
      } else if (place != null && statement.does("ALTER TABLE ALTER COLUMN ADD GENERATED")) {
        merged.set(place, with(merged.get(place), statement.rest().substring("ADD ".length())));
      } else {
        merged.add(statement);
      }
    }
    List<Statement> required = new ArrayList<>();
    for (Statement statement : merged) {
      boolean requires = statement.does("ALTER TABLE ADD COLUMN") && inUse.test(Statement.plain(statement.object()))
          && statement.has("NOT", "NULL") && !statement.has("DEFAULT") && !statement.has("GENERATED");
      required.add(requires ? new Statement(statement.without("NOT", "NULL")) : statement);
      if (requires) {
        required.add(
            new Statement("ALTER TABLE " + statement.object() + " ALTER COLUMN " + statement.part() + " SET NOT NULL"));
      }
    }
    return required;
  }

  private static Statement with(Statement column, String clause) {
    return new Statement(column.sql() + " " + clause);
  }

  /** A default that calls a function may differ by row, so all rows would be written: only where they need one. */
  private static boolean takesDefault(Statement column, Statement value) {
    return !column.has("GENERATED") && (column.has("NOT", "NULL") || !value.has("("));
  }
}
