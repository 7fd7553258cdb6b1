package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.alembic.TakeOver.adopt;
import static io.mycelium.migrations.alembic.TakeOver.assertOurs;
import static io.mycelium.migrations.alembic.TakeOver.contents;
import static io.mycelium.migrations.alembic.TakeOver.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.AdoptAlembic;
import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A take-over that a fault ends leaves the old database, and the next one is whole. */
@Tag("any-version")
class InterruptedTakeOverIT {

  private TestDatabase database;

  @BeforeAll
  static void readAFreshCatalog() {
    TestDatabase.assumeServer("it has one session");
    TakeOver.readAFreshCatalog();
  }

  @BeforeEach
  void create() {
    database = AlembicForm.FIRST.withRowsIn(TestDatabase.create());
  }

  @Test
  void aRunThatIsKilledLeavesTheOldDatabase() throws Exception {
    // enough for the copying to take seconds
    database.execute("set session_replication_role = replica", """
        insert into agent_usage (agent_id, status, response_time_ms)
        select id, 'completed', n from agents, generate_series(1, 5000) n""");
    Catalogs catalog = database.catalogs();
    SortedMap<String, String> contents = contents(database, "public");

    Process adoption = MavenRun.start(Path.of("target/adopt-killed.log"), database.named("-Padopt-alembic"));
    database.awaitMigration("the rows are being copied", """
        query like '%Copies every row%' and state = 'active'
        and clock_timestamp() > query_start + interval '0.3 seconds'""");
    adoption.destroyForcibly().waitFor();
    database.awaitNoMigration();
    assertThat(catalog.differences(database.catalogs())).as("catalog after the kill").isEmpty();
    assertThat(contents(database, "public")).as("contents after the kill").isEqualTo(contents);

    adopt(database);
    assertOurs(database);
  }

  @Test
  void aLockThatAnotherSessionHoldsEndsItAndChangesNothing() throws Exception {
    Catalogs catalog = database.catalogs();
    try (Connection other = database.connect(); Connection own = database.connect()) {
      other.setAutoCommit(false);
      other.createStatement().execute("select count(*) from agents");
      own.createStatement().execute("set lock_timeout = '100ms'");
      assertThatThrownBy(() -> AdoptAlembic.run(Migrations.CHANGELOG, own, "adopt", null))
          .hasMessageContaining("lock timeout");
    }
    assertThat(catalog.differences(database.catalogs())).as("catalog after the timeout").isEmpty();
    adopt(database);
  }

  @Test
  void ofTwoAtOnceOneTakesOverAndTheOtherFindsNothingToDo() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Future<String> one = threads.submit(() -> run(database, "adopt"));
    Future<String> other = threads.submit(() -> run(database, "adopt"));
    threads.shutdown();
    assertThat(List.of(one.get(), other.get())).filteredOn(done -> done.contains("nothing to take over")).hasSize(1);
    assertOurs(database);
  }
}
