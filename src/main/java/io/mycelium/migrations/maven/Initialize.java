package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.LiquibaseEnvironment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names the database, refuses options that nobody reads, and makes Liquibase print less. Every goal reads the database
 * from the properties {@code mycelium.url}, {@code mycelium.username} and {@code mycelium.password}, our own programs
 * from system properties. No message has any part of a URL but its scheme, because in a malformed URL the password may
 * stand anywhere.
 */
public final class Initialize {

  /** Maven 3's and Maven 4's name of the level at which Liquibase logs. */
  private static final List<String> LIQUIBASE_LOG_LEVEL =
      List.of("org.slf4j.simpleLogger.log.org.liquibase", "maven.logger.log.org.liquibase");

  /** For the script, which makes an object and no static call. */
  public Initialize() {}

  /**
   * Sets the properties of the project. If there is a problem, that is {@code database.problem}, with which the
   * enforcer fails; else {@code database.ready}.
   *
   * @param root the project's folder
   * @param given what the command line gives by -D
   * @param system the system properties, and the variables of the environment, as {@code env.NAME}
   * @param project the project's properties, of which those of the database are changed
   * @param options the names of the properties that the POM has, of its profiles too
   * @param settings the properties of each active profile of settings.xml, by its id
   */
  public void run(Path root, Properties given, Properties system, Properties project, Set<String> options,
      Map<String, Properties> settings) {
    quietenLiquibase();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Initialize.class.getClassLoader()); // by which Liquibase finds its parts
    try {
      for (String name : given.stringPropertyNames()) {
        Unreadable.refuse("-D" + name, given.getProperty(name));
      }
      StrayOptions.refuse(settings, given, system);
      Options.refuseUnknown(given.stringPropertyNames(), options);
      Map<String, String> environment = environment(system);
      // none, since Maven has other ways to name the database
      LiquibaseEnvironment.refuse(environment, Set.of());
      NamedDatabase.set(root, given, environment, project);
      // As mvn -f has it, the current folder may be another than the project's.
      project.setProperty("mycelium.dbDoc",
          Path.of("").toAbsolutePath().relativize(root.resolve("target/liquibase/dbDoc")).toString());
      tellPrograms(root, given, project);
      project.setProperty("database.ready", "true");
    } catch (Refused problem) {
      project.setProperty("database.problem", problem.getMessage());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Maven has them among the system properties. */
  private static Map<String, String> environment(Properties system) {
    return system.stringPropertyNames()
        .stream()
        .filter(name -> name.startsWith("env."))
        .collect(Collectors.toMap(name -> name.substring("env.".length()), system::getProperty));
  }

  /** Liquibase logs a dozen lines for each of ours. {@code -D...=info}, by either name, brings them back. */
  static void quietenLiquibase() {
    String level =
        LIQUIBASE_LOG_LEVEL.stream().map(System::getProperty).filter(Objects::nonNull).findFirst().orElse("warn");
    LIQUIBASE_LOG_LEVEL.forEach(name -> System.setProperty(name, level));
  }

  /** Hands over to the programs that exec:java runs. They are in this process, but do not see the project. */
  private static void tellPrograms(Path root, Properties given, Properties project) {
    for (String name : project.stringPropertyNames()) {
      if (Options.isOurs(name)) {
        System.setProperty(name, project.getProperty(name));
      }
    }
    given.forEach((name, value) -> System.setProperty((String) name, (String) value));
    System.setProperty("changelog.root", root.toString());
    System.setProperty("changelog.path",
        given.getProperty("liquibase.changeLogFile", project.getProperty("liquibase.changeLogFile", "")));
    for (String name : List.of("url", "username", "password")) {
      System.setProperty("database." + name,
          given.getProperty("liquibase." + name, project.getProperty("mycelium." + name, "")));
    }
  }
}
