package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.embedded.EmbeddedPostgres;
import io.mycelium.migrations.embedded.Node;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * The database that a command works on. The first of these that is given names it: {@code -Dliquibase.url}; the profile
 * local or offline; {@code DATABASE_URL} in the environment; the default in the POM.
 */
final class NamedDatabase {

  private NamedDatabase() {}

  /**
   * Sets the properties {@code mycelium.url}, {@code mycelium.username} and {@code mycelium.password}, if
   * {@code DATABASE_URL} names the database; the port of the embedded database; the folder in the offline URL. In the
   * other cases the POM has them right.
   *
   * @param root the project's folder
   * @param given what the command line gives by -D
   * @param environment the variables of the environment
   * @param project the project's properties
   * @throws Refused if two databases are named, or one in a form that cannot work; the message says what to do
   */
  static void set(Path root, Properties given, Map<String, String> environment, Properties project) throws Refused {
    String databaseUrl = environment.get("DATABASE_URL");
    String url = given.getProperty("liquibase.url");
    String profile = project.getProperty("database.profile");
    if (url != null) {
      refuseBesideProfile(profile);
      refuseUnlessJdbc(url);
    } else if ("local".equals(profile)) {
      Node.check();
      if (given.getProperty("local.port") == null) {
        setLastPort(root, project);
      }
    } else if ("offline".equals(profile)) {
      // the current folder may be another than the project's, whose path may have any character
      String folder = URLEncoder.encode(root + "/", StandardCharsets.UTF_8);
      project.setProperty("mycelium.url",
          project.getProperty("mycelium.url").replace("changeLogFile=", "changeLogFile=" + folder));
    } else if (profile == null && databaseUrl != null) {
      DatabaseUrl database =
          DatabaseUrl.read(databaseUrl, environment, root.resolve("src/main/maven/connection.properties"));
      project.setProperty("mycelium.url", database.url());
      set("username", database.username(), given, project);
      set("password", database.password(), given, project);
    }
  }

  /** The embedded database stays where it was started last, so that only the first command has to name a port. */
  private static void setLastPort(Path root, Properties project) throws Refused {
    try {
      EmbeddedPostgres.lastPort(root).ifPresent(port -> {
        String usual = ":" + project.getProperty("local.port") + "/";
        project.setProperty("mycelium.url", project.getProperty("mycelium.url").replace(usual, ":" + port + "/"));
        project.setProperty("local.port", port);
      });
    } catch (IOException e) {
      throw new Refused("the port of the embedded PostgreSQL cannot be read: " + e);
    }
  }

  private static void refuseBesideProfile(String profile) throws Refused {
    if (profile != null) {
      throw new Refused("-P" + profile + " and -Dliquibase.url name two databases; leave one out");
    }
  }

  private static void refuseUnlessJdbc(String url) throws Refused {
    if (!url.matches("(jdbc|offline):postgresql:.*")) {
      throw new Refused("-Dliquibase.url is no JDBC URL of PostgreSQL. Example:"
          + " -Dliquibase.url=jdbc:postgresql://host:5432/database -Dliquibase.username=user"
          + " -Dliquibase.password=password. A URL such as postgresql://... goes into DATABASE_URL");
    }
    if (url.matches(".*[?&](ssl)?password=.*")) {
      throw new Refused(
          "-Dliquibase.url holds a password, which Liquibase would print; give it as -Dliquibase.password");
    }
  }

  /** Sets the user or the password of DATABASE_URL, unless the command line gives it. */
  private static void set(String name, String value, Properties given, Properties project) {
    if (given.getProperty("liquibase." + name) != null) {
      return;
    }
    if (value.isEmpty()) {
      project.remove("mycelium." + name);
    } else {
      project.setProperty("mycelium." + name, value);
    }
  }
}
