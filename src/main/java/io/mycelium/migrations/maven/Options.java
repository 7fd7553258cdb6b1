package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.LiquibaseConfiguration;

/** The options that somebody reads: this project's own, those of Liquibase's Maven plugin, and Liquibase's. */
final class Options {

  /** What the programs read that the POM has no property for. */
  private static final Set<String> OF_PROGRAMS =
      Set.of("domain", "name", "drop", "rename", "pending", "agents", "query", "category", "limit");
  private static final Pattern OURS = Pattern.compile("(bench|drift|embedding|local|mycelium|postgres)\\..*");
  private static final Pattern OF_THE_PLUGIN = Pattern.compile("\\$\\{(liquibase\\.[^}]*)}");
  private static final String LIQUIBASE = "liquibase.";

  private Options() {}

  /** Whether an option is this project's by its name. */
  static boolean isOurs(String name) {
    return OURS.matcher(name).matches();
  }

  /**
   * Refuses an option that nobody reads, as a mistyped one. An option that is like none of ours may be another
   * plugin's, and passes.
   *
   * @param given the names of the options on the command line
   * @param ofThePom the names of the properties that the POM has
   * @throws Refused if there is one; the message says which was meant
   */
  static void refuseUnknown(Collection<String> given, Collection<String> ofThePom) throws Refused {
    Set<String> ours = new TreeSet<>(OF_PROGRAMS);
    ours.addAll(ofThePom);
    Set<String> liquibases = new TreeSet<>();
    for (String name : given) {
      if (name.startsWith(LIQUIBASE)) {
        liquibases.add(name);
      } else if (!ours.contains(name) && (isOurs(name) || isLike(name, NearestName.to(name, ours)))) {
        throw unknown(name, ours);
      }
    }
    liquibases.removeAll(ours);
    refuseUnknownToLiquibase(liquibases);
  }

  /** Asks the plugin first, and Liquibase only where that is not enough. */
  private static void refuseUnknownToLiquibase(Set<String> given) throws Refused {
    if (given.isEmpty()) {
      return;
    }
    Set<String> known = ofThePlugin();
    if (!known.containsAll(given)) {
      known.addAll(ofLiquibase());
    }
    for (String name : given) {
      if (!known.contains(name)) {
        throw unknown(name, known);
      }
    }
  }

  private static boolean isLike(String name, String other) {
    return NearestName.distance(name, other) < Math.min(3, name.length() / 2);
  }

  private static Refused unknown(String name, Set<String> known) {
    return new Refused("-D" + name + " is no option of Liquibase or of this project, so it would change nothing."
        + " Did you mean -D" + NearestName.to(name.replace(".command.", "."), known) + "?");
  }

  /** What Liquibase's Maven plugin takes, from its own description. */
  private static Set<String> ofThePlugin() {
    Set<String> names = new TreeSet<>();
    try {
      for (URL plugin : Collections.list(Options.class.getClassLoader().getResources("META-INF/maven/plugin.xml"))) {
        try (InputStream description = plugin.openStream()) {
          OF_THE_PLUGIN.matcher(new String(description.readAllBytes(), StandardCharsets.UTF_8))
              .results()
              .map((MatchResult option) -> option.group(1))
              .forEach(names::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  /** What Liquibase itself reads as a system property. */
  private static Set<String> ofLiquibase() {
    return Scope.getCurrentScope()
        .getSingleton(LiquibaseConfiguration.class)
        .getRegisteredDefinitions(false)
        .stream()
        .map(ConfigurationDefinition::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
