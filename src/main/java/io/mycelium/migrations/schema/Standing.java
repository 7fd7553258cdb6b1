package io.mycelium.migrations.schema;

import io.mycelium.migrations.Resource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * An object that stands for itself in a schema or in the database as a whole, of whatever kind.
 *
 * @param catalog the catalog that holds it
 * @param item its kind and name, as {@link Item} has them, without arguments
 * @param named its kind and name, as PostgreSQL has them
 */
record Standing(String catalog, String item, String named) {

  /** Writes the query for this version of PostgreSQL, so that it forgets no kind. */
  private static final String QUERY = Resource.text(Standing.class, "standing.sql");

  /** Reads those of the current schema of a connection, and of its database. */
  static List<Standing> read(Connection connection) throws SQLException {
    List<Standing> all = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = DatabaseReader.runWritten(statement, QUERY)) {
      while (rows.next()) {
        all.add(new Standing(rows.getString(1), rows.getString(2), rows.getString(3)));
      }
    }
    return all;
  }
}
