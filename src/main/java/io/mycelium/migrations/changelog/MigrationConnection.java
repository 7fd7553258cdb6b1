package io.mycelium.migrations.changelog;

import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;
import java.util.regex.Pattern;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * Liquibase's connection, opened alike by each of its goals and by our own commands: without a password it takes that
 * of {@code ~/.pgpass} or {@code PGPASSFILE}, and where nothing answers on this machine it says which databases there
 * are besides.
 */
public final class MigrationConnection extends JdbcConnection {

  private static final String OTHERS =
      " (under Maven, -Plocal in front of the command runs it on the embedded PostgreSQL,"
          + " and DATABASE_URL names another database: docs/naming-the-database.md)";

  /**
   * The states of a connection that was not made: nothing answers, the role or password, or the database is unknown.
   */
  private static final Pattern NOT_THERE = Pattern.compile("08001|28...|3D...");

  /** For Liquibase, which finds it by META-INF/services. */
  public MigrationConnection() {}

  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  @Override
  public boolean supports(String url) {
    return url != null && url.startsWith("jdbc:postgresql:");
  }

  @Override
  public void open(String url, Driver driver, Properties properties) throws DatabaseException {
    if (properties.getProperty("password", "").isEmpty()) {
      // Liquibase's Maven plugin makes a password that is not there an empty one, for which the driver asks no file
      properties.remove("password");
    }
    try {
      super.open(url, driver, properties);
    } catch (DatabaseException e) {
      boolean local = DatabaseAddress.of(url).map(DatabaseAddress::isLocal).orElse(false);
      if (local && e.getCause() instanceof SQLException reason
          && NOT_THERE.matcher(String.valueOf(reason.getSQLState())).matches()) {
        throw new DatabaseException(e.getMessage() + OTHERS,
            new SQLException(reason.getMessage() + OTHERS, reason.getSQLState(), reason));
      }
      throw e;
    }
  }
}
