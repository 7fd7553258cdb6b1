package io.mycelium.migrations.testing;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.changelog.History.Applied;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.change.Change;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;

/** The changelog on a database, in this process: what the Maven goals do, without Maven's start. */
public final class Migrations {

  public static final Path ROOT = Path.of("").toAbsolutePath();
  public static final Changelog MASTER = new Changelog(ROOT, Changelog.MASTER);
  public static final Changelog CITUS = new Changelog(ROOT, Changelog.CITUS);
  /** Whether the tests run on a cluster of Citus, since {@code postgres.image} names an image of it. */
  public static final boolean ON_CITUS = System.getProperty("postgres.image", "").contains("citus");
  /** The entry point for the server that the tests run on. */
  public static final Changelog CHANGELOG = ON_CITUS ? CITUS : MASTER;

  private Migrations() {}

  /**
   * Where a database stands that has the whole changelog, as the commands say it: its last tag, and what came after.
   */
  public static String head() {
    try {
      List<Applied> all = new ArrayList<>();
      for (ChangeSet changeSet : CHANGELOG.changeSets()) {
        all.add(
            new Applied(changeSet.getFilePath(), changeSet.getAuthor(), changeSet.getId(), tag(changeSet), null, null));
      }
      return new History("", all).position(CHANGELOG.changeSets());
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** The tag that a changeset sets, or null. */
  private static String tag(ChangeSet changeSet) {
    for (Change change : changeSet.getChanges()) {
      if (change instanceof TagDatabaseChange tag) {
        return tag.getTag();
      }
    }
    return null;
  }

  /** Copies what a release is made of, to be changed there: the changelog, its notes and the POMs. */
  public static Changelog copyTo(Path root) throws IOException {
    for (String file : List.of("changelog", "CHANGELOG.md", "docs/locks.md", "pom.xml",
        "examples/spring-boot/pom.xml")) {
      Files.createDirectories(root.resolve(file).getParent());
      try (Stream<Path> files = Files.walk(ROOT.resolve(file))) {
        for (Path original : files.toList()) {
          Files.copy(original, root.resolve(ROOT.relativize(original).toString()));
        }
      }
    }
    return new Changelog(root, MASTER.path());
  }

  public static void update(TestDatabase database) {
    update(database, CHANGELOG.path());
  }

  public static void updateToTag(TestDatabase database, String tag) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.update(tag, new Contexts(), new LabelExpression()));
  }

  /** Applies the next changesets. */
  public static void update(TestDatabase database, int count) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.update(count, ""));
  }

  /** Rolls back the last changesets. */
  public static void rollback(TestDatabase database, int count) {
    rollback(database, CHANGELOG.path(), count);
  }

  public static void rollback(TestDatabase database, String tag) {
    run(database, CHANGELOG.path(), liquibase -> liquibase.rollback(tag, null, new Contexts(), new LabelExpression()));
  }

  /** Applies another changelog, whose path starts from the project's folder. */
  public static void update(TestDatabase database, String changelog) {
    run(database, changelog, liquibase -> liquibase.update(new Contexts()));
  }

  /** Applies the next changesets of another changelog. */
  public static void update(TestDatabase database, String changelog, int count) {
    run(database, changelog, liquibase -> liquibase.update(count, ""));
  }

  /** Rolls back the last changesets of another changelog. */
  public static void rollback(TestDatabase database, String changelog, int count) {
    run(database, changelog, liquibase -> liquibase.rollback(count, ""));
  }

  /** Applies a changelog of another folder. */
  public static void update(TestDatabase database, Changelog changelog) {
    run(database, changelog, liquibase -> liquibase.update(new Contexts()));
  }

  private static void run(TestDatabase database, String changelog, Changelog.Step step) {
    run(database, new Changelog(ROOT, changelog), step);
  }

  private static void run(TestDatabase database, Changelog changelog, Changelog.Step step) {
    try (Connection connection = database.connect()) {
      changelog.on(new JdbcConnection(connection), step);
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
