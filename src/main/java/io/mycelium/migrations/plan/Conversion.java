package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The change of a column's type, such that it fails where a value would not survive it. An explicit cast cuts and
 * rounds without a word; an assignment's cast fails where a text is too long, but rounds as well.
 */
final class Conversion {

  private static final String GUARD = Resource.text(Conversion.class, "guard.sql").strip();
  private static final String CHANGED = Resource.text(Conversion.class, "changed-by-cast.sql");
  private static final String TYPE_OF =
      "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = ?::regclass and attname = ?";

  private final Connection scratch;
  private final Values values;

  Conversion(Connection scratch) {
    this.scratch = scratch;
    this.values = new Values(scratch);
  }

  /**
   * The statements that change the type.
   *
   * @param change {@code ALTER TABLE ... ALTER COLUMN ... TYPE ... USING ...}; any other statement stays as it is
   * @return that statement, without USING where PostgreSQL casts by itself; before it, if a cast can change a value, a
   *         statement that fails where it would
   */
  List<Statement> of(Statement change) throws SQLException {
    if (!isOne(change)) {
      return List.of(change);
    }
    String column = change.part();
    String using = change.from("USING");
    String altered = change.sql().substring(0, change.sql().length() - using.length()).strip();
    String collation = change.from("COLLATE");
    String rest = change.rest();
    String type =
        rest.substring("TYPE ".length(), rest.length() - Math.max(collation.length(), using.length())).strip();
    String former = typeOf(change.object(), Statement.plain(column));
    List<Statement> statements = new ArrayList<>();
    if (former != null && changes(former, type)) {
      statements.add(new Statement(GUARD.formatted(change.object(), column, type, former,
          (change.object() + "." + column).replace("'", "''"), type.replace("'", "''"))));
    }
    statements.add(former != null && isAutomatic(former, type) ? new Statement(altered) : change);
    return statements;
  }

  /** Whether a statement changes the type of a column. */
  static boolean isOne(Statement statement) {
    return statement.does("ALTER TABLE ALTER COLUMN TYPE");
  }

  /** The new type. */
  static String type(Statement change) {
    int end = Math.max(change.from("COLLATE").length(), change.from("USING").length());
    return change.rest().substring("TYPE ".length(), change.rest().length() - end).strip();
  }

  /** Whether a value is the same after a cast to another type and back. */
  static boolean survives(Connection connection, String value, String type, String other) {
    try (PreparedStatement statement = connection.prepareStatement(CHANGED.formatted(type, other))) {
      statement.setString(1, value);
      try (ResultSet changed = statement.executeQuery()) {
        return changed.next() && !changed.getBoolean(1);
      }
    } catch (SQLException e) {
      return false; // PostgreSQL refuses the cast
    }
  }

  /** A column's type; null if there is no such column. */
  private String typeOf(String table, String column) throws SQLException {
    try (PreparedStatement statement = scratch.prepareStatement(TYPE_OF)) {
      statement.setString(1, table);
      statement.setString(2, column);
      try (ResultSet type = statement.executeQuery()) {
        return type.next() ? type.getString(1) : null;
      }
    }
  }

  /** Whether some value of a type is another one after a cast to the other type and back. */
  private boolean changes(String from, String to) throws SQLException {
    for (String value : values.of(from, List.of())) {
      try (PreparedStatement statement = scratch.prepareStatement(CHANGED.formatted(from, to))) {
        statement.setString(1, value);
        try (ResultSet changed = statement.executeQuery()) {
          if (changed.next() && changed.getBoolean(1)) {
            return true;
          }
        }
      } catch (SQLException e) {
        // it fails, so nothing is changed without a word
      }
    }
    return false;
  }

  /** Whether PostgreSQL casts by itself where a column changes its type. */
  private boolean isAutomatic(String from, String to) throws SQLException {
    boolean autoCommit = scratch.getAutoCommit();
    scratch.setAutoCommit(false);
    try (var statement = scratch.createStatement()) {
      statement.execute("create temporary table probe (value " + from + ")");
      statement.execute("alter table probe alter column value type " + to);
      return true;
    } catch (SQLException e) {
      return false;
    } finally {
      scratch.rollback();
      scratch.setAutoCommit(autoCommit);
    }
  }
}
