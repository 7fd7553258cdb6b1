package io.mycelium.migrations.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The entry point of Citus, on any server: what can be done without Citus is done, and nothing is half-done.
 * {@link CitusIT} has the rest.
 */
@Tag("any-version")
class CitusEntryPointIT {

  private TestDatabase database;

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database, Migrations.CITUS.path());
  }

  @Test
  void aDatabaseThatItMadeHasNoDrift() throws Exception {
    try (Connection connection = database.connect()) {
      Drift.Report report = Drift.examine(Migrations.CITUS, connection);
      assertThat(report.drift()).as("drift").isEmpty();
      assertThat(report.pending()).as("pending").isEmpty();
      assertThat(report.foreign()).as("foreign")
          .extracting(Difference::object)
          .isSubsetOf("extension citus", "extension citus_columnar");
      assertThatThrownBy(() -> Drift.examine(Migrations.MASTER, connection))
          .hasMessageContaining("citus-002-events-key")
          .hasMessageContaining("mvn -Pcitus,drift");
    }
  }

  @Test
  void theOtherEntryPointIsRefusedAndChangesNothing() {
    Catalogs before = database.catalogs();
    assertThatThrownBy(() -> Migrations.update(database, Migrations.MASTER.path()))
        .hasMessageContaining("This database is distributed by Citus")
        .hasMessageContaining("mvn -Pcitus");
    assertThatThrownBy(() -> Migrations.rollback(database, Migrations.MASTER.path(), 1))
        .hasMessageContaining("This database is distributed by Citus");
    assertThat(before.differences(database.catalogs())).as("catalog after the refused runs").isEmpty();
  }

  @Test
  void anEventIsUniqueInItsWorkflowAndARollbackIsRefusedWhereItStandsInTwo() {
    insertEvent("once", "w1");
    insertEvent("twice", "w1");
    insertEvent("twice", "w2");
    assertThatThrownBy(() -> insertEvent("twice", "w2"))
        .hasMessageContaining("duplicate key value violates unique constraint \"coordination_events_pkey");
    Catalogs before = database.catalogs();
    List<String> history = history();

    assertThatThrownBy(() -> Migrations.rollback(database, Migrations.CITUS.path(), 4))
        .hasMessageContaining("event_id twice stands in more than one workflow")
        .hasMessageContaining("nothing was changed");
    assertThat(before.differences(database.catalogs())).as("catalog after the refused rollback").isEmpty();
    assertThat(history()).as("history after the refused rollback").isEqualTo(history);

    database.execute("delete from coordination_events where workflow_id = 'w2'");
    Migrations.rollback(database, Migrations.CITUS.path(), 4);
    assertThat(database.query("select event_id from coordination_events order by 1")).containsExactly("once", "twice");
    assertThatThrownBy(() -> insertEvent("twice", "w2")).hasMessageContaining("duplicate key");
  }

  @Test
  void healthSaysWhereTheRowsAreAndTakesItsChangesetsForNoUnfinishedUpdate() {
    assertThat(database.query("select detail from schema_health() where \"check\" = 'distribution'")).singleElement()
        .asString()
        .contains(Migrations.ON_CITUS
            ? "workflows are distributed over 2 nodes"
            : "all tables are on this server, since it lacks the extension citus");
    database.execute("""
        update databasechangelog set tag = 'head' where filename like 'changelog/1.%' and orderexecuted =
          (select max(orderexecuted) from databasechangelog where filename like 'changelog/1.%')""");
    assertThat(database.query("select state || ' ' || detail from schema_health() where \"check\" = 'history'"))
        .singleElement()
        .asString()
        .startsWith("ok at tag head");
  }

  private void insertEvent(String event, String workflow) {
    database.execute("""
        insert into coordination_events (event_id, event_type, workflow_id, timestamp)
        values ('%s', 'message', '%s', now())""".formatted(event, workflow));
  }

  private List<String> history() {
    return database.query("select id from databasechangelog order by orderexecuted");
  }
}
