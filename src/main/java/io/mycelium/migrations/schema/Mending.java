package io.mycelium.migrations.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The SQL that mends a drift, for a person to read and to run. */
public final class Mending {

  private static final String HEAD = """
      -- What would make the schema the one that its applied migrations define. Read it before you run it.
      -- It is one transaction: where a statement fails, nothing is changed.
      """;

  private Mending() {}

  /**
   * Writes it. Statements that lose data are commented out: a person has to decide on them. Those that take something
   * else away are marked.
   *
   * @param found the schema that has drifted
   * @param expected what it ought to be
   * @param drift the differences to mend
   */
  public static String of(Schema found, Schema expected, List<Difference> drift) throws InterruptedException {
    Script script = found.script(expected, drift.stream().map(Difference::object).toList());
    StringBuilder sql = new StringBuilder(HEAD);
    for (Difference difference : drift) {
      if (script.unwritten().contains(difference.object())) {
        sql.append("-- NOT WRITTEN, so mend it by hand: ")
            .append(difference.object())
            .append(difference.expected() == null ? "; it ought not to be there\n" : "; it ought to be\n")
            .append(commentedOut(difference.expected() == null ? "" : difference.expected()));
      }
    }
    List<String> alone = script.statements().stream().filter(Sql::runsAlone).toList();
    List<String> together = new ArrayList<>(script.statements());
    together.removeAll(alone);
    if (!together.isEmpty()) {
      sql.append("\nBEGIN;\n\n").append(marked(together)).append("\nCOMMIT;\n");
    }
    if (!alone.isEmpty()) {
      sql.append("\n-- In no transaction, since PostgreSQL runs these alone.\n").append(marked(alone));
    }
    return sql.toString();
  }

  private static String marked(List<String> statements) {
    return statements.stream().map(Mending::marked).collect(Collectors.joining("\n"));
  }

  private static String marked(String statement) {
    String loss = Sql.loss(statement);
    String sql = statement + ";\n";
    return loss == null ? sql : "-- " + loss + ":\n" + (Sql.losesData(statement) ? commentedOut(sql) : sql);
  }

  private static String commentedOut(String sql) {
    return sql.lines().map(line -> "-- " + line + "\n").collect(Collectors.joining());
  }
}
