package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The constraints of one schema, which tables of another one can have for a time, as far as they fit. */
final class Constraints {

  private static final String SQL = Resource.text(Constraints.class, "constraints.sql");

  private final Connection connection;
  private final Map<String, List<String>> definitions = new LinkedHashMap<>();
  private final List<String> drops = new ArrayList<>();

  private Constraints(Connection connection) {
    this.connection = connection;
  }

  /** Reads those of tables. */
  static Constraints of(Connection connection, List<String> tables) throws SQLException {
    Constraints constraints = new Constraints(connection);
    for (String table : tables) {
      try (PreparedStatement statement = connection.prepareStatement(SQL)) {
        statement.setString(1, Sql.quoted(table));
        statement.setString(2, Sql.quoted(table));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            constraints.definitions.computeIfAbsent(Sql.quoted(table), name -> new ArrayList<>())
                .add(rows.getString(1));
          }
        }
      }
    }
    return constraints;
  }

  /** Adds them to the same tables. What no longer fits is left out. */
  void add() {
    definitions.forEach((table, ofTable) -> {
      for (String definition : ofTable) {
        String name = "mycelium_trial_" + drops.size();
        if (execute("alter table %s add constraint %s %s".formatted(table, name, definition))) {
          drops.add("alter table %s drop constraint %s".formatted(table, name));
        }
      }
    });
  }

  /** Drops them again. */
  void drop() {
    drops.forEach(this::execute);
  }

  private boolean execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }
}
