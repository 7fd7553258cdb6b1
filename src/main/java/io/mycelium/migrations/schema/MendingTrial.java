package io.mycelium.migrations.schema;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a trial of the SQL that mends a drift has shown. It runs in a scratch database that gets the drifted schema, and
 * not in the drifted database: there it would take locks from clients.
 *
 * @param failures what each statement fails with that fails
 * @param left the names of the objects that are not mended after all others have run
 * @param untried the names of the objects that cannot be made in the scratch database as they are found
 */
record MendingTrial(Map<String, String> failures, Set<String> left, Set<String> untried) {

  /**
   * Runs it.
   *
   * @param scratch an empty database
   * @param found the schema that has drifted
   * @param expected what it ought to be
   * @param drift what is to be mended
   * @param statements the SQL
   */
  static MendingTrial of(Connection scratch, Schema found, Schema expected, List<Difference> drift,
      List<String> statements) throws Exception {
    failure(scratch, "set check_function_bodies = off");
    for (String make : found.creation()) {
      failure(scratch, make); // what this leaves undone is seen below
    }
    failure(scratch, "reset check_function_bodies");
    Set<String> wanted = names(drift);
    Set<String> untried = names(found.differences(Snapshot.of(scratch, Schema::read)));
    untried.retainAll(wanted);
    Map<String, String> failures = new LinkedHashMap<>();
    for (String statement : statements) {
      String failure = failure(scratch, statement);
      if (failure != null) {
        failures.put(statement, failure);
      }
    }
    Set<String> left = names(expected.differences(Snapshot.of(scratch, Schema::read)));
    left.retainAll(wanted);
    left.removeAll(untried);
    return new MendingTrial(failures, left, untried);
  }

  private static Set<String> names(List<Difference> differences) {
    return differences.stream().map(Difference::object).collect(Collectors.toCollection(TreeSet::new));
  }

  /** Runs a statement. The answer is what it fails with; null if it does not. */
  private static String failure(Connection scratch, String sql) {
    try (Statement statement = scratch.createStatement()) {
      statement.execute(sql);
      return null;
    } catch (SQLException e) {
      return e.getMessage().lines().findFirst().orElse("");
    }
  }
}
