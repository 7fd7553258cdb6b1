package io.mycelium.migrations.report;

import io.mycelium.migrations.Refused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What one of a database's own checks found, a row of its {@code schema_health()}.
 *
 * @param state {@code ok}, {@code warning} or {@code problem}
 * @param remedy SQL or a command; null where nothing is to be done
 */
public record Finding(String check, String state, String detail, String remedy) {

  private static final String FUNCTION = "schema_health(bigint)";

  /**
   * Asks the database.
   *
   * @return what it found, in the order of its checks
   * @throws Refused if it does not have the function, or this role may not call it; the message says what to do
   */
  public static List<Finding> read(Connection connection) throws SQLException, Refused {
    List<Finding> findings = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      if (!hasFunction(statement)) {
        throw new Refused("schema_health() is not in schema " + connection.getSchema()
            + ", as before release 1.1, which brings it:" + " mvn initialize liquibase:update, or: liquibase update");
      }
      try (ResultSet rows = statement.executeQuery("select * from schema_health()")) {
        while (rows.next()) {
          findings.add(new Finding(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4)));
        }
      }
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new Refused(e.getMessage() + "; have the schema's owner run: GRANT EXECUTE ON FUNCTION schema_health TO "
            + connection.getMetaData().getUserName());
      }
      throw e;
    }
    return findings;
  }

  private static boolean hasFunction(Statement statement) throws SQLException {
    try (ResultSet there = statement.executeQuery("select to_regprocedure('" + FUNCTION + "') is not null")) {
      return there.next() && there.getBoolean(1);
    }
  }
}
