package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every changeset, one after the other: up; down, and the catalog is what it was before; up again, and it is
 * what it was after; and each of these twice, as after a killed run. A new changeset is in this test as soon as it is in the changelog.
 */
class StairwayIT {

  /** A row or two for each table, in the order of the foreign keys; a new table adds its own. */
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    ROWS.put("agents", """
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        values ('a', 'a', 'a', 'a', 'a', 'a', 'a'), ('b', 'b', 'b', 'b', 'b', 'b', 'b')""");
    ROWS.put("agent_dependencies", """
        insert into agent_dependencies (agent_id, depends_on_agent_id, dependency_type)
        select a.id, b.id, 'required' from agents a, agents b where a.agent_id < b.agent_id""");
    ROWS.put("agent_usage", "insert into agent_usage (agent_id, status, completed_at, response_time_ms) select id, 'completed', now(), 5 from agents");
    ROWS.put("workflow_states", "insert into workflow_states (workflow_id, status) values ('w', 'running')");
    ROWS.put("task_states", "insert into task_states (workflow_id, task_id, agent_id, agent_type, status) values ('w', 't', 'a', 'a', 'ready')");
    ROWS.put("workflow_state_history", "insert into workflow_state_history (workflow_id, version, state_snapshot) values ('w', 1, '{\"a\": 1}')");
    ROWS.put("coordination_events", "insert into coordination_events (event_id, event_type, workflow_id, timestamp) values ('e', 'message', 'w', now())");
  }

  @TestFactory
  Stream<DynamicContainer> fromAnEmptyDatabase() throws Exception {
    return stairs("empty", TestDatabase::create, false);
  }

  @TestFactory
  Stream<DynamicContainer> withRowsInEveryTable() throws Exception {
    return stairs("with rows", TestDatabase::create, true);
  }

  @TestFactory
  Stream<DynamicContainer> fromADatabaseThatHasTheExtensions() throws Exception {
    return stairs("extensions there", () -> {
      TestDatabase database = TestDatabase.create();
      database.execute("create extension \"uuid-ossp\"", "create extension vector");
      return database;
    }, false);
  }

  @TestFactory
  Stream<DynamicContainer> asAnOwnerWhoIsNoSuperuser() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    return stairs("plain owner", TestDatabase::createOwnedByAPlainRole, true);
  }

  /** One container a starting point; its tests share a database and go up it step by step. */
  private static Stream<DynamicContainer> stairs(String start, Supplier<TestDatabase> create, boolean rows) throws Exception {
    TestDatabase[] database = new TestDatabase[1];
    return Stream.of(DynamicContainer.dynamicContainer(start, Current.changeSets(Path.of("").toAbsolutePath(), Migrations.CHANGELOG).stream()
        .map(changeSet -> DynamicTest.dynamicTest(changeSet.getId(), () -> {
          if (database[0] == null) {
            database[0] = create.get();
          }
          step(database[0], changeSet, rows);
        }))));
  }

  private static void step(TestDatabase database, ChangeSet changeSet, boolean rows) {
    String id = changeSet.getId();
    Catalog before = database.catalog();
    Migrations.update(database, 1);
    List<String> line = database.query("select to_jsonb(h) from databasechangelog h where id = '%s'".formatted(id));
    assertThat(line).as("lines of %s in the history", id).hasSize(1);
    Catalog after = database.catalog();
    if (rows) {
      fill(database);
    }

    // A run that is killed after a changeset and before its line in the history has it applied a second time.
    database.execute("delete from databasechangelog where id = '%s'".formatted(id));
    Migrations.update(database, 1);
    assertThat(after.differences(database.catalog())).as("%s applied twice", id).isEmpty();

    Migrations.rollback(database, 1);
    assertThat(before.differences(database.catalog())).as("what the rollback of %s leaves behind or takes too much", id).isEmpty();

    database.execute("insert into databasechangelog select * from jsonb_populate_record(null::databasechangelog, $json$%s$json$)".formatted(line.get(0)));
    Migrations.rollback(database, 1);
    assertThat(before.differences(database.catalog())).as("%s rolled back twice", id).isEmpty();

    Migrations.update(database, 1);
    assertThat(after.differences(database.catalog())).as("%s applied again", id).isEmpty();
    if (rows) {
      fill(database);
    }
  }

  private static void fill(TestDatabase database) {
    for (String table : database.query("select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'databasechangelog'")) {
      assertThat(ROWS).as("rows for the table %s, to be added to StairwayIT", table).containsKey(table);
    }
    ROWS.forEach((table, insert) -> {
      if (database.query("select to_regclass('%s') is not null".formatted(table)).equals(List.of("t"))
          && database.query("select exists (select from %s)".formatted(table)).equals(List.of("f"))) {
        database.execute(insert);
      }
    });
  }
}
