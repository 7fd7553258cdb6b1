package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.CurrentSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The database of the commands {@link Embed}, {@link Search} and {@link Sample}, and small queries to it. */
final class AgentsDatabase {

  private AgentsDatabase() {}

  /**
   * Connects to the database that the POM names, with the time limits of a migration.
   *
   * @param profile the profile that needs it
   * @throws Refused if the POM names no database, if it does not answer, or if it has no table agents
   */
  static Connection connect(String profile) throws Refused {
    Connection connection = FromMaven.connect(profile);
    try {
      CurrentSchema.of(connection);
      if (one(connection, "select to_regclass('agents')") == null) {
        connection.close();
        throw new Refused("there is no table agents in this database; make it: mvn initialize liquibase:update"
            + " (the embedded one: mvn -Plocal)");
      }
      return connection;
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }

  /** The column of the embeddings, as the POM or the command line names it. */
  static String column() {
    return System.getProperty("embedding.column");
  }

  /** The one value that a query answers, as text; null if it is null or there is no row. */
  static String one(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? result.getString(1) : null;
      }
    }
  }

  /** The type of a column of agents, such as {@code vector(384)}; null if there is none of that name. */
  static String type(Connection connection, String column) throws SQLException {
    return one(connection, """
        select regexp_replace(format_type(atttypid, atttypmod), '.*[.]', '') from pg_attribute
        where attrelid = to_regclass('agents') and attname = ? and not attisdropped""", column);
  }

  /**
   * The type of the column of the embeddings.
   *
   * @throws Refused if there is none of that name
   */
  static String embeddingType(Connection connection, String column) throws SQLException, Refused {
    String type = type(connection, column);
    if (type == null) {
      throw new Refused("agents has no column " + column + "; -Dembedding.column names that of the embeddings");
    }
    return type;
  }
}
