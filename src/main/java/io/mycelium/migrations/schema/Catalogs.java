package io.mycelium.migrations.schema;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.mycelium.migrations.Resource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that PostgreSQL's own catalogs say of a database, with names in place of numbers: a judge that knows no list of
 * kinds, and so forgets none. Two databases of one server, or one before and after, have the same schema if it is
 * equal. For two versions of PostgreSQL, whose catalogs differ, there is {@link Schema}.
 *
 * <p>
 * Not in it are the order of a table's columns, since a column that is dropped and added again stands at the end; what
 * extensions and initdb made; Liquibase's own tables; and roles, which are the server's. Owners are in it: who compares
 * what two roles made finds that.
 *
 * @param rows the rows as JSON, by their catalogs and names; more than one under a name that PostgreSQL makes itself
 */
public record Catalogs(SortedMap<String, SortedSet<String>> rows) {

  /** Writes the query for this version of PostgreSQL. */
  private static final String QUERY = Resource.text(Catalogs.class, "catalogs.sql");

  /**
   * Reads those of a connection's database. It leaves no trace, also in a transaction that may only read.
   *
   * @param connection one in autocommit mode, or in a transaction, which stays open
   * @throws SQLException if that fails. What the role may not read, such as user mappings, is left out
   */
  public static Catalogs of(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    Savepoint before = connection.setSavepoint();
    SortedMap<String, SortedSet<String>> all = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      statement.execute(DatabaseReader.SETTINGS + "; set local search_path = pg_catalog; set local jit = off");
      try (ResultSet rows = DatabaseReader.runWritten(statement, QUERY)) {
        while (rows.next()) {
          all.computeIfAbsent(rows.getString(1), name -> new TreeSet<>()).add(rows.getString(2));
        }
      }
    } finally {
      connection.rollback(before); // undoes the settings
      connection.setAutoCommit(autoCommit);
    }
    return new Catalogs(all);
  }

  /**
   * What is otherwise in another one.
   *
   * @param after the other one
   * @return the rows that are lost, new or changed, by name; of a changed one only the columns that differ
   */
  public List<String> differences(Catalogs after) {
    List<String> differences = new ArrayList<>();
    SortedSet<String> names = new TreeSet<>(rows.keySet());
    names.addAll(after.rows.keySet());
    for (String name : names) {
      List<String> lost = minus(rows.get(name), after.rows.get(name));
      List<String> made = minus(after.rows.get(name), rows.get(name));
      if (lost.size() == 1 && made.size() == 1) {
        differences.add("changed: " + name + ": " + changes(lost.get(0), made.get(0)));
      } else {
        lost.forEach(row -> differences.add("lost: " + name + ": " + row));
        made.forEach(row -> differences.add("new: " + name + ": " + row));
      }
    }
    return differences;
  }

  private static List<String> minus(SortedSet<String> all, SortedSet<String> others) {
    List<String> rest = new ArrayList<>(all == null ? List.of() : all);
    rest.removeAll(others == null ? List.of() : others);
    return rest;
  }

  private static String changes(String before, String after) {
    JsonObject was = JsonParser.parseString(before).getAsJsonObject();
    JsonObject is = JsonParser.parseString(after).getAsJsonObject();
    List<String> changes = new ArrayList<>();
    SortedSet<String> columns = new TreeSet<>(was.keySet());
    columns.addAll(is.keySet());
    for (String column : columns) {
      JsonElement old = was.get(column);
      if (!Objects.equals(old, is.get(column))) {
        changes.add("%s was %s, is %s".formatted(column, old, is.get(column)));
      }
    }
    return String.join("; ", changes);
  }
}
