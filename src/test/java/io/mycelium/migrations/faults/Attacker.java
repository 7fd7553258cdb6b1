package io.mycelium.migrations.faults;

import io.mycelium.migrations.testing.SqlFile;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A role that may create objects in the schema, and plants what it wants others to execute. */
final class Attacker {

  static final String NAME = "attacker";

  /** What an operator, or a function of one argument or two, is planted for; more arguments get the first of these. */
  private static final List<String> TYPES = List.of("text", "name", "regrole", "integer", "jsonb", "bigint", "numeric",
      "double precision", "boolean", "oid", "regclass", "varchar", "smallint", "\"char\"", "regnamespace", "uuid",
      "timestamptz", "tid", "text[]", "name[]", "integer[]");

  private Attacker() {}

  /** Makes the role on the server, once for all tests. */
  static void create() {
    TestDatabase.create().execute("create role %s login password 'x'".formatted(NAME));
  }

  /** A database with only the extensions in it, in whose schema the role may create objects. */
  static TestDatabase newDatabase() {
    TestDatabase database = TestDatabase.createOwnedByAPlainRole();
    database.execute("grant create on schema public to " + NAME);
    return database;
  }

  /** The same database for the role. */
  static TestDatabase in(TestDatabase database) {
    return database.as(NAME, "x");
  }

  /** Plants overloads of every operator and function of pg_catalog whose name stands in the changelog. */
  static void plant(TestDatabase database) throws IOException, SQLException {
    StringBuilder changelog = new StringBuilder();
    try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        changelog.append(Files.readString(file));
      }
    }
    try (Connection connection = in(database).connect(); Statement statement = connection.createStatement()) {
      set(connection, "types", TYPES);
      set(connection, "functions", words(changelog, "[a-z_0-9]+(?=\\()"));
      set(connection, "operators", words(changelog, "(?<=[\\s\\w)\\]'])[-+*/<>=~|@#&^%!]{1,3}(?=[\\s\\w(\\['])"));
      for (String sql : SqlFile.statements(Attacker.class, "plant.sql")) {
        statement.execute(sql);
      }
    }
  }

  private static void set(Connection connection, String name, Collection<String> values) throws SQLException {
    try (PreparedStatement set = connection.prepareStatement("select set_config('planted.' || ?, ?::text, false)")) {
      set.setString(1, name);
      set.setArray(2, connection.createArrayOf("text", values.toArray()));
      set.execute();
    }
  }

  private static Set<String> words(CharSequence text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
  }
}
