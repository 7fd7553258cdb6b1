package io.mycelium.migrations;

import io.mycelium.migrations.changelog.Changelog;
import java.nio.file.Path;
import java.sql.Connection;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.database.jvm.JdbcConnection;

/** The changelog on a database, in this process: what the Maven goals do, without Maven's start. */
final class Migrations {

  static final Path ROOT = Path.of("").toAbsolutePath();
  static final Changelog CHANGELOG = new Changelog(ROOT, "changelog/db.changelog-master.yaml");

  private Migrations() {}

  static void update(TestDatabase database) {
    update(database, CHANGELOG.path());
  }

  static void updateToTag(TestDatabase database, String tag) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.update(tag, new Contexts(), new LabelExpression()));
  }

  /** Applies the next changesets. */
  static void update(TestDatabase database, int count) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.update(count, ""));
  }

  /** Rolls back the last changesets. */
  static void rollback(TestDatabase database, int count) {
    rollback(database, CHANGELOG.path(), count);
  }

  static void rollback(TestDatabase database, String tag) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.rollback(tag, null, new Contexts(), new LabelExpression()));
  }

  /** Applies another changelog, whose path starts from the project's folder. */
  static void update(TestDatabase database, String changelog) {
    run(database, changelog, liquibase -> liquibase.update(new Contexts()));
  }

  /** Applies the next changesets of another changelog. */
  static void update(TestDatabase database, String changelog, int count) {
    run(database, changelog, liquibase -> liquibase.update(count, ""));
  }

  /** Rolls back the last changesets of another changelog. */
  static void rollback(TestDatabase database, String changelog, int count) {
    run(database, changelog, liquibase -> liquibase.rollback(count, ""));
  }

  private static void run(TestDatabase database, String changelog, Changelog.Step step) {
    try (Connection connection = database.connect()) {
      new Changelog(ROOT, changelog).on(new JdbcConnection(connection), step);
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
