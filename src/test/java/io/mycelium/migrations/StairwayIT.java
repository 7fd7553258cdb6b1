package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.schema.Schema;
import java.util.List;
import java.util.function.Supplier;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every changeset, one after the other: up; down, and the catalog is what it was before; up again, and it is
 * what it was after; and each of these twice, as after a killed run. A new changeset is in this test as soon as
 * it is in the changelog.
 */
class StairwayIT {

  @TestFactory
  DynamicContainer fromAnEmptyDatabase() throws Exception {
    return stairs(Migrations.CHANGELOG, 0, "empty", TestDatabase::create, false);
  }

  @TestFactory
  DynamicContainer withRowsInTheTables() throws Exception {
    return stairs(Migrations.CHANGELOG, 0, "with rows", TestDatabase::create, true);
  }

  @TestFactory
  DynamicContainer fromADatabaseThatHasTheExtensions() throws Exception {
    return stairs(Migrations.CHANGELOG, 0, "extensions there", () -> {
      TestDatabase database = TestDatabase.create();
      database.execute("create extension \"uuid-ossp\"", "create extension vector");
      return database;
    }, false);
  }

  @TestFactory
  DynamicContainer asAnOwnerWhoIsNoSuperuser() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    return stairs(Migrations.CHANGELOG, 0, "plain owner", TestDatabase::createOwnedByAPlainRole, true);
  }

  @TestFactory
  DynamicContainer fromTheHeadToTheEntryPointOfCitus() throws Exception {
    return stairs(Migrations.CITUS, Migrations.MASTER.changeSets().size(), "Citus", () -> {
      TestDatabase database = TestDatabase.create();
      Migrations.update(database, Migrations.MASTER.path());
      return database;
    }, true);
  }

  /** One container a starting point; its tests share a database and go up it step by step. */
  private static DynamicContainer stairs(Changelog changelog, int applied, String start, Supplier<TestDatabase> create, boolean rows) throws Exception {
    TestDatabase[] database = new TestDatabase[1];
    return DynamicContainer.dynamicContainer(start, changelog.changeSets().stream().skip(applied)
        .map(changeSet -> DynamicTest.dynamicTest(changeSet.getId(), () -> {
          if (database[0] == null) {
            database[0] = create.get();
          }
          step(database[0], changelog.path(), changeSet, rows);
        })));
  }

  private static void step(TestDatabase database, String changelog, ChangeSet changeSet, boolean rows) {
    String id = changeSet.getId();
    Schema before = database.catalog();
    Migrations.update(database, changelog, 1);
    List<String> line = database.query("select to_jsonb(h) from databasechangelog h where id = '%s'".formatted(id));
    assertThat(line).as("lines of %s in the history", id).hasSize(1);
    Schema after = database.catalog();
    if (rows) {
      SampleRows.insert(database);
    }

    // A run that is killed after a changeset and before its line in the history has it applied a second time.
    database.execute("delete from databasechangelog where id = '%s'".formatted(id));
    Migrations.update(database, changelog, 1);
    assertThat(after.differences(database.catalog())).as("%s applied twice", id).isEmpty();

    Migrations.rollback(database, changelog, 1);
    assertThat(before.differences(database.catalog())).as("what the rollback of %s leaves behind or takes too much", id).isEmpty();

    database.execute("insert into databasechangelog select * from jsonb_populate_record(null::databasechangelog, $json$%s$json$)".formatted(line.get(0)));
    Migrations.rollback(database, changelog, 1);
    assertThat(before.differences(database.catalog())).as("%s rolled back twice", id).isEmpty();

    Migrations.update(database, changelog, 1);
    assertThat(after.differences(database.catalog())).as("%s applied again", id).isEmpty();
    if (rows) {
      SampleRows.insert(database);
    }
  }
}
