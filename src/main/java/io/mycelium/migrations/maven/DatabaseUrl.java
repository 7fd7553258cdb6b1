package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code DATABASE_URL}, as {@code postgresql://user:password@host:port/database}, in the words of the JDBC driver.
 *
 * @param url the JDBC URL, without user and password
 * @param username the user; empty if there is none
 * @param password the password; empty if there is none
 * @see <a href="https://github.com/sqlalchemy/sqlalchemy/blob/main/lib/sqlalchemy/engine/url.py">The grammar is
 *      SQLAlchemy's, by which Alembic read it</a>
 */
record DatabaseUrl(String url, String username, String password) {

  private static final String EXAMPLE = " Example: DATABASE_URL=postgresql://user:password@host:5432/database"
      + " (in user and password write @ as %40, : as %3A, / as %2F, % as %25)";

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);
  private static final Pattern GRAMMAR = Pattern.compile("""
      [^:]+://
      (?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?
      (?<host>\\[[^\\]/?]+\\]|[^/:?]*)
      (?::(?<port>[^/?]*))?
      (?:/(?<database>[^?]*))?
      (?:\\?(?<query>.*))?""".replace("\n", ""));
  private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

  /**
   * Reads the variable.
   *
   * @param text the variable's value
   * @param connection the file with the settings of our connections, which come before the URL's own {@code options}
   * @throws Refused if it names no database that JDBC can reach; the message shows no part of it but the scheme
   */
  static DatabaseUrl read(String text, Path connection) throws Refused {
    if (text.isBlank()) { // a pipeline passes a missing secret so
      throw new Refused("DATABASE_URL is set, but empty. Unset it for the default database." + EXAMPLE);
    }
    String url = text.strip();
    refuseOtherScheme(url);
    Matcher parts = GRAMMAR.matcher(url);
    if (!parts.matches() || parts.group("host").contains("@") || parts.group("host").matches(".*\\s.*")) {
      throw new Refused("DATABASE_URL is malformed." + EXAMPLE);
    }
    String host = parts.group("host").isEmpty() ? "localhost" : parts.group("host");
    String database = encode(decode(given(parts, "database")));
    Query query = Query.read(given(parts, "query"), connection);
    return new DatabaseUrl("jdbc:postgresql://" + host + port(given(parts, "port")) + "/" + database + query.parameters,
        query.username == null ? decode(given(parts, "user")) : query.username,
        query.password == null ? decode(given(parts, "password")) : query.password);
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

  private static String port(String port) throws Refused {
    if (!port.matches("|\\d{1,5}") || !port.isEmpty() && Integer.parseInt(port) > 65535) {
      throw new Refused("DATABASE_URL has a port that is no number from 1 to 65535." + EXAMPLE);
    }
    return port.isEmpty() ? "" : ":" + port;
  }

  private static String given(Matcher parts, String name) {
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

  /**
   * What follows the question mark.
   *
   * @param parameters those of the driver, with the question mark; empty if there are none
   * @param username the user; null if there is none among them
   * @param password the password; null if there is none among them
   */
  private record Query(String parameters, String username, String password) {

    static Query read(String query, Path connection) throws Refused {
      StringJoiner parameters = new StringJoiner("&", "?", "").setEmptyValue("");
      String username = null;
      String password = null;
      for (String parameter : query.split("&")) {
        int equals = parameter.indexOf('=');
        if (equals < 1) {
          continue;
        }
        String name = decode(parameter.substring(0, equals));
        String value = decode(parameter.substring(equals + 1).replace('+', ' '));
        switch (name) {
          case "user" -> username = value;
          case "password" -> password = value;
          case "sslpassword" -> throw new Refused(
              "DATABASE_URL holds an sslpassword, which Liquibase would print; use a key file without one");
          case "host" -> throw new Refused(
              "DATABASE_URL names its host as a parameter, as for a Unix socket, which JDBC cannot use." + EXAMPLE);
          // the driver takes only one: ours, then theirs, of which the later ones win
          case "options" -> parameters.add("options=" + encode(ownOptions(connection) + " " + value));
          default -> parameters.add(encode(jdbcName(name, value)) + "=" + encode(value));
        }
      }
      return new Query(parameters.toString(), username, password);
    }

    /** The JDBC driver's name for a parameter of libpq or asyncpg. Any other parameter keeps its name. */
    private static String jdbcName(String name, String value) {
      return switch (name) {
        case "ssl" -> value.matches("true|false") ? name : "sslmode";
        case "application_name" -> "ApplicationName";
        case "connect_timeout" -> "connectTimeout";
        case "channel_binding" -> "channelBinding";
        case "gssencmode" -> "gssEncMode";
        default -> name;
      };
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
}
