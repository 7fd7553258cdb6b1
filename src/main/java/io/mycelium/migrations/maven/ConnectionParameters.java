package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Resource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a URL of PostgreSQL may have after its question mark, in the words of the JDBC driver. The file
 * {@code connection-parameters.txt} is the table: a parameter a line. Whatever the driver cannot do is refused, since a
 * parameter that is left out silently leads to another database, or to a connection that is less safe than it seems.
 */
final class ConnectionParameters {

  private static final String ANY = "*";
  private static final String NUMBER = "number";
  private static final Map<String, Parameter> TABLE = table();

  private ConnectionParameters() {}

  /**
   * A line of the table.
   *
   * @param variable the variable of the environment that psql takes where the URL says nothing; empty if there is none
   * @param property the driver's property; empty if the driver has none
   * @param values the values that are allowed, each with the driver's; empty where any is, if there is a property
   * @param otherwise why another value is refused, or what to do instead; empty where the values say it
   */
  private record Parameter(String name, String variable, String property, Map<String, String> values,
      String otherwise) {

    static Parameter of(String line) {
      String[] cells = Arrays.copyOf(line.split("\\|"), 5);
      for (int i = 0; i < cells.length; i++) {
        cells[i] = cells[i] == null ? "" : cells[i].strip();
      }
      boolean ofTheDriver = !line.contains("|");
      Map<String, String> values = new LinkedHashMap<>();
      for (String value : cells[3].isEmpty() ? new String[0] : cells[3].split(" ")) {
        String[] pair = value.split("=");
        values.put(pair[0], pair[pair.length - 1]);
      }
      return new Parameter(cells[0], cells[1], ofTheDriver ? cells[0] : cells[2], values, cells[4]);
    }

    /** What two parameters have in common that say the same. */
    String meaning() {
      return property.isEmpty() ? name : property;
    }

    boolean allows(String value) {
      return values.isEmpty() && !property.isEmpty() || values.containsKey(value) || values.containsKey(ANY)
          || values.containsKey(NUMBER) && value.matches("\\d{1,9}");
    }

    /** Says why a value is refused, and does not show it: it may be a password that is in the wrong place. */
    String problem() {
      String allowed = values.isEmpty() ? "" : "; possible is " + String.join(", ", values.keySet());
      return allowed + (otherwise.isEmpty() ? "" : ": " + otherwise);
    }
  }

  /**
   * Translates parameters, and takes from the environment what they leave out.
   *
   * @param given the parameters of the URL, by their names
   * @param environment the variables of the environment
   * @return the driver's properties, by their names
   * @throws Refused if nobody knows a parameter, or if the driver cannot do what it says
   */
  static Map<String, String> translate(Map<String, String> given, Map<String, String> environment) throws Refused {
    Map<String, String> properties = new LinkedHashMap<>();
    Set<String> said = new HashSet<>();
    for (Map.Entry<String, String> one : given.entrySet()) {
      Parameter parameter = TABLE.get(one.getKey());
      if (parameter == null) {
        throw said.contains("password")
            ? new Refused("DATABASE_URL has an unknown parameter behind its password; in a password write & as %26")
            : unknown(one.getKey());
      }
      if (!parameter.allows(one.getValue())) {
        throw new Refused("DATABASE_URL has a " + parameter.name + " that the JDBC driver cannot take"
            + parameter.problem() + ". Leave it out, or change it");
      }
      put(parameter, one.getValue(), properties);
      said.add(parameter.meaning());
    }
    for (Parameter parameter : TABLE.values()) {
      String value = environment.getOrDefault(parameter.variable, "");
      if (!value.isEmpty() && said.add(parameter.meaning())) {
        Unreadable.refuse(parameter.variable, value);
        if (!parameter.allows(value)) {
          throw new Refused(
              "%s is set, which psql takes where DATABASE_URL has no %s. The JDBC driver cannot take it%s. "
                  .formatted(parameter.variable, parameter.name, parameter.problem()) + "Unset it, or change it");
        }
        put(parameter, value, properties);
      }
    }
    return properties;
  }

  private static void put(Parameter parameter, String value, Map<String, String> properties) {
    if (!parameter.property.isEmpty()) {
      properties.put(parameter.property, parameter.values.getOrDefault(value, value));
    }
  }

  private static Refused unknown(String name) {
    return new Refused(
        "DATABASE_URL has the parameter %s, which neither psql nor the JDBC driver knows. Did you mean %s? "
            .formatted(name, NearestName.to(name, TABLE.keySet()))
            + "A setting of the server goes into options: ?options=-c%20name%3Dvalue");
  }

  private static Map<String, Parameter> table() {
    List<String> lines = Resource.text(ConnectionParameters.class, "connection-parameters.txt").lines().toList();
    return lines.stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Parameter::of)
        .collect(Collectors.toMap(Parameter::name, parameter -> parameter, (one, other) -> {
          throw new IllegalStateException("twice in the table: " + one.name);
        }, LinkedHashMap::new));
  }
}
