package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.mycelium.migrations.locks.SampleRows;
import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A rollback brings back the catalogs exactly as they were, from every changeset; and an update brings it up again.
 * Each may run twice, as after a run that was killed between a changeset and its line in the history. A new changeset
 * is in this test as soon as it is in the changelog.
 */
class StairwayIT {

  private static final int ROWS = 2;

  @TestFactory
  List<DynamicTest> eachChangesetGoesUpDownAndUpAgainFromAnEmptyDatabase() throws Exception {
    return steps(Migrations.CHANGELOG, TestDatabase::create, false);
  }

  @TestFactory
  List<DynamicTest> eachChangesetGoesUpDownAndUpAgainWithRowsInADatabaseThatHasTheExtensions() throws Exception {
    return steps(Migrations.CHANGELOG, () -> {
      if (!TestDatabase.hasOneSession()) {
        return TestDatabase.createOwnedByAPlainRole();
      }
      TestDatabase database = TestDatabase.create(); // where everybody is a superuser
      database.execute("create extension \"uuid-ossp\"", "create extension vector");
      return database;
    }, true);
  }

  @TestFactory
  List<DynamicTest> eachChangesetOfCitusGoesUpDownAndUpAgainWithRows() throws Exception {
    return steps(Migrations.CITUS, () -> {
      TestDatabase database = TestDatabase.create();
      Migrations.update(database, Changelog.MASTER);
      return database;
    }, true);
  }

  /** Walks all the way up, down and up, and has a test for what was seen of each changeset that is pending at first. */
  private static List<DynamicTest> steps(Changelog changelog, Supplier<TestDatabase> create, boolean rows)
      throws Exception {
    TestDatabase database = create.get();
    int applied = database.applied();
    Catalogs start = database.catalogs();
    Walk up = new Walk(rows, false);
    Walk down = new Walk(false, true);
    Walk upAgain = new Walk(rows, true);
    up.go(changelog, database, liquibase -> liquibase.update(new Contexts()));
    down.go(changelog, database, liquibase -> liquibase.rollback(up.seen.size(), ""));
    // A rollback that ends early or leaves something behind has failed; what it left shall not fail the updates.
    boolean undone = down.end == null && start.differences(database.catalogs()).isEmpty();
    upAgain.go(changelog, undone ? database : create.get(), liquibase -> liquibase.update(new Contexts()));

    List<DynamicTest> tests = new ArrayList<>();
    tests.add(DynamicTest.dynamicTest("the whole way",
        () -> assertThat(Stream.of(up.end, down.end, upAgain.end)).as("what ended the way up, down and up again early")
            .containsOnlyNulls()));
    List<String> ids = changelog.changeSets().stream().skip(applied).map(ChangeSet::getId).toList();
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      String previous = i == 0 ? null : ids.get(i - 1);
      String next = i == ids.size() - 1 ? null : ids.get(i + 1);
      tests.add(DynamicTest.dynamicTest(id, () -> {
        Catalogs after = up.reached(id);
        Catalogs before = previous == null ? start : up.reached(previous);
        assertThat(newDifferences(before, down.reached(id), after, next == null ? after : down.seen.get(next)))
            .as("what the rollback of %s, run twice, leaves behind or takes too much", id)
            .isEmpty();
        assertThat(
            newDifferences(after, upAgain.reached(id), before, previous == null ? before : upAgain.seen.get(previous)))
            .as("%s applied again, and twice", id)
            .isEmpty();
      }));
    }
    return tests;
  }

  /** The differences that were not there a step before. */
  private static List<String> newDifferences(Catalogs expected, Catalogs found, Catalogs expectedBefore,
      Catalogs foundBefore) {
    List<String> differences = expected.differences(found);
    if (foundBefore != null) {
      differences.removeAll(expectedBefore.differences(foundBefore));
    }
    return differences;
  }

  /** A run of Liquibase over all changesets, and the catalogs after each. */
  private static final class Walk extends AbstractChangeExecListener {

    private final boolean rows;
    private final boolean twice;
    private final Map<String, Catalogs> seen = new HashMap<>();
    private final Map<String, Exception> problems = new HashMap<>();
    private Exception end;

    Walk(boolean rows, boolean twice) {
      this.rows = rows;
      this.twice = twice;
    }

    void go(Changelog changelog, TestDatabase database, Changelog.Step step) {
      try {
        changelog.on(new JdbcConnection(database.connect()), liquibase -> {
          liquibase.setChangeExecListener(this);
          step.run(liquibase);
        });
      } catch (Exception e) {
        end = e;
      }
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ChangeSet.ExecType type) {
      look(changeSet, database, () -> changeSet.execute(changeLog, database));
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
      look(changeSet, database, () -> changeSet.rollback(database));
    }

    private void look(ChangeSet changeSet, Database database, Action again) {
      try {
        database.commit();
        var connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        if (rows) {
          SampleRows.fill(connection, ROWS);
        }
        if (twice) {
          again.run();
          database.commit();
        }
        seen.put(changeSet.getId(), Catalogs.of(connection));
      } catch (Exception e) {
        problems.put(changeSet.getId(), e);
      }
    }

    /** The catalogs after a changeset. */
    Catalogs reached(String id) {
      if (problems.containsKey(id)) {
        fail("%s cannot run twice: %s".formatted(id, problems.get(id).getMessage()), problems.get(id));
      } else if (!seen.containsKey(id)) {
        fail("%s was not reached: %s".formatted(id, end), end);
      }
      return seen.get(id);
    }

    private interface Action {
      void run() throws Exception;
    }
  }
}
