package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.embedded.EmbeddedPostgres;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.DatabaseConnection;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.ui.LoggerUIService;

/**
 * Runs our programs for Maven: {@code mvn compile exec:java@current} runs {@code current}. Their options are system
 * properties, which the command line gives by -D; the POM names the database and the changelog.
 */
public final class FromMaven {

  /** The programs whose sources only their own profile compiles, and their classes in this package. */
  private static final Map<String, String> OF_A_PROFILE =
      Map.of("docs", "Docs", "embed", "Embed", "sample", "Sample", "search", "Search");

  private FromMaven() {}

  /**
   * Runs a program.
   *
   * @param words its name
   * @throws Exception if it fails; the message says why
   */
  public static void main(String[] words) throws Exception {
    String program = words[0];
    if (System.getProperty("changelog.root") == null) {
      throw new Refused(
          "a program alone runs no phase, so nothing names the database; run: mvn compile exec:java@" + program);
    }
    switch (program) {
      case "help" -> System.out.println(Help.text(root(), System.getProperty("database.url")));
      case "start" -> EmbeddedPostgres.tellLocal(root(), program, System.getProperty("local.port"));
      case "status" -> EmbeddedPostgres.tellLocal(root(), program);
      case "current" -> run("current", Map.of("pending", option("pending", "")));
      case "drift" -> run("drift", Map.of("foreign", option("drift.foreign", ""), "reportFolder", target("")));
      case "health" -> run("health", Map.of());
      case "report" -> run("report", Map.of("reportFile", target("report.html")));
      case "adopt", "undo" -> run("adoptAlembic", Map.of("action", program));
      case "preview" -> run("adoptAlembic", Map.of("action", program, "sqlFile", target("liquibase/migrate.sql")));
      case "new" -> NewMigration.main(words);
      case "autogenerate" -> Autogenerate.main(words);
      case "release" -> CutRelease.main(words);
      default -> runOfAProfile(program);
    }
  }

  /**
   * An option of a program.
   *
   * @param name its name, as after -D
   * @param otherwise its value where it is not given, or empty
   */
  static String option(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  private static Path root() {
    return Path.of(System.getProperty("changelog.root"));
  }

  private static String target(String file) {
    return root().resolve("target").resolve(file).toString();
  }

  private static void runOfAProfile(String program) throws Exception {
    String name = OF_A_PROFILE.get(program);
    if (name == null) {
      throw new Refused("there is no program " + program + "; mvn alone prints those that there are");
    }
    try {
      Class.forName(FromMaven.class.getPackageName() + "." + name)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } catch (ClassNotFoundException e) {
      throw new Refused(program + " is compiled by its profile only; run: mvn -P" + program);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** Runs one of our Liquibase commands. Liquibase's plugin cannot: its list of goals is fixed. */
  private static void run(String name, Map<String, String> arguments) throws Exception {
    Changelog changelog = Changelog.named();
    CommandScope command = new CommandScope(name);
    command.addArgumentValue("changelogFile", changelog.path());
    // adoptAlembic has the profile adopt-alembic, as Liquibase's command line calls it, too
    command.addArgumentValue("url", url(name.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT)));
    command.addArgumentValue("driverPropertiesFile", settings());
    addIfGiven(command, "username", option("database.username", ""));
    addIfGiven(command, "password", option("database.password", ""));
    arguments.forEach((argument, value) -> addIfGiven(command, argument, value));
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
   * Connects to the database that the POM names, as the goals of Liquibase do.
   *
   * @param profile the profile that needs it
   * @throws Refused if the POM names no database, or if it does not let us in
   */
  static Connection connect(String profile) throws Refused {
    try {
      DatabaseConnection connection = DatabaseFactory.getInstance()
          .openConnection(url(profile), option("database.username", null), option("database.password", null), null,
              null, settings(), null, new ClassLoaderResourceAccessor());
      return ((JdbcConnection) connection).getUnderlyingConnection();
    } catch (DatabaseException e) {
      throw new Refused(cause(e).getMessage());
    }
  }

  private static String settings() {
    return root().resolve("src/main/maven/connection.properties").toString();
  }

  /**
   * The JDBC URL of the database that the POM names.
   *
   * @param profile the profile that needs it
   * @throws Refused if the POM names none
   */
  private static String url(String profile) throws Refused {
    String url = option("database.url", "");
    if (!url.startsWith("jdbc:")) {
      throw new Refused(profile + " needs a database, and -Poffline names none; run: mvn -P" + profile);
    }
    return url;
  }

  private static void addIfGiven(CommandScope command, String name, String value) {
    if (!value.isEmpty()) {
      command.addArgumentValue(name, value);
    }
  }

  /** The reason that the command or the database gave. Liquibase wraps it into other exceptions. */
  private static Exception cause(Exception e) {
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
