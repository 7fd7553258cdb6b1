package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import liquibase.command.CommandScope;

/** Prints what the database's own function {@code schema_health()} finds wrong, with the remedies. It changes nothing. */
public final class Health extends DatabaseCommand {

  private static final String FUNCTION = "schema_health(bigint)";

  /** A row that the function gives. */
  private record Finding(String check, String state, String detail, String remedy) {

    @Override
    public String toString() {
      String row = "%-8s %-18s %s".formatted(state, check, detail);
      return remedy == null ? row : row + "%n%27s remedy: %s".formatted("", remedy);
    }
  }

  /** For Liquibase, which finds it by META-INF/services. */
  public Health() {
    super("health", "Say what is wrong with the database, and what to do about it");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    List<Finding> findings = read(connection);
    String problems = findings.stream().filter(finding -> finding.state.equals("problem")).map(Finding::check).distinct().collect(Collectors.joining(", "));
    return new Outcome(findings.stream().map(Finding::toString).collect(Collectors.joining(System.lineSeparator())),
        problems.isEmpty() ? null : "the database has a problem with: " + problems + "; the remedies are above");
  }

  private static List<Finding> read(Connection connection) throws SQLException, Refused {
    List<Finding> findings = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      if (!hasFunction(statement)) {
        throw new Refused("schema_health() is not in schema " + connection.getSchema() + ", as before release 1.1, which brings it:"
            + " mvn initialize liquibase:update, or: liquibase update");
      }
      try (ResultSet rows = statement.executeQuery("select * from schema_health()")) {
        while (rows.next()) {
          findings.add(new Finding(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4)));
        }
      }
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new Refused(e.getMessage() + "; have the schema's owner run: GRANT EXECUTE ON FUNCTION schema_health TO " + connection.getMetaData().getUserName());
      }
      throw e;
    }
    return findings;
  }

  private static boolean hasFunction(Statement statement) throws SQLException {
    try (ResultSet there = statement.executeQuery("select to_regprocedure('" + FUNCTION + "') is not null")) {
      return there.next() && there.getBoolean(1);
    }
  }
}
