package io.mycelium.migrations;

import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.database.DatabaseConnection;
import liquibase.database.DatabaseFactory;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import liquibase.ui.LoggerUIService;

/**
 * A changelog in a folder, for what the Maven goals do not offer.
 *
 * @param root the folder that all paths start from
 * @param path the master file's path from there
 */
record Changelog(Path root, String path) {

  static {
    Logger.getLogger("liquibase").setLevel(Level.WARNING);
    System.setProperty("liquibase.showSummary", "OFF");
  }

  /** The one that the POM names. */
  static Changelog named() {
    return new Changelog(Path.of(System.getProperty("changelog.root")), System.getProperty("changelog.path"));
  }

  /** Every changeset, in the order in which they run. */
  List<ChangeSet> changeSets() throws Exception {
    try (ResourceAccessor files = new DirectoryResourceAccessor(root)) {
      return ChangeLogParserFactory.getInstance().getParser(path, files)
          .parse(path, new ChangeLogParameters(), files).getChangeSets();
    }
  }

  /** What to do with Liquibase. */
  interface Step {
    void run(Liquibase liquibase) throws Exception;
  }

  /** Does something with this changelog on a database, quietly, and closes the connection. */
  void on(DatabaseConnection connection, Step step) throws Exception {
    try (Liquibase liquibase = new Liquibase(path, new DirectoryResourceAccessor(root),
        DatabaseFactory.getInstance().findCorrectDatabaseImplementation(connection))) {
      Scope.child(Scope.Attr.ui, new LoggerUIService(), () -> step.run(liquibase));
    }
  }
}
