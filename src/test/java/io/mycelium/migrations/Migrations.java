package io.mycelium.migrations;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.logging.Level;
import java.util.logging.Logger;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.ui.LoggerUIService;

/** The changelog on a database, in this process: what the Maven goals do, without Maven's start. */
final class Migrations {

  static final String CHANGELOG = "changelog/db.changelog-master.yaml";
  private static final Logger LOG = Logger.getLogger("liquibase");

  static {
    LOG.setLevel(Level.WARNING);
    System.setProperty("liquibase.showSummary", "OFF");
  }

  private Migrations() {}

  static void update(TestDatabase database) {
    update(database, CHANGELOG);
  }

  /** Applies the next changesets. */
  static void update(TestDatabase database, int count) {
    run(database, CHANGELOG, liquibase -> liquibase.update(count, ""));
  }

  /** Rolls back the last changesets. */
  static void rollback(TestDatabase database, int count) {
    rollback(database, CHANGELOG, count);
  }

  static void rollback(TestDatabase database, String tag) {
    run(database, CHANGELOG, liquibase -> liquibase.rollback(tag, null, new Contexts(), new LabelExpression()));
  }

  /** Applies another changelog, whose path starts from the project's folder. */
  static void update(TestDatabase database, String changelog) {
    run(database, changelog, liquibase -> liquibase.update(new Contexts()));
  }

  /** Rolls back the last changesets of another changelog. */
  static void rollback(TestDatabase database, String changelog, int count) {
    run(database, changelog, liquibase -> liquibase.rollback(count, ""));
  }

  private interface Action {
    void on(Liquibase liquibase) throws Exception;
  }

  private static void run(TestDatabase database, String changelog, Action action) {
    try (Connection connection = database.connect();
        Liquibase liquibase = new Liquibase(changelog, new DirectoryResourceAccessor(Path.of("").toAbsolutePath()),
            DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection)))) {
      Scope.child(Scope.Attr.ui, new LoggerUIService(), () -> action.on(liquibase)); // quiet
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
