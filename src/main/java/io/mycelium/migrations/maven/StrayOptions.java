package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.LiquibaseEnvironment;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Options of Liquibase that do not come from the command line: somebody set them for another project, and they would
 * change what a goal does here.
 */
final class StrayOptions {

  private StrayOptions() {}

  /**
   * Refuses such options.
   *
   * @param settings the properties of each active profile of settings.xml, by its id
   * @param given what the command line gives by -D
   * @param system the system properties
   * @throws Refused if there is one; the message says where it stands
   */
  static void refuse(Map<String, Properties> settings, Properties given, Properties system) throws Refused {
    for (Map.Entry<String, Properties> profile : settings.entrySet()) {
      for (String name : profile.getValue().stringPropertyNames()) {
        if (name.matches("(liquibase|mycelium)\\..*")) {
          throw new Refused("""
              Profile %s of your Maven settings (settings.xml) sets %s, perhaps for another project. Here such a value \
              comes from the command line alone. Run without that profile: -P '!%1$s'""".formatted(profile.getKey(),
              name));
        }
      }
    }
    Set<String> ofTheJvm = new TreeSet<>(system.stringPropertyNames());
    ofTheJvm.removeIf(name -> name.startsWith("env.") || given.containsKey(name));
    Set<String> options = LiquibaseEnvironment.options(ofTheJvm);
    for (String name : ofTheJvm) {
      if (name.startsWith("liquibase.") || options.contains(name)) {
        throw new Refused(
            ("MAVEN_OPTS, JAVA_TOOL_OPTIONS or .mvn/jvm.config sets %s." + " Give it on the command line: -D%1$s=...")
                .formatted(name));
      }
    }
  }
}
