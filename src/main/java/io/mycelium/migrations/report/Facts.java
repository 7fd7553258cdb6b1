package io.mycelium.migrations.report;

import io.mycelium.migrations.changelog.History.Applied;
import io.mycelium.migrations.locks.Touched;
import io.mycelium.migrations.schema.Contents;
import io.mycelium.migrations.schema.Difference;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the report says of a database.
 *
 * @param server what the database is and what it runs on
 * @param where where its history stands, such as {@code at tag 1.0}
 * @param applied its history
 * @param comments why each changeset of the changelog is there, by its id
 * @param unknown the changesets of its history that the changelog does not know
 * @param pending what is not applied yet
 * @param health what its own checks found
 * @param drift how it differs from what its applied migrations define
 * @param sizes how large its tables are
 * @param schema what it holds
 * @param diagram the picture of the schema at the head of the changelog, as SVG
 */
public record Facts(Server server, String where, List<Applied> applied, Map<String, String> comments,
    List<String> unknown, List<Pending> pending, Answer<List<Finding>> health, Answer<Drift> drift, Answer<Sizes> sizes,
    Contents schema, String diagram) {

  /**
   * What could be found out, or why not.
   *
   * @param value null if it could not be found out
   * @param reason why, and what to do about it; null if it could
   */
  public record Answer<T>(T value, String reason) {}

  /**
   * A database, without its password.
   *
   * @param versions of PostgreSQL and of pgvector, in words
   * @param size for people, such as {@code 12 MB}
   * @param read when all of it was read
   */
  public record Server(String address, String name, String schema, String versions, String size, Instant read) {}

  /**
   * A changeset that is not applied yet.
   *
   * @param why its comment
   * @param sql its SQL
   * @param rollback the SQL of its rollback
   * @param losses the statements of its rollback that lose data
   * @param locks what it and its rollback lock
   */
  public record Pending(String id, String why, String sql, String rollback, List<String> losses,
      Answer<List<Touched>> locks) {}

  /**
   * How it differs from what its applied migrations define.
   *
   * @param foreign the objects that are none of ours
   * @param uncompared the objects whose kind cannot be compared
   * @param unread the routines that could not be parsed, and were compared as text
   * @param sql what mends it; empty where nothing has drifted
   */
  public record Drift(List<Difference> objects, List<String> foreign, List<String> uncompared, List<String> unread,
      String sql) {}
}
