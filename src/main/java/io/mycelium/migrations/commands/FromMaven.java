package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import java.sql.SQLException;
import java.util.Map;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.exception.CommandExecutionException;
import liquibase.ui.LoggerUIService;

/**
 * Runs one of our commands for Maven, on the database that the POM names. Liquibase's plugin cannot: its list of goals
 * is fixed.
 */
public final class FromMaven {

  private FromMaven() {}

  /**
   * Runs a command.
   *
   * @param words the command's name, then its arguments as name=value
   * @throws Exception if it fails; the message says why
   */
  public static void main(String[] words) throws Exception {
    String url = url(words[0]);
    Changelog changelog = Changelog.named();
    CommandScope command = new CommandScope(words[0]).addArgumentValue("changelogFile", changelog.path())
        .addArgumentValue("url", url)
        .addArgumentValue("driverPropertiesFile",
            changelog.root().resolve("src/main/maven/connection.properties").toString());
    addIfGiven(command, "username", System.getProperty("database.username", ""));
    addIfGiven(command, "password", System.getProperty("database.password", ""));
    for (int i = 1; i < words.length; i++) {
      String[] argument = words[i].split("=", 2);
      addIfGiven(command, argument[0], argument[1]);
    }
    command.setOutput(System.out);
    try {
      Scope.child(
          Map.of(Scope.Attr.resourceAccessor.name(), changelog.files(), Scope.Attr.ui.name(), new LoggerUIService()),
          () -> command.execute());
    } catch (CommandExecutionException e) {
      throw cause(e);
    }
  }

  /**
   * The JDBC URL of the database that the POM names.
   *
   * @param profile the profile that needs it
   * @throws Refused if the POM names none
   */
  static String url(String profile) throws Refused {
    String url = System.getProperty("database.url", "");
    if (!url.startsWith("jdbc:")) {
      throw new Refused(profile + " needs a database, and -Poffline names none; run: mvn -P" + profile);
    }
    return url;
  }

  private static void addIfGiven(CommandScope command, String name, String value) {
    if (!value.isEmpty() && !value.startsWith("${")) { // a property that nobody has set
      command.addArgumentValue(name, value);
    }
  }

  /** The reason that the command or the database gave. Liquibase wraps it into other exceptions. */
  private static Exception cause(CommandExecutionException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refused refused) {
        return refused;
      } else if (cause instanceof SQLException) {
        return new Refused(cause.getMessage());
      }
    }
    return e;
  }
}
