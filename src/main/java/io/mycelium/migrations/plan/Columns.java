package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Columns whose values come from an expression or a sequence, before a script or after it: their rows keep them. */
final class Columns {

  private static final String GUARD = Resource.text(Columns.class, "guard-generated.sql").strip();
  private static final String CONTINUE = Resource.text(Columns.class, "continue-sequence.sql").strip();

  private Columns() {}

  /**
   * The script without a loss of values: what was generated stays as it is where it no longer will be; what will be
   * generated must be what is there; and a new sequence goes on behind the values that are there.
   *
   * @param before the schema before the script
   */
  static List<Statement> kept(List<Statement> script, Schema before) {
    List<Statement> kept = new ArrayList<>();
    Set<Statement> done = new HashSet<>();
    Set<String> sequences = new HashSet<>();
    for (Statement statement : script) {
      String column = column(statement);
      String former = before.objects().get(column);
      Statement anew = statement.does("ALTER TABLE DROP COLUMN") && former != null ? added(script, column) : null;
      boolean wasGenerated = former != null && isGenerated(new Statement(former));
      if (done.contains(statement)) {
        continue;
      } else if (anew != null && wasGenerated && !isGenerated(anew)) {
        done.add(anew);
        kept.add(new Statement(
            "ALTER TABLE " + statement.object() + " ALTER COLUMN " + statement.part() + " DROP EXPRESSION IF EXISTS"));
        continue;
      } else if (anew != null && !wasGenerated && isGenerated(anew)) {
        kept.add(guard(statement, anew));
      }
      kept.add(becomesIdentity(statement, script)
          ? new Statement(statement.repeatable("syntax_error OR dependent_objects_still_exist"))
          : statement);
      if (statement.does("CREATE SEQUENCE")) {
        sequences.add(statement.object());
      } else if (statement.does("ALTER TABLE ALTER COLUMN ADD GENERATED") && former != null) {
        kept.add(continued(statement.object(), statement.part()));
      } else if (statement.does("ALTER SEQUENCE OWNED BY") && sequences.contains(statement.object())) {
        String owner = statement.from("OWNED", "BY").substring("OWNED BY".length()).strip();
        int point = owner.lastIndexOf('.');
        String table = point < 0 ? "" : owner.substring(0, point);
        String its = point < 0 ? "" : owner.substring(point + 1);
        if (before.objects().containsKey("column " + Statement.plain(table) + "." + Statement.plain(its))) {
          kept.add(continued(table, its));
        }
      }
    }
    return kept;
  }

  /** Whether it takes a default or its sequence from a column that becomes an identity, perhaps with that name. */
  private static boolean becomesIdentity(Statement statement, List<Statement> script) {
    return script.stream()
        .filter(other -> other.does("ALTER TABLE ALTER COLUMN ADD GENERATED"))
        .anyMatch(identity -> statement.does("ALTER TABLE ALTER COLUMN DROP DEFAULT")
            && column(statement).equals(column(identity))
            || statement.does("DROP SEQUENCE") && identity.has("NAME", statement.object()));
  }

  private static String column(Statement statement) {
    return "column " + Statement.plain(statement.object()) + "." + Statement.plain(statement.part());
  }

  private static Statement added(List<Statement> script, String column) {
    return script.stream()
        .filter(statement -> statement.does("ALTER TABLE ADD COLUMN") && column(statement).equals(column))
        .findFirst()
        .orElse(null);
  }

  /** Whether it makes a column that is generated from others. */
  static boolean isGenerated(Statement column) {
    return column.has("GENERATED", "ALWAYS", "AS", "(");
  }

  private static Statement guard(Statement drop, Statement anew) {
    String expression = anew.from("GENERATED", "ALWAYS", "AS").substring("GENERATED ALWAYS AS".length()).strip();
    String stored = new Statement(expression).from("STORED");
    String name = (drop.object() + "." + drop.part()).replace("'", "''");
    return new Statement(GUARD.formatted(drop.object(), drop.part(),
        expression.substring(0, expression.length() - stored.length()).strip(), name));
  }

  private static Statement continued(String table, String column) {
    return new Statement(
        CONTINUE.formatted(table.replace("'", "''"), Statement.plain(column).replace("'", "''"), column, table));
  }
}
