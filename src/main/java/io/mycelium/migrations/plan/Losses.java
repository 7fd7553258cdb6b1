package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Statement;
import java.util.List;

/** What a script loses though it stays: pgCodeKeeper drops and makes anew what PostgreSQL cannot alter. */
final class Losses {

  private Losses() {}

  /**
   * A table or column that a script drops, though the schemas before and after it have it; null if none.
   *
   * @param asked what may be dropped
   */
  static String of(List<Statement> script, Schema before, Schema after, Asked asked) {
    for (Statement statement : script) {
      if (!statement.does("DROP TABLE", "ALTER TABLE DROP COLUMN")) {
        continue;
      }
      String table = Statement.plain(statement.object());
      boolean whole = statement.does("DROP TABLE");
      String name = whole ? table : table + "." + Statement.plain(statement.part());
      String object = (whole ? "table " : "column ") + name;
      String kept = after.objects().get(object);
      if (kept != null && before.objects().containsKey(object) && !asked.drops().contains(name)
          && !Columns.isGenerated(new Statement(kept))) {
        return name;
      }
    }
    return null;
  }
}
