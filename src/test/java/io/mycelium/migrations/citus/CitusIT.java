package io.mycelium.migrations.citus;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * On a coordinator and two workers: rows go to the workers and come back, and what a restore loses is found and mended.
 */
class CitusIT {

  private static final String DISTRIBUTED =
      "select logicalrelid::text from pg_dist_partition where partmethod = 'h' order by 1";

  @BeforeAll
  static void needsCitus() {
    TestDatabase.assumeCitus();
  }

  @Test
  void rowsGoToTheWorkersAndComeBackWithGrantsAndComments() {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database, Migrations.MASTER.path());
    insertRows(database);
    String application = database.name() + "_app";
    database.execute("create role " + application, "call grant_application_role('%s')".formatted(application));
    String before = database.dump();

    Migrations.update(database, Migrations.CITUS.path());
    assertThat(database.query(DISTRIBUTED)).containsExactly("coordination_events", "task_states",
        "workflow_state_history", "workflow_states");
    assertThat(database.query("select distinct nodename || ':' || nodeport from citus_shards order by 1"))
        .as("where the shards are")
        .containsExactly("localhost:5433", "localhost:5434");
    assertThat(
        database.query("select distinct colocation_id::text from citus_tables where citus_table_type = 'distributed'"))
        .as("groups of colocated tables")
        .hasSize(1);
    assertThat(database.query("select pg_relation_size('coordination_events')"))
        .as("bytes that are left on the coordinator")
        .containsExactly("0");
    assertThat(rows(database)).containsExactly("1000 100 200 100");

    Migrations.rollback(database, Migrations.CITUS.path(), 4);
    assertThat(database.query(DISTRIBUTED)).isEmpty();
    assertThat(rows(database)).containsExactly("1000 100 200 100");
    assertThat(database.dump()).as("the schema after the rollback").isEqualTo(before);
  }

  @Test
  void aRestoredDumpIsFoundByHealthAndDriftAndMendedByTheRemedy() throws Exception {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    insertRows(database);
    TestDatabase restored = TestDatabase.create();
    database.dumpInto(restored);

    assertThat(restored.query("select detail || '; ' || remedy from schema_health() where \"check\" = 'distribution'"))
        .containsExactly("coordination_events, task_states, workflow_state_history, workflow_states"
            + " ought to be distributed, and all rows are on this server, as after a restore;"
            + " CALL public.distribute_by_workflow()");
    assertThat(drift(restored)).contains("place of table coordination_events", "place of table workflow_states");

    restored.execute("call distribute_by_workflow()");
    assertThat(drift(restored)).as("after the remedy, but for what no dump of one database holds")
        .containsExactly("setting hnsw.ef_search");
    assertThat(restored.query("select state from schema_health() where \"check\" = 'distribution'"))
        .containsExactly("ok");
    assertThat(rows(restored)).containsExactly("1000 100 200 100");
  }

  @Test
  void anOwnerWhoIsNoSuperuserDistributesAndHasTheSearchSetting() {
    TestDatabase database = TestDatabase.createOwnedByAPlainRole();
    Migrations.update(database);
    assertThat(database.query(DISTRIBUTED)).hasSize(4);
    assertThat(database.query("select state from schema_health() where \"check\" = 'hnsw.ef_search'"))
        .containsExactly("ok");
    insertRows(database);
    database.execute("call delete_coordination_events_before(now())");
    assertThat(rows(database)).containsExactly("0 100 200 100");
    Migrations.rollback(database, "base");
    assertThat(database.catalog().objects()).as("what the rollback to base left")
        .doesNotContainKeys("table coordination_events", "setting hnsw.ef_search");
  }

  @Test
  void shardsOnTheCoordinatorAreNoDrift() throws Exception {
    TestDatabase database = TestDatabase.create();
    database.execute("select citus_set_node_property('localhost', 5432, 'shouldhaveshards', true)");
    Migrations.update(database);
    assertThat(database.query("select count(*) > 0 from citus_shards where nodeport = 5432"))
        .as("shards on the coordinator")
        .containsExactly("t");
    assertThat(drift(database)).isEmpty();
    assertThat(database.catalog().objects()).as("objects")
        .doesNotContainKey(
            "table coordination_events_" + database.query("select min(shardid) from pg_dist_shard").get(0));
  }

  private static List<String> drift(TestDatabase database) throws Exception {
    try (Connection connection = database.connect()) {
      return Drift.examine(Migrations.CITUS, connection).drift().stream().map(Difference::object).toList();
    }
  }

  /** 1,000 old events of 100 workflows, each with two tasks and a version. */
  private static void insertRows(TestDatabase database) {
    database.execute("""
        insert into workflow_states (workflow_id, status)
        select 'w' || n, 'running' from generate_series(1, 100) n""");
    database.execute("""
        insert into task_states (workflow_id, task_id, agent_id, agent_type, status)
        select workflow_id, 't' || n, 'a', 'a', 'ready' from workflow_states, generate_series(1, 2) n""");
    database.execute("""
        insert into workflow_state_history (workflow_id, version, state_snapshot)
        select 'w' || n, 1, '{}' from generate_series(1, 100) n""");
    database.execute("""
        insert into coordination_events (event_id, event_type, workflow_id, timestamp)
        select 'e' || n, 'message', 'w' || n % 100, now() - interval '60 days' from generate_series(1, 1000) n""");
  }

  /** How many events, workflows, tasks and versions there are. */
  private static List<String> rows(TestDatabase database) {
    return database.query("""
        select concat_ws(' ', (select count(*) from coordination_events), (select count(*) from workflow_states),
          (select count(*) from task_states), (select count(*) from workflow_state_history))""");
  }
}
