package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the existing clients of the database rely on is there: names, types, keys, defaults and allowed values. */
class SchemaContractIT {

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @ParameterizedTest(name = "{0}.{1}")
  @CsvFileSource(resources = "/io/mycelium/migrations/schema/contract.csv", delimiter = '|')
  void everyColumnOfTheContractIsThere(String table, String column, String type, String notNull, String byDefault) {
    String where = " where attrelid = '%s'::regclass and attname = '%s'".formatted(table, column);
    assertThat(database.query("select format_type(atttypid, atttypmod) from pg_attribute" + where))
        .as("type of %s.%s", table, column)
        .containsExactly(type);
    if (notNull != null) {
      assertThat(database.query("select attnotnull from pg_attribute" + where)).as("%s.%s is NOT NULL", table, column)
          .containsExactly("t");
    }
    if (byDefault != null) {
      assertThat(database.query("""
          select pg_get_expr(adbin, adrelid)
          from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum""" + where))
          .as("default of %s.%s", table, column)
          .containsExactly(byDefault);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      agents                 | PRIMARY KEY (id)
      agents                 | UNIQUE (agent_id)
      agents                 | UNIQUE (agent_type)
      agent_dependencies     | PRIMARY KEY (id)
      agent_dependencies     | UNIQUE (agent_id, depends_on_agent_id)
      agent_dependencies     | FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
      agent_dependencies     | FOREIGN KEY (depends_on_agent_id) REFERENCES agents(id) ON DELETE CASCADE
      agent_usage            | PRIMARY KEY (id)
      agent_usage            | FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
      workflow_states        | PRIMARY KEY (workflow_id)
      task_states            | PRIMARY KEY (workflow_id, task_id)
      task_states            | FOREIGN KEY (workflow_id) REFERENCES workflow_states(workflow_id) ON DELETE CASCADE
      workflow_state_history | PRIMARY KEY (workflow_id, version)
      coordination_events    | PRIMARY KEY (event_id)
      """)
  void everyKeyOfTheContractIsThere(String table, String constraint) {
    assertThat(database
        .query("select pg_get_constraintdef(oid) from pg_constraint where conrelid = '%s'::regclass".formatted(table)))
        .as("constraints of %s", table)
        .contains(constraint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent_usage.workflow_id", "workflow_state_history.workflow_id",
      "coordination_events.workflow_id", "coordination_events.agent_id", "task_states.agent_id"})
  void whatOutlivesItsOwnerHasNoForeignKey(String column) {
    String table = column.substring(0, column.indexOf('.'));
    assertThat(database.query("""
        select pg_get_constraintdef(oid) from pg_constraint
        where contype = 'f' and conrelid = '%s'::regclass""".formatted(table))).as("foreign keys of %s", table)
        .noneMatch(key -> key.startsWith("FOREIGN KEY (" + column.substring(table.length() + 1) + ")"));
  }

  @Test
  void theNamesThatTheFirstReleaseWantsFreeAreThoseThatItMakes() throws Exception {
    String precondition = Files.readString(Path.of("changelog/base.yaml"));
    Migrations.rollback(database, "1.0");
    Schema first = database.catalog();
    Migrations.update(database);
    Pattern ofItsKind = Pattern.compile("(?:table|materialized view|view|sequence|function|procedure) ([^(]*).*");
    List<String> made = new ArrayList<>();
    for (String object : first.objects().keySet()) {
      Matcher named = ofItsKind.matcher(object);
      if (named.matches()) {
        made.add(named.group(1));
      }
    }
    assertThat(made).isNotEmpty()
        .allSatisfy(name -> assertThat(precondition)
            .as("%s is made by release 1.0, so base-002-names-are-free must look for it", name)
            .contains("'" + name + "'"));
  }
}
