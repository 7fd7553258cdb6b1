package io.mycelium.migrations.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.testing.ClientTraffic;
import io.mycelium.migrations.testing.LiveMigration;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * No client is disturbed by a changeset after release 1.0, or by its rollback: none of their statements fails, none
 * deadlocks, none waits longer for a lock than the client's own lock_timeout, and the metrics are exact afterwards. The
 * clients are those of the release before, with sessions and prepared statements that are older than the changeset. A
 * new changeset is in this test as soon as it is in the changelog. It says how long a client waited at the most.
 */
@Tag("any-version")
class LiveTrafficIT {

  private static final String FOLDER = "src/test/resources/live/";

  @BeforeAll
  static void assumeSessions() {
    TestDatabase.assumeServer("it has one session");
  }

  @TestFactory
  Stream<DynamicTest> noClientIsDisturbedByAChangesetAfterRelease1() throws Exception {
    List<ChangeSet> all = Migrations.CHANGELOG.changeSets();
    int release = all.stream().filter(LiveTrafficIT::tagsFirstRelease).map(all::indexOf).findFirst().orElseThrow();
    return undisturbed(Migrations.CHANGELOG, all.subList(release + 1, all.size()));
  }

  @TestFactory
  Stream<DynamicTest> noClientIsDisturbedByWhatTheRulesRecommend() throws Exception {
    Changelog good = new Changelog(Migrations.ROOT, FOLDER + "good.yaml");
    return undisturbed(good, good.changeSets());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      scans-under-a-lock         | update: the clients'   | 55P03 \
        | waited for mycelium-migrations: ALTER TABLE agents ADD CONSTRAINT
      holds-a-lock-in-a-rollback | rollback: the clients' | 55P03 \
        | waited for mycelium-migrations: SELECT count(*) FROM agents
      renames-a-column           | the clients' USE_AGENT failed     | 42703 \
        | "task_description" of relation "agent_usage" does not exist
      changes-a-type             | the clients' READ_WORKFLOW failed | 0A000 \
        | cached plan must not change result type
      locks-in-another-order     | update        | deadlock detected | it waited for
      disables-a-trigger         | wrong metrics | agent-            | but truly
      """)
  void aBadChangesetIsReportedWithTheStatementAndItsBlocker(String id, String where, String what, String why)
      throws Exception {
    List<String> problems = LiveMigration.problems(ClientTraffic.newDatabaseAt("1.0"), FOLDER + id + ".yaml", 1, id);
    assertThat(problems).as("problems of " + id)
        .anySatisfy(problem -> assertThat(problem).contains(id, where, what, why));
  }

  private static boolean tagsFirstRelease(ChangeSet changeSet) {
    return changeSet.getChanges()
        .stream()
        .anyMatch(change -> change instanceof TagDatabaseChange tag && tag.getTag().equals("1.0"));
  }

  /** A test a changeset; they share a database at release 1.0 and go up it step by step. */
  private static Stream<DynamicTest> undisturbed(Changelog changelog, List<ChangeSet> changeSets) {
    TestDatabase[] database = new TestDatabase[1];
    return changeSets.stream().map(changeSet -> DynamicTest.dynamicTest(changeSet.getId(), () -> {
      if (database[0] == null) {
        database[0] = ClientTraffic.newDatabaseAt("1.0");
      }
      assertThat(LiveMigration.problems(database[0], changelog.path(), 1, changeSet.getId()))
          .as("what clients met during %s, and who was in their way", changeSet.getId())
          .isEmpty();
    }));
  }
}
