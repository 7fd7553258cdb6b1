package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code DATABASE_URL}, as {@code postgresql://user:password@host:port/database}, in the words of the JDBC driver. What
 * it leaves out is taken from the environment, as psql does.
 *
 * @param url the JDBC URL, without user and password
 * @param username the user; empty if there is none
 * @param password the password; empty if there is none
 * @see <a href="https://github.com/sqlalchemy/sqlalchemy/blob/main/lib/sqlalchemy/engine/url.py">The grammar is
 *      SQLAlchemy's, by which Alembic read it</a>, and
 *      <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS">psql's</a>, which has
 *      several hosts
 */
record DatabaseUrl(String url, String username, String password) {

  private static final String EXAMPLE = " Example: DATABASE_URL=postgresql://user:password@host:5432/database"
      + " (in user and password write @ as %40, : as %3A, / as %2F, % as %25)";

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);
  private static final Pattern GRAMMAR = Pattern.compile("""
      [^:]+://
      (?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?
      (?<hosts>[^/?@\\s]*)
      (?:/(?<database>[^?]*))?
      (?:\\?(?<query>.*))?""".replace("\n", ""));
  private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[^\\]]*\\]|[^:\\[]*)(?::([^:]*))?");
  private static final Pattern HOST = Pattern.compile("[^/?#&@:%\\s\\[\\]]+|\\[[0-9A-Fa-f:.]+(%\\w+)?\\]");
  private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

  /**
   * Reads the variable.
   *
   * @param text the variable's value
   * @param environment the variables of the environment
   * @param connection the file with the settings of our connections, which come before the URL's own {@code options}
   * @throws Refused if it names no database that JDBC can reach; the message shows no part of it but its scheme and the
   *           names of parameters
   */
  static DatabaseUrl read(String text, Map<String, String> environment, Path connection) throws Refused {
    if (text.isBlank()) { // a pipeline passes a missing secret so
      throw new Refused("DATABASE_URL is set, but empty. Unset it for the default database." + EXAMPLE);
    }
    Unreadable.refuse("DATABASE_URL", text);
    String url = text.strip();
    refuseOtherScheme(url);
    Matcher parts = GRAMMAR.matcher(url);
    if (!parts.matches()) {
      throw new Refused("DATABASE_URL is malformed." + EXAMPLE);
    }
    Map<String, String> properties = ConnectionParameters.translate(given(parts), environment);
    String username = taken("user", properties);
    String password = taken("password", properties);
    ConnectionSecurity.asPsql(properties);
    if (properties.containsKey("options")) {
      // the driver takes only one: ours, then theirs, of which the later ones win
      properties.merge("options", ownOptions(connection), (theirs, ours) -> ours + " " + theirs);
    }
    String address = address(properties) + "/" + encode(taken("PGDBNAME", properties));
    StringJoiner parameters = new StringJoiner("&", "?", "").setEmptyValue("");
    properties.forEach((name, value) -> parameters.add(name + "=" + encode(value)));
    return new DatabaseUrl("jdbc:postgresql://" + address + parameters, username, password);
  }

  private static void refuseOtherScheme(String url) throws Refused {
    Matcher scheme = SCHEME.matcher(url);
    if (!scheme.matches()) {
      throw new Refused("DATABASE_URL is not a URL." + EXAMPLE);
    }
    if (scheme.group(1).equals("jdbc")) {
      throw new Refused("DATABASE_URL is a JDBC URL; give that as -Dliquibase.url with -Dliquibase.username and"
          + " -Dliquibase.password, or write DATABASE_URL as Alembic took it." + EXAMPLE);
    }
    if (!scheme.group(1).matches("postgres(ql)?(\\+\\w+)?")) {
      throw new Refused("DATABASE_URL names a database of the kind " + scheme.group(1)
          + "; this schema is for PostgreSQL." + EXAMPLE);
    }
  }

  /** All that the URL says, as parameters. What stands behind the question mark wins over what stands before it. */
  private static Map<String, String> given(Matcher parts) throws Refused {
    Map<String, String> given = new LinkedHashMap<>();
    for (String parameter : group(parts, "query").split("&")) {
      int equals = parameter.indexOf('=');
      if (equals < 0 && !parameter.isEmpty()) {
        throw new Refused("DATABASE_URL has a parameter without a value; write ?name=value&other=value");
      }
      String value = decode(parameter.substring(equals + 1).replace('+', ' '));
      if (!value.isEmpty()) {
        // SQLAlchemy's way to name several hosts; of any other parameter the last one counts
        given.merge(decode(parameter.substring(0, equals)), value,
            (before, after) -> parameter.startsWith("host=") ? before + "," + after : after);
      }
    }
    String hosts = given.remove("host");
    if (hosts != null) {
      putHosts(hosts, given);
    }
    putHosts(decode(group(parts, "hosts")), given);
    putIfSaid("user", decode(group(parts, "user")), given);
    putIfSaid("password", decode(group(parts, "password")), given);
    putIfSaid("dbname", decode(group(parts, "database")), given);
    return given;
  }

  /** Of hosts such as {@code h1:5432,h2:5433}, makes the hosts and the ports. */
  private static void putHosts(String text, Map<String, String> given) {
    List<String> hosts = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (String one : text.split(",", -1)) {
      Matcher pair = HOST_AND_PORT.matcher(one);
      boolean isPair = pair.matches();
      hosts.add(isPair ? pair.group(1) : one);
      ports.add(isPair && pair.group(2) != null ? pair.group(2) : "");
    }
    putIfSaid("host", String.join(",", hosts), given);
    if (ports.stream().anyMatch(port -> !port.isEmpty())) {
      putIfSaid("port", String.join(",", ports), given);
    }
  }

  private static void putIfSaid(String name, String value, Map<String, String> given) {
    if (!value.isEmpty()) {
      given.putIfAbsent(name, value);
    }
  }

  /** Takes the hosts and ports from the properties, and writes them as a JDBC URL has them. */
  private static String address(Map<String, String> properties) throws Refused {
    String names = taken("PGHOST", properties);
    String addresses = taken("hostaddr", properties);
    if (!addresses.isEmpty() && !names.isEmpty() && "verify-full".equals(properties.get("sslmode"))) {
      throw new Refused("DATABASE_URL or PGHOSTADDR has a hostaddr, against which the JDBC driver would check the"
          + " certificate, instead of the host's name. Leave out hostaddr");
    }
    String[] hosts = (addresses.isEmpty() ? names : addresses).split(",", -1);
    String[] ports = taken("PGPORT", properties).split(",", -1);
    if (ports.length != 1 && ports.length != hosts.length) {
      throw new Refused("DATABASE_URL has as many ports as hosts, or one port for all." + EXAMPLE);
    }
    StringJoiner all = new StringJoiner(",");
    for (int i = 0; i < hosts.length; i++) {
      all.add(host(hosts[i]) + port(ports[ports.length == 1 ? 0 : i]));
    }
    return all.toString();
  }

  private static String host(String host) throws Refused {
    if (host.startsWith("/") || host.startsWith("@")) {
      throw new Refused("DATABASE_URL or PGHOST names a Unix socket, which JDBC cannot use; name the host." + EXAMPLE);
    }
    String name = host.isEmpty() ? "localhost" : host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    if (!HOST.matcher(name).matches()) {
      throw new Refused("DATABASE_URL is malformed, since its host is no name of a host." + EXAMPLE);
    }
    return name;
  }

  private static String port(String port) throws Refused {
    if (!port.matches("|\\d{1,5}")
        || !port.isEmpty() && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535)) {
      throw new Refused("DATABASE_URL or PGPORT has a port that is no number from 1 to 65535." + EXAMPLE);
    }
    return port.isEmpty() ? "" : ":" + port;
  }

  private static String taken(String property, Map<String, String> properties) {
    String value = properties.remove(property);
    return value == null ? "" : value;
  }

  private static String group(Matcher parts, String name) {
    return parts.group(name) == null ? "" : parts.group(name);
  }

  /** Percent-decoding as Python's urllib.parse.unquote does it: what is no valid escape stays as it is. */
  private static String decode(String text) {
    return ESCAPES.matcher(text)
        .replaceAll(escapes -> Matcher.quoteReplacement(URLDecoder.decode(escapes.group(), StandardCharsets.UTF_8)));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String ownOptions(Path connection) throws Refused {
    Properties settings = new Properties();
    try (InputStream file = Files.newInputStream(connection)) {
      settings.load(file);
    } catch (IOException e) {
      throw new Refused("the settings of the connection cannot be read: " + e.getMessage());
    }
    return settings.getProperty("options");
  }
}
