package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An update makes everything, a second one nothing; a rollback to base leaves what was there before. */
class UpdateAndRollbackIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @Test
  void aSecondUpdateChangesNothing() {
    Migrations.update(database);
    Schema catalog = database.catalog();
    List<String> history = history();

    Migrations.update(database);

    assertThat(catalog.differences(database.catalog())).as("catalog").isEmpty();
    assertThat(history()).as("history").isEqualTo(history);
  }

  @Test
  void aRollbackToBaseLeavesNothingAndCanBeUndone() {
    Schema before = database.catalog();
    Migrations.update(database);
    Schema full = database.catalog();
    assertThat(full.objects()).as("catalog after the update")
        .containsKeys("table agents", "table agent_dependencies", "table agent_usage",
            "materialized view agent_statistics", "table workflow_states", "table task_states",
            "table workflow_state_history", "table coordination_events", "extension uuid-ossp", "extension vector");

    Migrations.rollback(database, "base");
    assertThat(before.differences(database.catalog())).as("catalog after the rollback").isEmpty();
    assertThat(database.query("select tag from databasechangelog")).as("history after the rollback")
        .containsExactly("base");

    Migrations.update(database);
    assertThat(full.differences(database.catalog())).as("catalog after the second update").isEmpty();
  }

  @Test
  void anExtensionThatSomethingElseUsesByThenStays() {
    Migrations.update(database);
    database.execute("create table somebody_elses (v vector(3))");
    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects()).containsKeys("extension vector", "table somebody_elses")
        .doesNotContainKeys("extension uuid-ossp", "table agents");
  }

  private List<String> history() {
    return database.query("""
        select concat_ws(' ', id, dateexecuted, orderexecuted, exectype, md5sum, tag)
        from databasechangelog order by orderexecuted""");
  }
}
