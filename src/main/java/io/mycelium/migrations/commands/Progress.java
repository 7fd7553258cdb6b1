package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.changelog.LiquibaseEnvironment;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.DbDocCommandStep;
import liquibase.command.core.helpers.ChangeExecListenerCommandStep;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.integration.IntegrationDetails;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.logging.LogService;

/**
 * Says in one line what an update, a rollback or a changelogSync did and where the database stands, whoever runs it:
 * Maven, the command line or Java. Under Maven, where Liquibase's own messages are turned off, it also prints a line
 * for each changeset, and where a preview wrote its SQL.
 *
 * <p>
 * Liquibase has no hook after a command, so this stands in for its step that reads the changelog, which is the first of
 * each of these commands and is told when the command has ended.
 */
@CommandOverride(override = DatabaseChangelogCommandStep.class)
public final class Progress extends DatabaseChangelogCommandStep {

  /** What each command did to the changesets that it added to the history or took from it. */
  private static final Map<String, String> VERBS = Map.of("update", "applied", "updateCount", "applied", "updateToTag",
      "applied", "rollback", "rolled back", "rollbackCount", "rolled back", "rollbackToDate", "rolled back",
      "changelogSync", "marked as applied", "changelogSyncToTag", "marked as applied");

  private String scope;
  private int before;

  /** For Liquibase, which finds it in META-INF/services. */
  public Progress() {}

  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    if (underMaven()) {
      LogService log = Scope.getCurrentScope().get(Scope.Attr.logService, LogService.class);
      scope = Scope.enter(Map.of(Scope.Attr.logService.name(), new WithoutTraces(log)));
    }
    CommandScope command = results.getCommandScope();
    try {
      if (Changelog.isOurs(command.getArgumentValue(CHANGELOG_FILE_ARG))) { // not another one of the application
        LiquibaseEnvironment.refuse(System.getenv(), LiquibaseEnvironment.OF_THE_COMMAND_LINE);
      }
      readChangelog(results);
      if (name(command).startsWith("rollback") && connection(command) != null) {
        History.requireOneOrder(connection(command));
      }
    } catch (Exception e) {
      leaveScope(); // cleanUp is not called for a step that failed
      throw e;
    }
    if (VERBS.containsKey(name(command)) && connection(command) != null) {
      before = History.read(connection(command)).rows().size();
    }
    ChangeExecListener listener = command.getArgumentValue(ChangeExecListenerCommandStep.CHANGE_EXEC_LISTENER_ARG);
    if (underMaven() && !isPreview(command) && listener instanceof DefaultChangeExecListener all) {
      all.addListener(new Lines());
    }
  }

  /**
   * Reads the changelog. While Liquibase does that, it makes its history table, and it has not taken its lock yet. Of
   * several commands that start at once on a new database, all but one would fail. So this takes the lock first, where
   * there is no such table.
   */
  private void readChangelog(CommandResultsBuilder results) throws Exception {
    Database database = (Database) results.getCommandScope().getDependency(Database.class);
    LockService lock = LockServiceFactory.getInstance().getLockService(database);
    Connection connection = connection(results.getCommandScope());
    boolean first = connection != null && !lock.hasChangeLogLock() && !History.exists(connection);
    if (first) {
      lock.waitForLock();
    }
    try {
      super.run(results);
    } catch (Exception e) {
      if (connection != null) {
        database.rollback(); // no lock can be released in a transaction that has failed
      }
      throw e;
    } finally {
      if (first) {
        lock.releaseLock();
      }
    }
  }

  @Override
  public void cleanUp(CommandResultsBuilder results) {
    leaveScope();
    super.cleanUp(results);
    CommandScope command = results.getCommandScope();
    try {
      if (VERBS.containsKey(name(command)) && connection(command) != null) {
        say(summary(command));
      } else if (underMaven() && isPreview(command)) {
        say("The SQL is in " + outputFile() + "; nothing was changed");
      } else if (underMaven() && name(command).equals("validate")) {
        say("The changelog is valid");
      } else if (underMaven() && name(command).equals("dbDoc")) {
        say("The pages begin at "
            + fromHere(Path.of(command.getArgumentValue(DbDocCommandStep.OUTPUT_DIRECTORY_ARG))).resolve("index.html"));
      }
    } catch (SQLException e) {
      // The connection is lost. The command's own failure says so.
      Scope.getCurrentScope().getLog(getClass()).fine("no summary", e);
    }
  }

  private void leaveScope() {
    if (scope != null) {
      try {
        Scope.exit(scope);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private String summary(CommandScope command) throws SQLException {
    List<ChangeSet> changeSets = ((DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class)).getChangeSets();
    History history = History.read(connection(command));
    int count = count(command, history);
    return "%s %s %s, %s%n%s".formatted(count == 0 ? "No" : count, count == 1 ? "changeset" : "changesets",
        VERBS.get(name(command)), history.position(changeSets), history.database());
  }

  /**
   * How many changesets this command did. It is not counted from the history, since another command may have done some
   * meanwhile.
   */
  private int count(CommandScope command, History history) {
    if (command.getDependency(ChangeExecListener.class) instanceof DefaultChangeExecListener done) {
      return (name(command).startsWith("rollback") ? done.getRolledBackChangeSets() : done.getDeployedChangeSets())
          .size();
    }
    return history.rows().size() - before; // but for changelogSync, which has no listener
  }

  private static String name(CommandScope command) {
    return String.join(" ", command.getCommand().getName());
  }

  private static boolean isPreview(CommandScope command) {
    return name(command).endsWith("Sql");
  }

  /** The command's connection, or null if it works without a database. */
  private static Connection connection(CommandScope command) {
    Database database = (Database) command.getDependency(Database.class);
    return database.getConnection() instanceof JdbcConnection jdbc ? jdbc.getUnderlyingConnection() : null;
  }

  private static IntegrationDetails integration() {
    return Scope.getCurrentScope().get(Scope.Attr.integrationDetails, IntegrationDetails.class);
  }

  private static boolean underMaven() {
    return integration() != null && "maven".equals(integration().getName());
  }

  /** The file that a preview writes; its path starts in the project's folder. */
  private static Path outputFile() {
    String file = integration().getParameters().get("maven__migrationSqlOutputFile");
    return fromHere(Path.of(file != null ? file : integration().getParameters().get("maven__outputFile")));
  }

  private static Path fromHere(Path path) {
    return path.isAbsolute() ? Path.of("").toAbsolutePath().relativize(path) : path;
  }

  private static void say(String message) {
    if (underMaven()) {
      System.out.println(message);
    } else {
      Scope.getCurrentScope().getUI().sendMessage(message);
    }
  }

  /** Prints a line for each changeset, once it is done. */
  private static final class Lines extends AbstractChangeExecListener {

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ChangeSet.ExecType type) {
      say("  applied " + changeSet.getId());
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
      say("  rolled back " + changeSet.getId());
    }
  }
}
