package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the existing clients of the database rely on is there: names, types, keys, defaults and allowed values. */
class SchemaContractIT {

  /** Every column that clients name, as {@code format_type} spells its type. */
  private static final Map<String, String> COLUMNS = Map.of("agents", """
      id uuid not null default uuid_generate_v4()
      agent_id text not null
      agent_type text not null
      name text not null
      display_name text not null
      category text not null
      description text not null
      file_path text not null
      capabilities text[] default '{}'::text[]
      tools text[] default '{}'::text[]
      keywords text[] default '{}'::text[]
      embedding vector(384)
      estimated_tokens integer
      metadata jsonb default '{}'::jsonb
      avg_response_time_ms integer
      success_rate numeric(5,2)
      usage_count integer default 0
      created_at timestamp with time zone not null default now()
      updated_at timestamp with time zone not null default now()
      last_used_at timestamp with time zone""", "agent_dependencies", """
      id uuid not null default uuid_generate_v4()
      agent_id uuid not null
      depends_on_agent_id uuid not null
      dependency_type text
      created_at timestamp with time zone default now()""", "agent_usage", """
      id uuid not null default uuid_generate_v4()
      agent_id uuid not null
      workflow_id uuid
      session_id text
      invoked_at timestamp with time zone not null default now()
      completed_at timestamp with time zone
      status text
      response_time_ms integer
      task_description text
      context_metadata jsonb default '{}'::jsonb
      error_message text
      error_code text""", "agent_statistics", """
      id uuid
      agent_type text
      name text
      category text
      usage_count integer
      success_rate numeric(5,2)
      avg_response_time_ms integer
      last_used_at timestamp with time zone
      workflow_count bigint
      successful_invocations bigint
      failed_invocations bigint
      p95_response_time_ms double precision
      p99_response_time_ms double precision""", "workflow_states", """
      workflow_id text not null
      status text not null
      created_at timestamp with time zone not null default now()
      updated_at timestamp with time zone not null default now()
      started_at timestamp with time zone
      completed_at timestamp with time zone
      variables jsonb default '{}'::jsonb
      metadata jsonb default '{}'::jsonb
      error text
      version integer not null default 1""", "task_states", """
      task_id text not null
      workflow_id text not null
      agent_id text not null
      agent_type text not null
      status text not null
      started_at timestamp with time zone
      completed_at timestamp with time zone
      execution_time double precision
      result jsonb
      error jsonb
      retry_count integer default 0
      dependencies text[] default '{}'::text[]""", "workflow_state_history", """
      workflow_id text not null
      version integer not null
      state_snapshot jsonb not null
      created_at timestamp with time zone not null default now()""", "coordination_events", """
      event_id text not null
      event_type text not null
      workflow_id text not null
      task_id text
      timestamp timestamp with time zone not null
      agent_id text
      agent_type text
      source_agent jsonb
      target_agent jsonb
      status text
      duration_ms double precision
      error jsonb
      metadata jsonb
      context jsonb
      performance jsonb""");

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  static Stream<Arguments> columns() {
    return COLUMNS.entrySet()
        .stream()
        .flatMap(table -> table.getValue().lines().map(column -> Arguments.of(table.getKey(), column)));
  }

  @ParameterizedTest(name = "{0}.{1}")
  @MethodSource("columns")
  void everyColumnOfTheContractIsThere(String table, String column) {
    String name = column.substring(0, column.indexOf(' '));
    String type = column.substring(name.length() + 1).replaceFirst(" (not null|default).*", "");
    assertThat(database.query("""
        select format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = '%s'::regclass and attname = '%s'""".formatted(table, name))).as("type of %s.%s", table, name)
        .containsExactly(type);
    if (column.contains(" not null")) {
      assertThat(database.query("""
          select attnotnull from pg_attribute where attrelid = '%s'::regclass and attname = '%s'""".formatted(table,
          name))).as("%s.%s is NOT NULL", table, name).containsExactly("t");
    }
    if (column.contains(" default ")) {
      assertThat(database.query("""
          select pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
          where attrelid = '%s'::regclass and attname = '%s'""".formatted(table, name)))
          .as("default of %s.%s", table, name)
          .containsExactly(column.replaceFirst(".* default ", ""));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"agents                 | PRIMARY KEY (id)",
      "agents                 | UNIQUE (agent_id)", "agents                 | UNIQUE (agent_type)",
      "agent_dependencies     | PRIMARY KEY (id)", "agent_dependencies     | UNIQUE (agent_id, depends_on_agent_id)",
      "agent_dependencies     | FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE",
      "agent_dependencies     | FOREIGN KEY (depends_on_agent_id) REFERENCES agents(id) ON DELETE CASCADE",
      "agent_usage            | PRIMARY KEY (id)",
      "agent_usage            | FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE",
      "workflow_states        | PRIMARY KEY (workflow_id)",
      "task_states            | PRIMARY KEY (workflow_id, task_id)",
      "task_states            | FOREIGN KEY (workflow_id) REFERENCES workflow_states(workflow_id) ON DELETE CASCADE",
      "workflow_state_history | PRIMARY KEY (workflow_id, version)", "coordination_events    | PRIMARY KEY (event_id)"})
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
    List<String> made = first.objects()
        .keySet()
        .stream()
        .filter(object -> object.matches("(table|materialized view|view|sequence|function|procedure) .*"))
        .map(object -> object.replaceFirst("^(table|materialized view|view|sequence|function|procedure) ", "")
            .replaceFirst("\\(.*", ""))
        .toList();
    assertThat(made).isNotEmpty()
        .allSatisfy(name -> assertThat(precondition)
            .as("%s is made by release 1.0, so base-002-names-are-free must look for it", name)
            .contains("'" + name + "'"));
  }
}
