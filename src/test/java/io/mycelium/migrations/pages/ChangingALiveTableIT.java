package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.testing.ClientTraffic;
import io.mycelium.migrations.testing.LiveMigration;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Recipe;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What docs/changing-a-live-table.md says works as it stands there, and disturbs no client. */
@Tag("any-version")
class ChangingALiveTableIT {

  private static String recipe;
  private static List<String> ids;

  @BeforeAll
  static void read() throws Exception {
    TestDatabase.assumeServer("it has one session");
    recipe = Recipe.read("changing-a-live-table.md", UnaryOperator.identity()).changelogs().get(0);
    ids = new Changelog(Migrations.ROOT, recipe).changeSets().stream().map(ChangeSet::getId).toList();
  }

  @Test
  void noStepOfTheRecipeDisturbsAClient() throws Exception {
    TestDatabase database = ClientTraffic.newDatabase();
    assertThat(LiveMigration.problems(database, recipe, ids.size(), "changing-a-live-table.md")).as("what clients met")
        .isEmpty();
    assertThat(database.query("select distinct severity || ', ' || (error is not null) from coordination_events"))
        .as("severity, and whether there was an error")
        .containsExactlyInAnyOrder("info, false", "error, true");
  }

  @Test
  void aFillingThatIsKilledGoesOnAndTouchesNoRowTwice() throws Exception {
    TestDatabase database = ClientTraffic.newDatabase();
    String fill = "events-006-fill-severity";
    LiveMigration.update(database, recipe, ids.indexOf(fill));
    try (ClientTraffic traffic = ClientTraffic.start(database);
        Connection client = database.connect();
        Statement holding = client.createStatement()) {
      traffic.during(fill + ", killed");
      client.setAutoCommit(false);
      // The update stops at these rows.
      holding.execute("select from coordination_events where event_id like 'seed-%0' for update");
      updateIsKilledWhereItWaits(database);
      client.rollback();

      String filled = """
          select event_id || ' ' || xmin from coordination_events
          where event_id like 'seed-%' and severity is not null order by event_id""";
      List<String> before = database.query(filled);
      assertThat(before).as("events that were filled before the kill").hasSize(4500);
      traffic.during(fill + ", run again");
      LiveMigration.update(database, recipe, 1);
      assertThat(database.query(filled)).as("all are filled, and those from before were not written again")
          .hasSize(5000)
          .containsAll(before);
      traffic.awaitRound();
      assertThat(traffic.stop()).as("what clients met").isEmpty();
    }
    assertThat(database.query("select count(*) from databasechangelog where id = '" + fill + "'"))
        .as("lines in the history")
        .containsExactly("1");
  }

  private static void updateIsKilledWhereItWaits(TestDatabase database) {
    CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
      try {
        LiveMigration.update(database, recipe, 1);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
    database.awaitMigration("it waits for a row that a client holds", "wait_event = 'transactionid'");
    database.server().execute("""
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '%s' and application_name = 'mycelium-migrations'""".formatted(database.name()));
    assertThatThrownBy(run::join).hasMessageContaining("terminating connection due to administrator command");
  }
}
