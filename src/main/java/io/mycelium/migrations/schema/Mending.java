package io.mycelium.migrations.schema;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The SQL that mends a drift, for a person to read and to run. */
public final class Mending {

  private static final String HEAD = """
      -- What would make the schema the one that its applied migrations define. Read it before you run it.
      -- It is one transaction: where a statement fails, nothing is changed.
      """;

  private Mending() {}

  /** Where the SQL can be tried. */
  public interface Scratch {

    /** None. */
    Scratch NONE = trial -> {
      throw new Refused("no scratch database was asked for");
    };

    /**
     * Does something in an empty database.
     *
     * @throws Refused if there is none; the message says why
     */
    Object use(Snapshot.Reading<Object> trial) throws Exception;
  }

  /**
   * Writes it. Statements that lose data, or that fail in the trial, are commented out: a person has to decide on them.
   * Those that take something else away are marked. What they do not mend is said by name.
   *
   * @param found the schema that has drifted
   * @param expected what it ought to be
   * @param drift the differences to mend
   * @param scratch where it is tried
   */
  public static String of(Schema found, Schema expected, List<Difference> drift, Scratch scratch) throws Exception {
    Script script = found.script(expected, drift.stream().map(Difference::object).toList());
    MendingTrial trial = new MendingTrial(Map.of(), Set.of(), Set.of());
    StringBuilder sql = new StringBuilder(HEAD);
    try {
      trial = (MendingTrial) scratch
          .use(connection -> MendingTrial.of(connection, found, expected, drift, script.statements()));
      sql.append("-- It was tried in a scratch database that had the drifted schema")
          .append(trial.untried().isEmpty() ? "" : ", but for " + String.join(", ", trial.untried()))
          .append(".\n");
    } catch (Refused | IOException | SQLException e) { // the report is worth more than the trial
      sql.append(commentedOut("It was not tried: " + e.getMessage()));
    }
    for (Difference difference : drift) {
      boolean unwritten = script.unwritten().contains(difference.object());
      if (unwritten || trial.left().contains(difference.object())) {
        sql.append(unwritten ? "-- NOT WRITTEN" : "-- NOT MENDED")
            .append(", so mend it by hand: ")
            .append(difference.object())
            .append(difference.expected() == null ? "; it ought not to be there\n" : "; it ought to be\n")
            .append(commentedOut(difference.expected() == null ? "" : difference.expected()));
      }
    }
    List<String> alone = script.statements().stream().filter(Sql::runsAlone).toList();
    List<String> together = new ArrayList<>(script.statements());
    together.removeAll(alone);
    if (!together.isEmpty()) {
      sql.append("\nBEGIN;\n\n").append(marked(together, trial)).append("\nCOMMIT;\n");
    }
    if (!alone.isEmpty()) {
      sql.append("\n-- In no transaction, since PostgreSQL runs these alone.\n").append(marked(alone, trial));
    }
    return sql.toString();
  }

  private static String marked(List<String> statements, MendingTrial trial) {
    return statements.stream()
        .map(statement -> marked(statement, trial.failures().get(statement)))
        .collect(Collectors.joining("\n"));
  }

  private static String marked(String statement, String failure) {
    String loss = Sql.loss(statement);
    String mark = (failure == null ? "" : "-- FAILS: " + failure + "\n") + (loss == null ? "" : "-- " + loss + ":\n");
    String sql = statement + ";\n";
    return mark + (failure != null || Sql.losesData(statement) ? commentedOut(sql) : sql);
  }

  private static String commentedOut(String sql) {
    return sql.lines().map(line -> "-- " + line + "\n").collect(Collectors.joining());
  }
}
