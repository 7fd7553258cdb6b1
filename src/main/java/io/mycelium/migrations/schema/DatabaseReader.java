package io.mycelium.migrations.schema;

import io.mycelium.migrations.Resource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads the schema of a database. */
final class DatabaseReader {

  /** Settings under which definitions read the same in every database and for every role; pg_dump sets them as well. */
  static final String SETTINGS = """
      set local quote_all_identifiers = off; set local datestyle = iso; set local intervalstyle = postgres;
      set local extra_float_digits = 3; set local bytea_output = hex; set local standard_conforming_strings = on""";

  /**
   * Before a first ANALYZE the server takes the catalogs for small. By nested loops pgCodeKeeper's query for the tables
   * then takes half a minute for a thousand of them.
   */
  private static final String FAST = "set local enable_nestloop = off";

  /** What is not in pgCodeKeeper's model. */
  private static final String UNMODELLED = Resource.text(DatabaseReader.class, "unmodelled.sql");

  /** What is not in it of a database on Citus: a table that ought to be distributed and is not. */
  private static final String NOT_DISTRIBUTED = Resource.text(DatabaseReader.class, "not-distributed.sql");

  /** The parts of distributed tables. Where this server holds some, they are tables in its catalog, too. */
  private static final String SHARDS = Resource.text(DatabaseReader.class, "shards.sql");

  private static final String OBJECTS = Resource.text(DatabaseReader.class, "objects.sql");

  private DatabaseReader() {}

  /** What to read beside the objects that are named, their parts and what they need. */
  enum Also {
    NOTHING,
    /** What depends on them. */
    DEPENDENTS,
    /** What else the owner of the history has made. */
    MADE_BY_HAND
  }

  /**
   * Reads the current schema of a connection.
   *
   * @param connection in a transaction, which stays open
   * @param names the names of the objects to read with their parts and what they need; null to read everything
   * @param also what to read beside those
   * @throws IOException if an object cannot be read; the message names it
   */
  static Schema read(Connection connection, Collection<String> names, Also also)
      throws IOException, InterruptedException, SQLException {
    boolean citus = names(connection, "select extname from pg_extension").contains("citus");
    Set<String> shards = citus ? names(connection, SHARDS) : Set.of();
    Selection selection =
        names == null ? new Selection(null, new TreeSet<>()) : Selection.read(connection, names, also);
    shards.forEach(shard -> selection.others.remove("table " + shard));
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
      statement.execute(FAST);
    }
    CodeKeeper model = CodeKeeper.read(connection, selection.whole, shards);
    connection.rollback(before); // undoes the settings too, the loader's own among them
    Object[] read = model.names(object -> true).toArray();
    List<Item> unmodelled = unmodelled(connection, UNMODELLED, read);
    if (citus) {
      unmodelled.addAll(unmodelled(connection, NOT_DISTRIBUTED));
    }
    return new Schema(model, unmodelled, selection.others, uncompared(connection, model, shards, selection.others));
  }

  /** Takes from the others what pgCodeKeeper never reads, and adds what it has passed over. */
  private static SortedSet<String> uncompared(Connection connection, CodeKeeper model, Set<String> shards,
      Set<String> others) throws SQLException {
    Set<String> items = model.whole();
    SortedSet<String> uncompared = new TreeSet<>();
    for (Standing one : Standing.read(connection)) {
      boolean another = model.catalogs().contains(one.catalog()) && others.contains(one.named());
      if (!items.contains(one.item()) && !another && !shards.contains(one.item().replaceFirst("table ", ""))) {
        uncompared.add(one.named());
      }
    }
    others.removeAll(uncompared);
    return uncompared;
  }

  /**
   * What to read.
   *
   * @param whole the identifiers of the objects to read; null for all
   * @param others the kinds and names of all others
   */
  private record Selection(Set<Long> whole, SortedSet<String> others) {

    static Selection read(Connection connection, Collection<String> names, Also also) throws SQLException {
      Selection selection = new Selection(new HashSet<>(), new TreeSet<>());
      try (PreparedStatement statement = connection.prepareStatement(OBJECTS)) {
        statement.setArray(1, connection.createArrayOf("text", names.toArray()));
        statement.setBoolean(2, also == Also.MADE_BY_HAND);
        statement.setBoolean(3, also == Also.DEPENDENTS);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            Long whole = rows.getObject(1, Long.class);
            if (whole == null) {
              selection.others.add(rows.getString(2));
            } else {
              selection.whole.add(whole);
            }
          }
        }
      }
      return selection;
    }
  }

  /**
   * A row is an item's name, the SQL that makes it, the SQL that undoes it, its relation, and whose choice it is.
   *
   * @param read for each parameter of the query the names of the objects that were read
   */
  private static List<Item> unmodelled(Connection connection, String query, Object[]... read) throws SQLException {
    List<Item> items = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < read.length; i++) {
        statement.setArray(i + 1, connection.createArrayOf("text", read[i]));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          items.add(Item.unmodelled(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4),
              rows.getBoolean(5)));
        }
      }
    }
    return items;
  }

  /** Runs the query that another query writes. */
  static ResultSet runWritten(Statement statement, String writer) throws SQLException {
    String query;
    try (ResultSet written = statement.executeQuery(writer)) {
      written.next();
      query = written.getString(1);
    }
    return statement.executeQuery(query);
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
