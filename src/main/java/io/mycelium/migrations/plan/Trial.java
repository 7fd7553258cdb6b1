package io.mycelium.migrations.plan;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Resource;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.schema.Catalogs;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs what was written for a plan as it will run: by Liquibase, from its files, each changeset and each rollback twice
 * as after a killed run, on rows and with privileges. PostgreSQL's own catalogs judge, and not the model that wrote it.
 */
public final class Trial {

  private static final String GRANT = Resource.text(Trial.class, "grant.sql");
  private static final String RIGHTS = Resource.text(Trial.class, "rights.sql");
  private static final String REVOKE = """
      do $$ begin
        if exists (select from pg_roles where rolname = 'mycelium_trial') then
          drop owned by mycelium_trial;
          drop role mycelium_trial;
        end if;
      end $$""";

  private final Connection scratch;
  private final Plan plan;
  private final Runs runs;
  private final Values values;
  private Rows rows;
  private boolean rollsBackRows = true;
  private final List<String> notes = new ArrayList<>();

  private Trial(Connection scratch, Plan plan, Runs runs) {
    this.scratch = scratch;
    this.plan = plan;
    this.runs = runs;
    this.values = new Values(scratch);
  }

  /**
   * Runs it.
   *
   * @param scratch a database with the schema that the plan starts from
   * @param changelog the changelog with the plan's changesets at its end
   * @param plan the plan
   * @param ids the changesets' ids, one for each step
   * @return what is to be said of it
   * @throws Refused if a changeset fails, or if it loses a value or a privilege that was not asked for; the message
   *           says which
   */
  public static List<String> run(Connection scratch, Changelog changelog, Plan plan, List<String> ids)
      throws Exception {
    Trial trial = new Trial(scratch, plan, new Runs(scratch, changelog, ids, plan.steps()));
    try {
      trial.run();
      return trial.notes;
    } finally {
      trial.execute(REVOKE);
    }
  }

  private void run() throws Exception {
    Catalogs original = Catalogs.of(scratch);
    execute(GRANT);
    fill();
    State before = state();
    runs.update(true);
    State after = state();
    refuseWhatIsLost(before, after, "");
    notes.addAll(plan.lacks(scratch));
    if (undoable()) {
      if (!rollsBackRows) {
        rows.delete(tables());
      }
      runs.rollBack(true);
      if (rollsBackRows) {
        judgeRollback(before, state());
      }
      execute(REVOKE); // else what was dropped and made anew would lack the trial's own privileges
      original.differences(Catalogs.of(scratch)).forEach(line -> notes.add("the rollback is not whole: " + line));
      execute(GRANT);
      if (rollsBackRows) {
        tryRollbackOfNewRows();
      }
    }
  }

  private boolean undoable() {
    return plan.steps().stream().allMatch(Step::undoable);
  }

  /** Fills the tables with rows that both schemas allow: those that are there after an update and its rollback. */
  private void fill() throws Exception {
    SortedMap<String, String> before = new Rows(scratch, values, Map.of()).digests(plan.tables());
    Map<String, String> former = new HashMap<>();
    for (String column : casts().keySet()) {
      if (before.containsKey(column)) {
        former.put(renamed(column), type(before.get(column)));
      }
    }
    rows = new Rows(scratch, values, undoable() ? former : casts());
    List<String> empty;
    if (undoable()) {
      Constraints constraints = Constraints.of(scratch, tables());
      runs.update(false);
      constraints.add();
      empty = rows.fill(tables());
      constraints.drop();
      rollsBackRows = rollsBack();
      if (!rollsBackRows) {
        rows.delete(tables());
        runs.rollBack(false);
        empty = new Rows(scratch, values, casts()).fill(tables());
      }
    } else {
      empty = rows.fill(tables());
    }
    if (!empty.isEmpty()) {
      notes.add("tried without rows, since none was found that its constraints allow: " + String.join(", ", empty));
    }
  }

  /** The new types of columns, by table.column. */
  private Map<String, String> casts() {
    Map<String, String> casts = new HashMap<>();
    plan.steps().forEach(step -> casts.putAll(step.cast()));
    return casts;
  }

  private List<String> tables() {
    return plan.tables().stream().filter(this::exists).toList();
  }

  /** Rows that clients write after the update are there after the rollback as well, or else it fails. */
  private void tryRollbackOfNewRows() throws Exception {
    runs.update(false);
    rows = new Rows(scratch, values, Map.of());
    rows.fill(tables());
    State before = state();
    if (rollsBack()) {
      refuseWhatIsLost(before, state(), "the rollback of ");
    }
  }

  /** Rolls back. The answer is false if it fails because of what is in the rows: nothing is lost without a word. */
  private boolean rollsBack() throws Exception {
    try {
      runs.rollBack(false);
      return true;
    } catch (Refused e) {
      if (!Failure.isOfData(e.getCause())) {
        throw e;
      }
      notes.add("the rollback fails where rows have values that the former schema does not take: "
          + Failure.words(e.getCause()));
      return false;
    }
  }

  /**
   * What is there.
   *
   * @param values the digest of each column's values
   * @param rights what a role may do with each object
   */
  private record State(SortedMap<String, String> values, Map<String, Set<String>> rights) {}

  private State state() throws Exception {
    return new State(rows.digests(plan.tables()), rights());
  }

  private void refuseWhatIsLost(State before, State after, String which) throws Refused {
    Set<String> lost = new TreeSet<>();
    before.values.forEach((column, digest) -> {
      String now = after.values.get(renamed(column));
      boolean retyped = now != null && !type(now).equals(type(digest));
      if (now == null ? !isAskedFor(column) && which.isEmpty() : !retyped && !now.equals(digest) && !isFilled(column)) {
        lost.add("values of " + column);
      }
    });
    before.rights.forEach((object, rights) -> {
      Set<String> missing = new TreeSet<>(rights);
      missing.removeAll(after.rights.getOrDefault(object, rights));
      if (!missing.isEmpty()) {
        lost.add("privileges on " + object + " (" + String.join(", ", missing) + ")");
      }
    });
    if (!lost.isEmpty()) {
      throw new Refused("cannot be written, since a trial on rows in a scratch database shows what " + which
          + plan.steps().get(0).name() + " would lose: " + String.join("; ", lost)
          + ". Nothing was written; if values may be lost, say so: -Ddrop=table.column; else write it by hand:"
          + " mvn -Pnew");
    }
  }

  private static String type(String digest) {
    return digest.replaceFirst(" \\d+ \\w*$", "");
  }

  private boolean isAskedFor(String column) {
    return plan.asked().drops().contains(column)
        || plan.asked().drops().contains(column.substring(0, column.indexOf('.')));
  }

  private boolean isFilled(String column) {
    return plan.steps().stream().anyMatch(step -> column.equals(step.filled()));
  }

  /** A column's name after the renames. */
  private String renamed(String column) {
    String table = column.substring(0, column.indexOf('.'));
    String name = column.substring(table.length() + 1);
    Map<String, String> renames = plan.asked().renames();
    return renames.getOrDefault(table, table) + "." + renames.getOrDefault(column, name);
  }

  private void judgeRollback(State before, State after) throws Refused {
    for (Map.Entry<String, String> column : before.values.entrySet()) {
      boolean asked = isAskedFor(column.getKey()) || isFilled(column.getKey());
      if (!asked && !column.getValue().equals(after.values.get(column.getKey()))) {
        throw new Refused("cannot be written, since its rollback would lose values of " + column.getKey()
            + ". Nothing was written; write it by hand: mvn -Pnew");
      }
    }
  }

  private Map<String, Set<String>> rights() throws SQLException {
    Map<String, Set<String>> rights = new TreeMap<>();
    try (Statement statement = scratch.createStatement(); ResultSet rowsOfRights = statement.executeQuery(RIGHTS)) {
      while (rowsOfRights.next()) {
        rights.computeIfAbsent(rowsOfRights.getString(1), object -> new TreeSet<>()).add(rowsOfRights.getString(2));
      }
    }
    return rights;
  }

  private boolean exists(String table) {
    try (PreparedStatement statement = scratch.prepareStatement("select to_regclass(quote_ident(?)) is not null")) {
      statement.setString(1, table);
      try (ResultSet there = statement.executeQuery()) {
        return there.next() && there.getBoolean(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = scratch.createStatement()) {
      statement.execute(sql);
    }
  }
}
