package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.report.Finding;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Collectors;
import liquibase.command.CommandScope;

/**
 * Prints what the database's own function {@code schema_health()} finds wrong, with the remedies. It changes nothing.
 */
public final class Health extends DatabaseCommand {

  /** For Liquibase, which finds it by META-INF/services. */
  public Health() {
    super("health", "Say what is wrong with the database, and what to do about it");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    List<Finding> findings = Finding.read(connection);
    String problems = findings.stream()
        .filter(finding -> finding.state().equals("problem"))
        .map(Finding::check)
        .distinct()
        .collect(Collectors.joining(", "));
    return new Outcome(findings.stream().map(Health::text).collect(Collectors.joining(System.lineSeparator())),
        problems.isEmpty() ? null : "the database has a problem with: " + problems + "; the remedies are above");
  }

  private static String text(Finding finding) {
    String row = "%-8s %-18s %s".formatted(finding.state(), finding.check(), finding.detail());
    return finding.remedy() == null ? row : row + "%n%27s remedy: %s".formatted("", finding.remedy());
  }
}
