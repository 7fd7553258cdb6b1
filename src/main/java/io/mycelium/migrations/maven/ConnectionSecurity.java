package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Has the JDBC driver check a server's certificate wherever psql would: of some words the driver makes less. */
final class ConnectionSecurity {

  private static final String MODE = "sslmode";
  private static final String ROOT = "sslrootcert";

  private ConnectionSecurity() {}

  /**
   * Changes the driver's properties to what psql means by them.
   *
   * @param properties the properties, by their names
   * @throws Refused if psql would refuse them, or if the driver cannot do both of two
   */
  static void asPsql(Map<String, String> properties) throws Refused {
    if ("system".equals(properties.get(ROOT))) {
      trustWhomTheSystemTrusts(properties);
    } else if ("require".equals(properties.get(MODE)) && (properties.containsKey(ROOT) || hasRootOfItsOwn())) {
      properties.put(MODE, "verify-ca");
    }
  }

  /** The driver's factory for that reads Java's certificates, and no file of a client's certificate. */
  private static void trustWhomTheSystemTrusts(Map<String, String> properties) throws Refused {
    if (!properties.getOrDefault(MODE, "verify-full").equals("verify-full")) {
      throw new Refused("sslrootcert=system goes with sslmode=verify-full alone, since anybody can get a certificate"
          + " from those whom the system trusts; change sslmode in DATABASE_URL or PGSSLMODE");
    }
    if (properties.containsKey("sslcert") || properties.containsKey("sslkey")) {
      throw new Refused("With sslrootcert=system the JDBC driver shows no certificate of a client; name the file of the"
          + " server's root certificate instead, in DATABASE_URL or PGSSLROOTCERT");
    }
    properties.remove(ROOT);
    properties.put(MODE, "verify-full");
    properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
  }

  /** Whether there is the file from which psql and the driver take a root certificate that nobody names. */
  private static boolean hasRootOfItsOwn() {
    return Files.exists(Path.of(System.getProperty("user.home"), ".postgresql", "root.crt"));
  }
}
