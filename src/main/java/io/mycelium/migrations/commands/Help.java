package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.DatabaseAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What {@code mvn} alone prints: each command with what it does, and the database that it would take. A profile's line
 * stands in the POM as its property {@code help}, that of a Liquibase goal in the README's table.
 */
public final class Help {

  private static final Pattern GOAL = Pattern.compile("(?m)^\\| ([^|]+) \\| `(mvn [^`]*liquibase:[^`]*)` ");

  private Help() {}

  /**
   * The text.
   *
   * @param root the project's folder
   * @param url the JDBC URL of the database
   */
  public static String text(Path root, String url) throws IOException {
    return """
        %s
        %s
        Without -Plocal, these commands take %s. DATABASE_URL names another database: docs/naming-the-database.md"""
        .formatted(lines(profiles(root.resolve("pom.xml"))), lines(goals(root.resolve("README.md"))),
            DatabaseAddress.of(url).map(address -> "postgresql://" + address).orElse(url.replaceFirst("\\?.*", "")));
  }

  /** What each profile of the POM does, by its command. */
  static Map<String, String> profiles(Path pom) throws IOException {
    Map<String, String> profiles = new LinkedHashMap<>();
    try {
      NodeList found =
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile()).getElementsByTagName("profile");
      for (int i = 0; i < found.getLength(); i++) {
        Element profile = (Element) found.item(i);
        if (profile.getElementsByTagName("help").item(0) instanceof Element help) {
          profiles.put("mvn -P" + profile.getElementsByTagName("id").item(0).getTextContent(),
              help.getTextContent().strip().replaceAll("\\s+", " "));
        }
      }
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(pom + " cannot be read", e);
    }
    return profiles;
  }

  private static Map<String, String> goals(Path readme) throws IOException {
    Map<String, String> goals = new LinkedHashMap<>();
    Matcher rows = GOAL.matcher(Files.readString(readme));
    while (rows.find()) {
      goals.put(rows.group(2), rows.group(1));
    }
    return goals;
  }

  private static String lines(Map<String, String> commands) {
    int width = commands.keySet().stream().mapToInt(String::length).max().orElse(0);
    return commands.entrySet()
        .stream()
        .map(command -> ("%-" + width + "s  %s\n").formatted(command.getKey(), command.getValue()))
        .collect(Collectors.joining());
  }
}
