package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Rows that try a changeset: they fill the columns of a table up to the limits of their types. */
final class Rows {

  private static final String COLUMNS = Resource.text(Rows.class, "columns.sql");
  private static final String DIGEST =
      "select count(*) || ' ' || coalesce(md5(string_agg(%1$s::text, '|' order by %1$s::text)), '') from %2$s";

  private final Connection connection;
  private final Values values;
  private final Map<String, String> casts;

  /**
   * Rows of a database.
   *
   * @param values values of its types
   * @param casts types by table.column; a column gets only values that survive a cast to its type and back
   */
  Rows(Connection connection, Values values, Map<String, String> casts) {
    this.connection = connection;
    this.values = values;
    this.casts = casts;
  }

  /**
   * A column.
   *
   * @param type its type, as SQL has it
   * @param required whether a row has to give it a value
   * @param written whether a row may give it one
   * @param reference a query of the values that its foreign key allows; null if it has none
   * @param named values that the constraints of its table name
   */
  private record Column(String name, String type, boolean required, boolean written, String reference,
      List<String> named) {}

  /**
   * Adds rows to tables. Rows that a constraint refuses are left out.
   *
   * @param tables their names, without quotes
   * @return the tables that have no row afterwards
   */
  List<String> fill(Collection<String> tables) throws SQLException {
    List<String> empty = new ArrayList<>(tables);
    for (int round = 0; round < tables.size() && !empty.isEmpty(); round++) { // a table after those that it refers to
      int before = empty.size();
      for (String table : List.copyOf(empty)) {
        if (fill(table) > 0) {
          empty.remove(table);
        }
      }
      if (empty.size() == before) {
        break;
      }
    }
    return empty;
  }

  private int fill(String table) throws SQLException {
    Map<String, List<String>> values = new LinkedHashMap<>();
    List<Column> columns = columns(table);
    for (Column column : columns) {
      if (column.written) {
        values.put(column.name, expressions(column, casts.get(table + "." + column.name)));
      }
    }
    Map<String, String> least = leastRow(table, columns, values);
    if (least == null) {
      return 0;
    }
    int most = values.values().stream().mapToInt(List::size).max().orElse(0);
    for (int i = 1; i <= most; i++) {
      Map<String, String> row = nth(values, values.keySet(), i);
      if (!insert(table, row)) {
        for (Map.Entry<String, String> one : row.entrySet()) {
          Map<String, String> other = nth(values, least.keySet(), i);
          other.put(one.getKey(), one.getValue());
          insert(table, other);
        }
      }
    }
    return 1;
  }

  /** A row that the table takes; it is inserted. Null if none was found. */
  private Map<String, String> leastRow(String table, List<Column> columns, Map<String, List<String>> values)
      throws SQLException {
    for (int attempt = 0; attempt < 40; attempt++) {
      Map<String, String> row = new LinkedHashMap<>();
      for (Column column : columns) {
        List<String> some = values.get(column.name);
        if (column.required && some != null && !some.isEmpty()) {
          row.put(column.name, some.get(attempt * (row.size() + 1) % some.size()));
        }
      }
      if (insert(table, row)) {
        return row;
      }
    }
    return null;
  }

  /** A row with other values than the rows before it, as far as there are others. */
  private static Map<String, String> nth(Map<String, List<String>> values, Collection<String> columns, int number) {
    Map<String, String> row = new LinkedHashMap<>();
    for (String column : columns) {
      List<String> some = values.get(column);
      if (!some.isEmpty()) {
        row.put(column, some.get(number % some.size()));
      }
    }
    return row;
  }

  private List<String> expressions(Column column, String cast) throws SQLException {
    if (column.reference != null) {
      return List.of("(" + column.reference + " limit 1)", "(" + column.reference + " offset 1 limit 1)",
          "(" + column.reference + " offset 2 limit 1)");
    }
    List<String> expressions = new ArrayList<>();
    for (String value : values.of(column.type, column.named)) {
      if (cast == null || Conversion.survives(connection, value, column.type, cast)) {
        expressions.add("'" + value.replace("'", "''") + "'::" + column.type);
      }
    }
    return expressions;
  }

  private boolean insert(String table, Map<String, String> row) throws SQLException {
    String sql = row.isEmpty()
        ? "insert into " + Sql.quoted(table) + " default values"
        : "insert into %s (%s) values (%s)".formatted(Sql.quoted(table),
            row.keySet().stream().map(Sql::quoted).collect(Collectors.joining(", ")), String.join(", ", row.values()));
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return true;
    } catch (SQLException e) {
      return false; // a constraint or a trigger refuses the row
    }
  }

  /** Deletes all rows of tables, and what refers to them. */
  void delete(Collection<String> tables) throws SQLException {
    for (String table : tables) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("truncate " + Sql.quoted(table) + " cascade");
      }
    }
  }

  /** Gives a value to each row that has none in a column. */
  void fillIn(String table, String column) throws SQLException {
    for (Column one : columns(table)) {
      if (one.name.equals(column)) {
        for (String value : expressions(one, null)) {
          try (Statement statement = connection.createStatement()) {
            statement.execute("update %1$s set %2$s = %3$s where %2$s is null".formatted(Sql.quoted(table),
                Sql.quoted(column), value));
            return;
          } catch (SQLException e) {
            // a constraint refuses this value, but perhaps not the next one
          }
        }
      }
    }
  }

  private List<Column> columns(String table) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, Sql.quoted(table));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(new Column(rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getBoolean(4),
              rows.getString(5), List.of((String[]) rows.getArray(6).getArray())));
        }
      }
    }
    return columns;
  }

  /**
   * What is in the columns of tables.
   *
   * @param tables their names
   * @return by table.column a digest of the values, in no order; those of tables that are not there are left out
   */
  SortedMap<String, String> digests(Collection<String> tables) throws SQLException {
    SortedMap<String, String> digests = new TreeMap<>();
    for (String table : tables) {
      for (Column column : columns(table)) {
        try (Statement statement = connection.createStatement();
            ResultSet digest = statement.executeQuery(DIGEST.formatted(Sql.quoted(column.name), Sql.quoted(table)))) {
          digest.next();
          digests.put(table + "." + column.name, column.type + " " + digest.getString(1));
        }
      }
    }
    return digests;
  }
}
