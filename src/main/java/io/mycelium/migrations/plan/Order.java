package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/** The order in which statements can run, found by trying: PostgreSQL alone knows all that depends on each other. */
final class Order {

  private Order() {}

  /**
   * The statements of one transaction in an order in which they run: each that fails is tried again after those that do
   * not. What is there already counts as a failure here.
   *
   * @param connection to a database that has what they need; it has nothing more afterwards
   * @param statements the statements
   * @return the same statements; in the order given if they run in none
   */
  static List<Statement> byTrying(Connection connection, List<Statement> statements) throws SQLException {
    List<Statement> ordered = new ArrayList<>();
    List<Statement> waiting = new ArrayList<>(statements);
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try {
      boolean progress = true;
      while (progress && !waiting.isEmpty()) {
        progress = false;
        for (Statement statement : List.copyOf(waiting)) {
          boolean early = statement.has("setval") && !statement.equals(waiting.get(0)); // of a sequence to be made
          if (!early && runs(connection, statement.without("IF", "NOT", "EXISTS"))) {
            ordered.add(statement);
            waiting.remove(statement);
            progress = true;
          }
        }
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    }
    return waiting.isEmpty() ? ordered : statements;
  }

  private static boolean runs(Connection connection, String sql) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
      connection.releaseSavepoint(before);
      return true;
    } catch (SQLException e) {
      connection.rollback(before);
      return false;
    }
  }
}
