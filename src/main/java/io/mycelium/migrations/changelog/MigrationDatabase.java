package io.mycelium.migrations.changelog;

import io.mycelium.migrations.Resource;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.Scope;
import liquibase.database.DatabaseConnection;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * Liquibase's PostgreSQL, with a session that is the same whoever runs Liquibase (Maven, its command line, a container,
 * Java, Spring) and whatever the machine, the role or the database says. Liquibase finds it by META-INF/services and
 * takes it in the place of its own.
 *
 * <p>
 * The settings of {@code connection.properties} hold here even where the connection was opened without that file. What
 * whoever opened the connection has set himself stays. Closing it puts back what was changed, for a pool of
 * connections.
 */
public final class MigrationDatabase extends PostgresDatabase {

  /** Liquibase orders the history by this time, so it must not depend on a session's time zone. */
  private static final String NOW_IN_UTC = "pg_catalog.timezone('UTC', pg_catalog.now())";

  /**
   * What no run can do without, and {@code connection.properties} cannot say: the driver itself sets the time zone, to
   * that of the JVM; and an older server refuses a connection that names a setting which it does not know.
   */
  private static final Map<String, String> ALWAYS = Map.of("TimeZone", "UTC", //
      // In another one, an update that waited for another update does not see what that one applied.
      "default_transaction_isolation", "read committed", //
      // They would end a run in the middle. What bounds a run is statement_timeout.
      "idle_in_transaction_session_timeout", "0", "idle_session_timeout", "0", "transaction_timeout", "0");

  private static final Pattern OPTION = Pattern.compile("-c (\\S+?)=(\\S+)");

  /** How much longer than a statement may take the client waits for the server's answer, in milliseconds. */
  private static final int ANSWER_LIMIT_MS = 60_000;

  private Map<String, String> before = Map.of();
  private int answerLimitBefore;

  /** For Liquibase, which finds it by META-INF/services. */
  public MigrationDatabase() {
    setCurrentDateTimeFunction(NOW_IN_UTC);
  }

  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  @Override
  public void setConnection(DatabaseConnection connection) {
    super.setConnection(connection);
    if (connection instanceof JdbcConnection jdbc) {
      try {
        Map<String, String> ours = ofTheFile();
        ours.putAll(ALWAYS);
        before = set(jdbc.getUnderlyingConnection(), ours, ALWAYS.keySet());
        answerLimitBefore = jdbc.getUnderlyingConnection().getNetworkTimeout();
        limitAnswer(jdbc.getUnderlyingConnection());
        jdbc.commit(); // with a rollback of this transaction the settings would be gone
      } catch (SQLException | DatabaseException e) {
        throw new UnexpectedLiquibaseException(e);
      }
    }
  }

  @Override
  public void close() throws DatabaseException {
    try {
      if (getConnection() instanceof JdbcConnection jdbc && !jdbc.isClosed()) {
        set(jdbc.getUnderlyingConnection(), before, before.keySet());
        jdbc.getUnderlyingConnection().setNetworkTimeout(Runnable::run, answerLimitBefore);
        jdbc.commit();
      }
    } catch (SQLException e) {
      Scope.getCurrentScope().getLog(getClass()).fine("the session's settings could not be put back", e);
    }
    super.close();
  }

  /**
   * Sets those settings that this server knows.
   *
   * @param always the names of those that are set even where whoever opened the connection has set them
   * @return what they were before
   */
  private static Map<String, String> set(Connection connection, Map<String, String> values, Collection<String> always)
      throws SQLException {
    Map<String, String> before = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement("""
        select name, pg_catalog.current_setting(name), pg_catalog.set_config(name, value, false)
        from rows from (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[])) wanted(name, value)
        join pg_catalog.pg_settings using (name)
        where name operator(pg_catalog.=) any (?) or source not in ('client', 'session')""")) {
      statement.setArray(1, connection.createArrayOf("text", values.keySet().toArray()));
      statement.setArray(2, connection.createArrayOf("text", values.values().toArray()));
      statement.setArray(3, connection.createArrayOf("text", always.toArray()));
      try (ResultSet settings = statement.executeQuery()) {
        while (settings.next()) {
          before.put(settings.getString(1), settings.getString(2));
        }
      }
    }
    return before;
  }

  /** After a lost network nothing else would end the wait. Where a statement has no limit, the answer has none. */
  private static void limitAnswer(Connection connection) throws SQLException {
    try (
        PreparedStatement statement = connection
            .prepareStatement("select setting::int from pg_catalog.pg_settings where name = 'statement_timeout'");
        ResultSet limit = statement.executeQuery()) {
      limit.next();
      if (limit.getInt(1) > 0 && connection.getNetworkTimeout() == 0) {
        connection.setNetworkTimeout(Runnable::run, limit.getInt(1) + ANSWER_LIMIT_MS);
      }
    }
  }

  /** The settings that connection.properties gives to the server. */
  private static Map<String, String> ofTheFile() {
    Properties file = new Properties();
    try {
      file.load(new StringReader(Resource.text(MigrationDatabase.class, "/src/main/maven/connection.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> settings = new HashMap<>();
    for (Matcher option = OPTION.matcher(file.getProperty("options")); option.find();) {
      settings.put(option.group(1), option.group(2));
    }
    return settings;
  }
}
