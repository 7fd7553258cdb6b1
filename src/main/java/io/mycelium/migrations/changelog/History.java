package io.mycelium.migrations.changelog;

import io.mycelium.migrations.Refused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import liquibase.changelog.ChangeSet;

/**
 * What was applied to a database, as Liquibase wrote it into the table {@code databasechangelog}. Reading it changes
 * nothing, whereas Liquibase's own {@code status} makes that table where it is missing.
 *
 * @param database the database's address as psql takes it, without the password
 * @param rows the applied changesets, in the order in which they were applied
 */
public record History(String database, List<Applied> rows) {

  /** Gives no changeset a later time than that of one that was applied after it. */
  private static final String ORDER_TIMES = "UPDATE databasechangelog h SET dateexecuted = t.earliest FROM (SELECT id,"
      + " author, filename, min(dateexecuted) OVER (ORDER BY orderexecuted DESC, dateexecuted DESC) AS earliest FROM"
      + " databasechangelog) t WHERE (h.id, h.author, h.filename) = (t.id, t.author, t.filename)";

  /**
   * An applied changeset: a row of the history.
   *
   * @param executed when, in UTC; null where nothing is noted
   * @param deployment Liquibase's number of the run that applied it; null where nothing is noted
   */
  public record Applied(String path, String author, String id, String tag, LocalDateTime executed, String deployment) {

    boolean is(ChangeSet changeSet) {
      return path.equals(changeSet.getFilePath()) && author.equals(changeSet.getAuthor())
          && id.equals(changeSet.getId());
    }
  }

  /**
   * Reads the history in the current schema of a connection.
   *
   * @throws SQLException if it cannot be read
   */
  public static History read(Connection connection) throws SQLException {
    List<Applied> rows = new ArrayList<>();
    if (exists(connection)) {
      try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery("""
          select filename, author, id, tag, dateexecuted, deployment_id from databasechangelog
          where filename like 'changelog/%' and author = 'mycelium' -- another application's lines are none of ours
          order by orderexecuted, dateexecuted""")) {
        while (result.next()) {
          rows.add(new Applied(result.getString(1), result.getString(2), result.getString(3), result.getString(4),
              result.getObject(5, LocalDateTime.class), result.getString(6)));
        }
      }
    }
    return new History("postgresql://" + connection.getMetaData().getUserName() + "@" + DatabaseAddress.of(connection),
        rows);
  }

  /**
   * Refuses to undo what was applied where Liquibase would do that in another order than that in which it was applied:
   * it goes by the times first, which were noted by the clock of each session until they were noted in UTC.
   *
   * @throws Refused if the history's times and numbers give two orders; the message has the remedy
   */
  public static void requireOneOrder(Connection connection) throws SQLException, Refused {
    try (Statement statement = connection.createStatement(); ResultSet earlier = statement.executeQuery("""
        select id from (
          select id, orderexecuted,
            dateexecuted < max(dateexecuted) over (order by orderexecuted, dateexecuted) as earlier
          from databasechangelog) history
        where earlier order by orderexecuted limit 1""")) {
      if (earlier.next()) {
        throw new Refused("the history notes %s as applied earlier than what was applied before it, so Liquibase would"
            .formatted(earlier.getString(1)) + " roll back other changesets than those that came last. Nothing was"
            + " changed. Put the times into the order in which the changesets were applied, then run this again: "
            + ORDER_TIMES);
      }
    }
  }

  /**
   * The key of the advisory lock that liquibase-sessionlock takes. Whoever takes the same lock excludes migrations.
   *
   * @param schema the schema of the history
   * @return two numbers, as PostgreSQL's functions take them
   */
  public static String lockKey(String schema) {
    return "databasechangeloglock".hashCode() + ", " + schema.hashCode();
  }

  /** Whether Liquibase's history table is there. Liquibase makes it before anything else. */
  public static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet exists = statement.executeQuery("select to_regclass('databasechangelog') is not null")) {
      return exists.next() && exists.getBoolean(1);
    }
  }

  /** The changesets of the changelog that are not applied, in the order in which they will run. */
  public List<ChangeSet> pending(List<ChangeSet> changeSets) {
    return changeSets.stream().filter(changeSet -> rows.stream().noneMatch(row -> row.is(changeSet))).toList();
  }

  /** The ids of applied changesets that the changelog does not have: those of a later release, or of another branch. */
  public List<String> unknown(List<ChangeSet> changeSets) {
    return rows.stream().filter(row -> changeSets.stream().noneMatch(row::is)).map(Applied::id).toList();
  }

  /**
   * Where the database stands, with its address.
   *
   * @param changeSets the changelog's
   * @return one line, such as {@code postgresql://... is at tag 1.0; nothing is pending}, or two where something is
   *         pending
   */
  public String describe(List<ChangeSet> changeSets) {
    return database + (rows.isEmpty() ? " has " : " is ") + position(changeSets);
  }

  /**
   * Where the database stands.
   *
   * @param changeSets the changelog's
   * @return one line, such as {@code at tag 1.0; nothing is pending}, or two where something is pending
   */
  public String position(List<ChangeSet> changeSets) {
    List<ChangeSet> pending = pending(changeSets);
    return switch (pending.size()) {
      case 0 -> where() + "; nothing is pending";
      case 1 -> where() + ";%n1 is pending: %s".formatted(pending.get(0).getId());
      default -> where() + ";%n%s are pending: %s to %s".formatted(pending.size(), pending.get(0).getId(),
          pending.get(pending.size() - 1).getId());
    };
  }

  /** Where it stands, pending or not, such as {@code at tag 1.0}. */
  public String where() {
    return rows.isEmpty() ? "no migration applied" : "at " + last();
  }

  /** The last tag; or the last changeset, with how many changesets it is after the last tag. */
  private String last() {
    String last = rows.get(rows.size() - 1).id();
    for (int i = rows.size() - 1, after = 0; i >= 0; i--, after++) {
      String tag = rows.get(i).tag();
      if (tag != null) {
        return after == 0 ? "tag " + tag : "%s, %s after tag %s".formatted(last, after, tag);
      }
    }
    return last + ", before any tag";
  }
}
