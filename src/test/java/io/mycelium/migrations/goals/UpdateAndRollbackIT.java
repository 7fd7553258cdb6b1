package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Catalogs;
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
    Catalogs catalog = database.catalogs();
    List<String> history = history();

    Migrations.update(database);

    assertThat(catalog.differences(database.catalogs())).as("catalog").isEmpty();
    assertThat(history()).as("history").isEqualTo(history);
  }

  @Test
  void aRollbackToBaseLeavesNothingAndCanBeUndone() {
    Catalogs before = database.catalogs();
    Migrations.update(database);
    Catalogs full = database.catalogs();
    assertThat(database.catalog().objects()).as("catalog after the update")
        .containsKeys("table agents", "table agent_dependencies", "table agent_usage",
            "materialized view agent_statistics", "table workflow_states", "table task_states",
            "table workflow_state_history", "table coordination_events", "extension uuid-ossp", "extension vector");

    Migrations.rollback(database, "base");
    assertThat(before.differences(database.catalogs())).as("catalog after the rollback").isEmpty();
    assertThat(database.query("select tag from databasechangelog")).as("history after the rollback")
        .containsExactly("base");

    Migrations.update(database);
    assertThat(full.differences(database.catalogs())).as("catalog after the second update").isEmpty();
  }

  @Test
  void anExtensionThatSomethingElseUsesByThenStays() {
    Migrations.update(database);
    database.execute("create table somebody_elses (v vector(3))");
    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects()).containsKeys("extension vector", "table somebody_elses")
        .doesNotContainKeys("extension uuid-ossp", "table agents");
  }

  /** As on a service that owns what it lets its users create. */
  @Test
  void anExtensionOfAnotherOwnerIsTakenAndStays() {
    TestDatabase.assumeServer("everyone is the same role there");
    TestDatabase.assumeNoCitus("its workers have no such trigger");
    database.execute("create role tenant login password 'x'",
        "grant create on schema public to tenant; grant create on database %s to tenant".formatted(database.name()), """
            create function give_away() returns event_trigger language plpgsql security definer as $$
            begin
              update pg_extension set extowner = 10 where extname = 'uuid-ossp';
            end $$""", """
            create event trigger give_away on ddl_command_end when tag in ('CREATE EXTENSION')
              execute function give_away()""", "create extension vector");
    TestDatabase tenant = database.as("tenant", "x");
    Migrations.update(tenant, 4);
    assertThat(database.query("select extowner::regrole from pg_extension where extname = 'uuid-ossp'"))
        .as("owner of uuid-ossp")
        .doesNotContain("tenant");
    Migrations.rollback(tenant, "base");
    assertThat(database.catalog().objects()).as("what stays").containsKeys("extension uuid-ossp", "extension vector");
    database.execute("drop owned by tenant", "drop role tenant");
  }

  @Test
  void aRollbackIsRefusedWhereTheTimesOfTheHistoryGiveAnotherOrder() {
    Migrations.update(database);
    // 1.0 from a laptop in Tokyo, the rest from a pipeline in London, before times were noted in UTC
    database.execute("update databasechangelog set dateexecuted = dateexecuted + interval '9 hours'"
        + " where orderexecuted <= (select orderexecuted from databasechangelog where tag = '1.0')");
    List<String> before = history();
    for (Runnable rollback : List.<Runnable>of(() -> Migrations.rollback(database, "1.0"),
        () -> Migrations.rollback(database, 1))) {
      assertThatThrownBy(rollback::run)
          .hasMessageContaining("would roll back other changesets than those that came last");
    }
    assertThat(history()).as("history after the refusals").isEqualTo(before);

    assertThatThrownBy(() -> Migrations.rollback(database, "1.0"))
        .satisfies(refusal -> database.execute(refusal.getMessage().replaceFirst("(?s).*run this again: ", "")));
    Migrations.rollback(database, "1.0");
    assertThat(database.query("select tag from databasechangelog order by orderexecuted desc limit 1"))
        .containsExactly("1.0");
    assertThat(database.catalog().objects()).containsKeys("table agents");
  }

  private List<String> history() {
    return database.query("""
        select concat_ws(' ', id, dateexecuted, orderexecuted, exectype, md5sum, tag)
        from databasechangelog order by orderexecuted""");
  }
}
