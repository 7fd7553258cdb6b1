package io.mycelium.migrations.changelog;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;

/**
 * Where a database stands. A JDBC URL does not say that by itself: its parameters may name another host, port or
 * database than its beginning, and of several hosts one is connected to.
 *
 * @param host the host; of a URL perhaps several, with commas between them
 * @param port its port
 * @param database the name of the database
 */
public record DatabaseAddress(String host, String port, String database) {

  /**
   * The address that is connected to.
   *
   * @throws SQLException if the connection is not one of the PostgreSQL driver
   */
  public static DatabaseAddress of(Connection connection) throws SQLException {
    HostSpec connected = connection.unwrap(PgConnection.class).getQueryExecutor().getHostSpec();
    return new DatabaseAddress(connected.getHost(), String.valueOf(connected.getPort()), connection.getCatalog());
  }

  /**
   * The address that a URL names; none if the PostgreSQL driver does not understand the URL.
   *
   * @param url the URL
   */
  public static Optional<DatabaseAddress> of(String url) {
    return Optional.ofNullable(Driver.parseURL(url, new Properties()))
        .map(read -> new DatabaseAddress(PGProperty.PG_HOST.getOrDefault(read), PGProperty.PG_PORT.getOrDefault(read),
            PGProperty.PG_DBNAME.getOrDefault(read)));
  }

  /** Whether it is on this machine. */
  public boolean isLocal() {
    return host.matches("localhost|127(\\.\\d+){3}|\\[?::1]?");
  }

  /** The address as psql takes it, such as {@code localhost:5432/mycelium}. */
  @Override
  public String toString() {
    return host + ":" + port + "/" + database;
  }
}
