package io.mycelium.migrations.report;

import io.mycelium.migrations.Resource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * How large the tables of a schema are, and their indexes.
 *
 * @param tables the largest first, its indexes after each
 */
public record Sizes(List<Entry> tables) {

  private static final String QUERY = Resource.text(Sizes.class, "sizes.sql");

  /**
   * A table or an index.
   *
   * @param table the table of an index; null for a table
   * @param rows as the statistics have it, -1 where they do not; of an index null
   * @param bytes its size; of a table without its indexes
   * @param scans how often queries have used the index since the statistics began; of a table null
   * @param size the same as bytes, for people
   */
  public record Entry(String name, String table, Long rows, long bytes, Long scans, String size) {}

  /**
   * Reads them.
   *
   * @param connection the connection, in whose current schema the tables stand
   * @param names their names
   */
  public static Sizes read(Connection connection, Collection<String> names) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setArray(1, connection.createArrayOf("text", names.toArray()));
      statement.setArray(2, connection.createArrayOf("text", names.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(new Entry(rows.getString(1), rows.getString(2), rows.getObject(3, Long.class), rows.getLong(4),
              rows.getObject(5, Long.class), rows.getString(6)));
        }
      }
    }
    // A table and its indexes together, where two tables are of one size.
    return new Sizes(entries.stream()
        .filter(entry -> entry.table == null)
        .flatMap(
            table -> Stream.concat(Stream.of(table), entries.stream().filter(index -> table.name.equals(index.table))))
        .toList());
  }
}
