package io.mycelium.migrations.changelog;

import io.mycelium.migrations.Refused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The schema in which a connection makes and finds the tables: the first one of its search_path. */
public final class CurrentSchema {

  /** The first element of a search_path, in quotes or without. */
  private static final Pattern FIRST = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")*)\"|[^,]*)");

  private CurrentSchema() {}

  /**
   * Its name. PostgreSQL passes over a schema that does not exist. The tables would then stand in another schema than
   * the one that was named, or nowhere; so that is refused, but for {@code "$user"}, which PostgreSQL itself puts
   * first.
   *
   * @param connection the connection
   * @throws Refused if the first schema of the search_path does not exist; the message says what to do
   */
  public static String of(Connection connection) throws SQLException, Refused {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "select pg_catalog.current_schema(), pg_catalog.current_setting('search_path'), current_user")) {
      row.next();
      String schema = row.getString(1);
      String path = row.getString(2);
      String first = first(path);
      if (schema == null || !first.equals("$user") && !first.equals(schema)) {
        throw new Refused("the search_path of this connection is " + (path.isEmpty() ? "empty" : path) + ", and "
            + (first.isEmpty()
                ? "names no schema"
                : "schema " + (first.equals("$user") ? path : first) + " does not exist, or role " + row.getString(3)
                    + " may not use it")
            + ", so there is nowhere to look for the tables. Make the schema: CREATE SCHEMA; or name one that exists:"
            + " ALTER ROLE ... SET search_path, or ?currentSchema= in the URL");
      }
      return schema;
    }
  }

  /** The first name of a search_path; empty if there is none. */
  private static String first(String path) {
    Matcher first = FIRST.matcher(path);
    first.lookingAt();
    return first.group(1) == null
        ? first.group().strip().toLowerCase(Locale.ROOT)
        : first.group(1).replace("\"\"", "\"");
  }
}
