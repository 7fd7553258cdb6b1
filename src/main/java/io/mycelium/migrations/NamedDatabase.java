package io.mycelium.migrations;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/** The database that {@code src/main/maven/database.bsh} named, for a program that the POM starts. */
final class NamedDatabase {

  private NamedDatabase() {}

  /**
   * Connects as the Liquibase goals do.
   *
   * @return a connection with the settings of {@code connection.properties}
   * @throws Refused if the database cannot be reached; the message says why, without the password
   */
  static Connection connect() throws IOException, Refused {
    Properties properties = new Properties();
    try (Reader file = Files.newBufferedReader(Changelog.named().root().resolve("src/main/maven/connection.properties"))) {
      properties.load(file);
    }
    Map.of("user", "database.username", "password", "database.password").forEach((name, property) -> {
      String value = System.getProperty(property, "");
      if (!value.isEmpty()) {
        properties.setProperty(name, value);
      }
    });
    try {
      return new Driver().connect(System.getProperty("database.url"), properties);
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }
}
