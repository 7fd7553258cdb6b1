package io.mycelium.migrations.schema;

import io.mycelium.migrations.Resource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the schema of a database. */
final class DatabaseReader {

  /** Settings under which definitions read the same in every database and for every role; pg_dump sets them as well. */
  private static final String SETTINGS = """
      set local quote_all_identifiers = off; set local datestyle = iso; set local intervalstyle = postgres;
      set local extra_float_digits = 3; set local bytea_output = hex; set local standard_conforming_strings = on""";

  /** What is not in pgCodeKeeper's model. */
  private static final String UNMODELLED = Resource.text(DatabaseReader.class, "unmodelled.sql");

  /** What is not in it of a database on Citus: a table that ought to be distributed and is not. */
  private static final String NOT_DISTRIBUTED = Resource.text(DatabaseReader.class, "not-distributed.sql");

  /** The parts of distributed tables. Where this server holds some, they are tables in its catalog, too. */
  private static final String SHARDS = Resource.text(DatabaseReader.class, "shards.sql");

  private DatabaseReader() {}

  /**
   * Reads the current schema of a connection.
   *
   * @param connection in a transaction, which stays open
   * @throws IOException if an object cannot be read; the message names it
   */
  static Schema read(Connection connection) throws IOException, InterruptedException, SQLException {
    boolean citus = names(connection, "select extname from pg_extension").contains("citus");
    List<Item> unmodelled = unmodelled(connection, UNMODELLED);
    Set<String> shards = Set.of();
    if (citus) {
      unmodelled.addAll(unmodelled(connection, NOT_DISTRIBUTED));
      shards = names(connection, SHARDS);
    }
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
    }
    CodeKeeper model = CodeKeeper.read(connection, shards);
    connection.rollback(before); // undoes the settings too, the loader's own among them
    return new Schema(model, unmodelled);
  }

  /** A row is an item's name, the SQL that makes it, the SQL that undoes it, its relation, and whose choice it is. */
  private static List<Item> unmodelled(Connection connection, String query) throws SQLException {
    List<Item> items = new ArrayList<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        items.add(Item.unmodelled(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4),
            rows.getBoolean(5)));
      }
    }
    return items;
  }

  private static Set<String> names(Connection connection, String query) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
