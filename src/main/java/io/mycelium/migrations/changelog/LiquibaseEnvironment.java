package io.mycelium.migrations.changelog;

import io.mycelium.migrations.Refused;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.configuration.LiquibaseConfiguration;
import liquibase.configuration.core.EnvironmentValueProvider;

/**
 * Variables of the environment that Liquibase reads as options. Somebody may have set them for another project, and
 * they change what a run does without a word: {@code LIQUIBASE_SHOULD_RUN=false} has it do nothing, another table of
 * the history has it begin anew.
 */
public final class LiquibaseEnvironment {

  /** What Liquibase's command line and our container are told by variables: the database, and where the files are. */
  public static final Set<String> OF_THE_COMMAND_LINE = Set.of("LIQUIBASE_COMMAND_URL", "LIQUIBASE_COMMAND_USERNAME",
      "LIQUIBASE_COMMAND_PASSWORD", "LIQUIBASE_COMMAND_CHANGELOG_FILE", "LIQUIBASE_COMMAND_DRIVER_PROPERTIES_FILE",
      "LIQUIBASE_CLASSPATH", "LIQUIBASE_SEARCH_PATH");

  /** Options of what Liquibase prints, or tells its maker, which change nothing of what it does to a database. */
  private static final Set<String> HARMLESS = Set.of("liquibase.analytics.enabled", "liquibase.filterLogMessages",
      "liquibase.logChannels", "liquibase.logFile", "liquibase.logFormat", "liquibase.logLevel",
      "liquibase.mirrorConsoleMessagesToLog", "liquibase.showBanner", "liquibase.sql.logLevel");

  /** How the name of a variable begins that is an argument of a command. */
  private static final Pattern OF_A_COMMAND = Pattern.compile("(?i)liquibase[._-]command[._-]");

  private LiquibaseEnvironment() {}

  /**
   * Refuses such variables.
   *
   * @param environment the variables
   * @param allowed the names of those that may be set, such as {@link #OF_THE_COMMAND_LINE}
   * @throws Refused if there is another one; the message names all
   */
  public static void refuse(Map<String, String> environment, Set<String> allowed) throws Refused {
    Set<String> found = options(environment.keySet());
    found.removeAll(allowed);
    if (!found.isEmpty()) {
      throw new Refused("""
          The environment sets %s, which Liquibase takes for an option, perhaps of another project. Here an option \
          comes from the command line alone. Unset it: env -u %s ...""".formatted(String.join(", ", found),
          String.join(" -u ", found)));
    }
  }

  /**
   * The names that Liquibase takes for options which change what it does, also by their older names.
   *
   * @param names the names of variables, or of system properties
   */
  public static Set<String> options(Set<String> names) {
    Set<String> keys = new TreeSet<>();
    Scope.getCurrentScope()
        .getSingleton(LiquibaseConfiguration.class)
        .getRegisteredDefinitions(true)
        .stream()
        .filter(option -> !HARMLESS.contains(option.getKey()))
        .forEach(option -> {
          keys.add(option.getKey());
          keys.addAll(option.getAliasKeys());
        });
    Rule rule = new Rule();
    return names.stream()
        .filter(
            name -> OF_A_COMMAND.matcher(name).lookingAt() || keys.stream().anyMatch(key -> rule.keyMatches(key, name)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Liquibase's own, by which it takes a variable for an option. */
  private static final class Rule extends EnvironmentValueProvider {

    @Override
    protected boolean keyMatches(String option, String variable) {
      return super.keyMatches(option, variable);
    }
  }
}
