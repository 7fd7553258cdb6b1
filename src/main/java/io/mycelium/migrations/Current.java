package io.mycelium.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import liquibase.changelog.ChangeSet;

/**
 * Says where a database stands: its last tag, what was applied after it, and what is pending. Alembic's
 * {@code current}. It only reads: Liquibase's own {@code status} makes the history table where there is none.
 */
public final class Current {

  /** A row of the history. */
  record Applied(String path, String author, String id, String tag) {

    boolean is(ChangeSet changeSet) {
      return path.equals(changeSet.getFilePath()) && author.equals(changeSet.getAuthor()) && id.equals(changeSet.getId());
    }
  }

  private Current() {}

  /**
   * Prints one line, or two where changesets are pending.
   *
   * @param arguments none; the POM names the database and the changelog
   * @throws Exception if the database cannot be reached, or the changelog not read; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = NamedDatabase.connect()) {
      System.out.println(describe(connection, Changelog.named().changeSets()));
    }
  }

  static String describe(Connection connection, List<ChangeSet> changeSets) throws SQLException {
    return describe(name(connection), history(connection), changeSets);
  }

  static String describe(String name, List<Applied> history, List<ChangeSet> changeSets) {
    return name + (history.isEmpty() ? " has " : " is ") + describe(history, changeSets);
  }

  /** Where a database with this history stands, and what is pending there. */
  static String describe(List<Applied> history, List<ChangeSet> changeSets) {
    List<ChangeSet> pending = pending(history, changeSets);
    String where = history.isEmpty() ? "no migration applied" : "at " + position(history);
    return where + switch (pending.size()) {
      case 0 -> "; nothing is pending";
      case 1 -> ";%n1 is pending: %s".formatted(pending.get(0).getId());
      default -> ";%n%d are pending: %s to %s".formatted(
          pending.size(), pending.get(0).getId(), pending.get(pending.size() - 1).getId());
    };
  }

  static List<ChangeSet> pending(List<Applied> history, List<ChangeSet> changeSets) {
    return changeSets.stream().filter(changeSet -> history.stream().noneMatch(row -> row.is(changeSet))).toList();
  }

  private static String position(List<Applied> history) {
    int after = 0;
    for (int i = history.size() - 1; i >= 0; i--, after++) {
      String tag = history.get(i).tag();
      if (tag != null) {
        return after == 0 ? "tag " + tag
            : "%s, %d after tag %s".formatted(history.get(history.size() - 1).id(), after, tag);
      }
    }
    return history.get(history.size() - 1).id() + ", before any tag";
  }

  static List<Applied> history(Connection connection) throws SQLException {
    List<Applied> history = new ArrayList<>();
    if (hasHistory(connection)) {
      try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(
          "select filename, author, id, tag from databasechangelog order by dateexecuted, orderexecuted")) {
        while (rows.next()) {
          history.add(new Applied(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4)));
        }
      }
    }
    return history;
  }

  /** Whether Liquibase's table is there, which it makes before anything else. */
  static boolean hasHistory(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet exists = statement.executeQuery("select to_regclass('databasechangelog') is not null")) {
      return exists.next() && exists.getBoolean(1);
    }
  }

  /** The address as psql takes it, without the password. */
  static String name(Connection connection) throws SQLException {
    String url = connection.getMetaData().getURL().replaceFirst("^jdbc:postgresql://", "").replaceFirst("[?].*", "");
    return "postgresql://" + connection.getMetaData().getUserName() + "@" + url;
  }
}
