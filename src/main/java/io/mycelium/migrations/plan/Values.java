package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values of a type at its limits: the longest, the largest, the finest, the odd ones. */
final class Values {

  private static final String SQL = Resource.text(Values.class, "values.sql");

  /** How many of a type are enough to try a column. */
  private static final int MOST = 16;

  private final Connection connection;
  private final Map<String, List<String>> known = new HashMap<>();

  Values(Connection connection) {
    this.connection = connection;
  }

  /**
   * The values that a type takes, as text.
   *
   * @param type a type with its length and the like, as SQL has it
   * @param more values that the type may take as well, such as those that a constraint names
   */
  List<String> of(String type, List<String> more) throws SQLException {
    String key = type + " " + more;
    List<String> values = known.get(key);
    if (values == null) {
      values = read(type, more);
      known.put(key, values);
    }
    return values;
  }

  private List<String> read(String type, List<String> more) throws SQLException {
    List<String> values = new ArrayList<>();
    try (PreparedStatement candidates = connection.prepareStatement(SQL);
        PreparedStatement cast = connection.prepareStatement("select cast(? as " + type + ")::text")) {
      candidates.setString(1, type);
      candidates.setArray(2, connection.createArrayOf("text", more.toArray()));
      try (ResultSet rows = candidates.executeQuery()) {
        while (rows.next() && values.size() < MOST) {
          cast.setString(1, rows.getString(1));
          if (takes(cast)) {
            values.add(rows.getString(1));
          }
        }
      }
    }
    return values;
  }

  /** Whether the type takes the value. Not every type's input can say so without an error. */
  private static boolean takes(PreparedStatement cast) {
    try (ResultSet value = cast.executeQuery()) {
      return value.next();
    } catch (SQLException e) {
      return false;
    }
  }
}
