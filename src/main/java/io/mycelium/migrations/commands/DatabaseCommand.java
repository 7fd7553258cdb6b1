package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.CurrentSchema;
import io.mycelium.migrations.changelog.LiquibaseEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import liquibase.Scope;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;

/**
 * A command that reads or changes a database, wherever Liquibase runs: on its command line, in a container, from Java
 * by a {@link CommandScope}, and by a profile of the POM.
 */
abstract class DatabaseCommand extends AbstractCommandStep {

  private static final CommandArgumentDefinition<String> CHANGELOG_FILE =
      new CommandBuilder(new String[] {"current"}, new String[] {"drift"}, new String[] {"health"},
          new String[] {"report"}, new String[] {"adoptAlembic"}).argument("changelogFile", String.class)
          .defaultValue(Changelog.MASTER)
          .description("The master file of the changelog")
          .build();

  private final String name;
  private final String help;

  /**
   * Makes the command.
   *
   * @param name its name
   * @param help what it does, in a line of {@code liquibase --help}
   */
  DatabaseCommand(String name, String help) {
    this.name = name;
    this.help = help;
  }

  /**
   * Runs the command.
   *
   * @param connection to the database; the caller closes it
   * @param changelog the changelog
   * @param arguments the command's arguments
   * @return what to print, and whether the command failed
   * @throws Refused if the command was not run; the message says why
   */
  abstract Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception;

  /**
   * The outcome of a command.
   *
   * @param text what to print
   * @param failure why the command fails after printing that; null if it does not fail
   */
  record Outcome(String text, String failure) {}

  /**
   * Writes a file that the command was asked for, and its folder.
   *
   * @throws Refused if it cannot be written; the message says where, why and what to do
   */
  static void write(Path file, String text) throws Refused, IOException {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (FileSystemException e) {
      String why = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
      throw new Refused(file + " cannot be written (" + e.getFile() + ": " + why
          + "); name another folder, or leave the option out, and it is printed");
    }
  }

  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{name}};
  }

  @Override
  public void adjustCommandDefinition(CommandDefinition definition) {
    definition.setShortDescription(help);
  }

  @Override
  public List<Class<?>> requiredDependencies() {
    return List.of(Database.class);
  }

  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    LiquibaseEnvironment.refuse(System.getenv(), LiquibaseEnvironment.OF_THE_COMMAND_LINE);
    CommandScope arguments = results.getCommandScope();
    Database database = (Database) arguments.getDependency(Database.class);
    if (!(database.getConnection() instanceof JdbcConnection jdbc)) {
      throw new Refused(name + " needs a database, and " + database.getConnection().getURL() + " names none");
    }
    Connection connection = jdbc.getUnderlyingConnection();
    CurrentSchema.of(connection);
    // ends the transaction in which Liquibase has read the database's version
    connection.rollback();
    Outcome outcome = run(connection,
        new Changelog(Scope.getCurrentScope().getResourceAccessor(), arguments.getArgumentValue(CHANGELOG_FILE)),
        arguments);
    results.getOutputStream().write((outcome.text + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
    results.getOutputStream().flush();
    if (outcome.failure != null) {
      throw new Refused(outcome.failure);
    }
  }
}
