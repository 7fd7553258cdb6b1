package io.mycelium.migrations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import liquibase.Contexts;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;

/** What applied migrations define: the schema that they make in a scratch database, the embedded PostgreSQL. */
final class AppliedSchema {

  /** Where the scratch database keeps its data, so that only its first start takes long. */
  private static final String HOME = ".local/scratch";

  private AppliedSchema() {}

  /** What to read from the scratch database. */
  interface Reading<T> {
    T from(Connection connection) throws Exception;
  }

  /**
   * Applies every changeset but some to the scratch database.
   *
   * @param changelog the changelog
   * @param pending the changesets to leave out
   * @param schema the name of the schema to make them in
   * @param reading what to do then, while the database is there
   * @return what the reading gave
   * @throws Refused if the scratch database does not start; the message says why
   */
  static <T> T without(Changelog changelog, List<ChangeSet> pending, String schema, Reading<T> reading) throws Exception {
    try (EmbeddedPostgres scratch = EmbeddedPostgres.start(changelog.root(), HOME); Connection connection = scratch.connect()) {
      EmbeddedPostgres.empty(connection);
      useSchema(connection, schema);
      // Closes the connection that it is given; both share one session.
      changelog.on(new JdbcConnection(scratch.connect()), liquibase -> {
        Scope.getCurrentScope().getSingleton(ChangeLogHistoryServiceFactory.class).getChangeLogService(liquibase.getDatabase()).init();
        note(connection, pending);
        liquibase.update(new Contexts());
      });
      return reading.from(connection);
    }
  }

  private static void useSchema(Connection connection, String schema) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String name = statement.enquoteIdentifier(schema, true);
      statement.execute("create schema if not exists " + name + "; set search_path = " + name + ", public");
    }
  }

  /** Has Liquibase take changesets for applied. */
  private static void note(Connection connection, List<ChangeSet> changeSets) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(
        "insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) values (?, ?, ?, now(), 0, 'EXECUTED')")) {
      for (ChangeSet changeSet : changeSets) {
        statement.setString(1, changeSet.getId());
        statement.setString(2, changeSet.getAuthor());
        statement.setString(3, changeSet.getFilePath());
        statement.executeUpdate();
      }
    }
  }
}
