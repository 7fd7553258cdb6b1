package io.mycelium.migrations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import liquibase.changelog.ChangeSet;

/**
 * A changeset, with its rollback, for what somebody changed in a database by hand; Alembic's {@code --autogenerate}.
 * It reads the database and changes nothing in it.
 */
public final class Autogenerate {

  /** A schema, and its columns as table.column in their order. */
  private record Side(Catalog catalog, List<String> columnOrder) {

    static Side read(Connection connection) throws SQLException {
      List<String> order = new ArrayList<>();
      try (Statement statement = connection.createStatement(); ResultSet columns = statement.executeQuery("""
          select relname || '.' || attname from pg_attribute join pg_class on pg_class.oid = attrelid
          where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
          order by relname, attnum""")) {
        while (columns.next()) {
          order.add(columns.getString(1));
        }
      }
      return new Side(comparable(Catalog.read(connection)), order);
    }

    /** Without what is the installation's: its extensions and settings, and what its server was built with. */
    private static Catalog comparable(Catalog catalog) {
      SortedMap<String, String> objects = new TreeMap<>(catalog.portable().objects());
      objects.keySet().removeIf(name -> name.startsWith("extension ") || name.startsWith("setting "));
      return new Catalog(objects);
    }
  }

  private Autogenerate() {}

  /**
   * Writes it and prints where, and what is left to do by hand.
   *
   * @param arguments none; -Ddomain and -Dname as for {@link NewMigration}, the POM names the database and the changelog
   * @throws Exception if they are refused, or if nothing was changed; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = NamedDatabase.connect()) {
      System.out.println(write(Changelog.named(), connection, System.getProperty("domain", ""), System.getProperty("name", "")));
    }
  }

  static String write(Changelog changelog, Connection connection, String domain, String name) throws Exception {
    NewMigration migration = new NewMigration(changelog, domain, name);
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
    List<ChangeSet> pending = Current.pending(Current.history(connection), changelog.changeSets());
    Side found = Side.read(connection);
    connection.commit();
    if (!pending.isEmpty()) {
      throw new Refused(pending.size() + " changesets are pending, from " + pending.get(0).getId()
          + "; apply them first, or they would be generated again: mvn initialize liquibase:update");
    }
    String schema = connection.getSchema();
    Side defined = AppliedSchema.without(changelog, List.of(), schema, Side::read);
    SchemaChange up = SchemaChange.between(defined.catalog(), found.catalog(), found.columnOrder(), schema);
    SchemaChange down = SchemaChange.between(found.catalog(), defined.catalog(), defined.columnOrder(), schema);
    List<String> report = new ArrayList<>();
    for (String index : up.concurrently()) {
      down.statements().remove("DROP INDEX IF EXISTS " + nameOf(index)); // is in a changeset of its own
    }
    if (!up.statements().isEmpty() || !up.functions().isEmpty() || !up.afterFunctions().isEmpty()) {
      report.add("wrote " + migration.id() + " to " + migration.write(NewMigration.WHY, "",
          changes(changelog.root(), migration.folder(), up), rollback(down)));
    }
    for (String index : up.concurrently()) {
      NewMigration own = new NewMigration(changelog, domain, "create-" + nameOf(index).replace('_', '-'));
      report.add("wrote " + own.id() + " to " + own.write("TODO why the query that it serves matters", "runInTransaction: false\n",
          sql(List.of(index)), sql(List.of("DROP INDEX IF EXISTS " + nameOf(index)))));
    }
    up.impossible().forEach(object -> report.add("not written: " + object));
    down.impossible().stream().filter(object -> !up.impossible().contains(object))
        .forEach(object -> report.add("its rollback is not written: " + object));
    if (report.isEmpty()) {
      throw new Refused(Current.name(connection) + " has the schema that the changelog defines; change it by hand first");
    }
    return String.join("\n", report);
  }

  private static String nameOf(String concurrently) {
    return concurrently.replaceFirst("(?s)DROP INDEX CONCURRENTLY IF EXISTS (\\S+);.*", "$1");
  }

  /** The changes in YAML; functions become files of their own. */
  private static String changes(Path root, Path folder, SchemaChange change) throws IOException {
    StringBuilder changes = new StringBuilder(sql(change.statements()));
    for (Map.Entry<String, String> function : change.functions().entrySet()) {
      Path file = root.resolve(folder).resolve(function.getKey() + ".sql");
      Files.createDirectories(file.getParent());
      Files.writeString(file, function.getValue());
      changes.append("- sqlFile: {path: %s/%s.sql, relativeToChangelogFile: true, splitStatements: false}\n".formatted(folder.getFileName(), function.getKey()));
    }
    return changes + sql(change.afterFunctions());
  }

  private static String rollback(SchemaChange change) {
    StringBuilder changes = new StringBuilder(sql(change.statements()));
    change.functions().values().forEach(function -> changes.append(sql(List.of(function))));
    changes.append(sql(change.afterFunctions()));
    change.concurrently().forEach(index -> changes.append(sql(List.of(index.replace(" CONCURRENTLY", "")))));
    return changes.isEmpty() ? "- empty: {}\n" : changes.toString();
  }

  private static String sql(List<String> statements) {
    if (statements.isEmpty()) {
      return "";
    }
    String sql = String.join(";\n", statements);
    boolean whole = sql.matches("(?s).*\\$\\w*\\$.*"); // Liquibase would split it within
    return "- sql:\n" + (whole ? "    splitStatements: false\n" : "") + "    sql: |\n" + sql.strip().indent(6);
  }
}
