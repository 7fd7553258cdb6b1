package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.alembic.TakeOver.contents;
import static io.mycelium.migrations.alembic.TakeOver.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a take-over refuses, and then changes nothing. */
class RefusedTakeOverIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      LATER | update agents set agent_type = 'same' where agent_id in ('agent-1', 'agent-2') \
            | 2 of agents not allowed by UNIQUE \\(agent_type\\):(?=.*"agent-1")(?=.*"agent-2")
      LATER | update agents set usage_count = -1 where agent_id = 'agent-1' \
            | 1 of agents not allowed by CHECK .*"agent_id": "agent-1"
      LATER | update task_states set status = 'exploded' where task_id = 't-1' \
            | 1 of task_states not allowed by CHECK \\(\\(status = .*"status": "exploded", "task_id": "t-1"
      FIRST | update task_states set status = 'exploded' \
            | 104 of task_states not allowed by CHECK \\(\\(status = .*\\.\\.\\.
      FIRST | update workflow_states set status = 'exploded' where workflow_id = 'workflow-1' \
            | 1 of workflow_states not allowed by CHECK .*"workflow_id": "workflow-1"
      FIRST | alter table agent_usage drop constraint valid_status; \
              update agent_usage set status = 'odd' where session_id = 's4' \
            | 10 of agent_usage not allowed by CHECK
      FIRST | alter table agents add column owner text \
            | table agents has a shape that no revision of Alembic gave it; it has besides owner text
      FIRST | alter table task_states alter retry_count type bigint \
            | table task_states has a shape .*; it lacks retry_count integer; it has besides retry_count bigint
      LATER | alter table workflow_states drop column state_data cascade \
            | table workflow_states has a shape .*; it lacks state_data jsonb
      FIRST | drop table coordination_events \
            | table coordination_events is missing
      FIRST | create view mine as select * from agents \
            | view public.mine would stay with the old tables
      FIRST | create table mine (agent uuid references agents) \
            | foreign key mine_agent_fkey of table public.mine would stay with the old tables
      FIRST | create table mine (updated_at timestamptz); \
              create trigger touch before update on mine for each row execute function update_updated_at_column() \
            | trigger touch of table public.mine would stay
      FIRST | create publication mine for table agents, task_states \
            | publication mine of table public.agents would stay
      FIRST | create schema legacy_alembic \
            | the schema legacy_alembic is there already
      FIRST | create function search_agents() returns int language sql as 'select 1' \
            | Already in schema public, and not made by these migrations: search_agents
      """)
  void ofWhatItDoesNotKnow(AlembicForm form, String sql, String reason) {
    form.withRowsIn(database);
    database.execute(sql);
    try {
      assertRefused(database, reason);
    } finally {
      database.execute("drop publication if exists mine");
    }
  }

  @Test
  void everyReasonIsGivenAtOnce() {
    AlembicForm.FIRST.in(database);
    database.execute("alter table agents add column owner text", "create view mine as select * from agents",
        "drop table coordination_events");
    assertRefused(database, "(?=.*agents has a shape)(?=.*view public.mine)(?=.*coordination_events is missing)");
  }

  @Test
  void ofAnEmptyDatabase() {
    assertRefused(database,
        "schema public holds nothing that Alembic made; a new database is made by: mvn initialize liquibase:update");
  }

  @Test
  void ofAnotherRolesTables() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    AlembicForm.LATER.in(database);
    assertRefused(database.as(database.server().username(), database.server().password()),
        "agents, .* belong to role " + database.username() + "; run this as that role");
  }

  @Test
  void ofARoleThatMayNotCreateTheSchema() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    AlembicForm.LATER.in(database);
    database.server().execute("alter database %s owner to %s".formatted(database.name(), database.server().username()));
    assertRefused(database, "role " + database.username() + " may not create the schema legacy_alembic;"
        + " have the owner of the database run: GRANT CREATE ON DATABASE");
  }

  private void assertRefused(TestDatabase as, String reason) {
    Schema catalog = database.catalog();
    SortedMap<String, String> contents = contents(database, "public");
    for (String action : new String[] {"preview", "adopt"}) {
      // a preview copies and builds nothing
      if (action.equals("adopt") || !reason.matches(".*(not allowed by|Already in schema).*")) {
        assertThatThrownBy(() -> run(as, action)).as(action).message().matches("(?s).*" + reason + ".*");
      }
      assertThat(catalog.differences(database.catalog())).as("catalog after the refusal to %s", action).isEmpty();
      assertThat(contents(database, "public")).as("contents after the refusal to %s", action).isEqualTo(contents);
    }
  }
}
