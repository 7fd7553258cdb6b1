package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.alembic.TakeOver.contents;
import static io.mycelium.migrations.alembic.TakeOver.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a take-over refuses, and then changes nothing. */
class RefusedTakeOverIT {

  /**
   * What may hang on a table of the first form: the SQL that makes it, what the refusal says of it, and what removes it
   * where the refusal names no command.
   */
  private static final String HANGING = """
      alter table agents enable row level security | table public.agents has relrowsecurity true
      alter table task_states force row level security | table public.task_states has relforcerowsecurity true
      create policy mine on agents using (category = 'x') | policy mine of table public.agents would stay
      create table mine (id int); create policy p on mine using (exists (select from workflow_states)) \
        | policy p of table public.mine would stay
      create rule mine as on delete to agent_usage do instead nothing | rule mine of table public.agent_usage would stay
      alter table agents replica identity full | ; ALTER TABLE public.agents REPLICA IDENTITY FULL
      alter table coordination_events replica identity using index coordination_events_pkey \
        | ; ALTER TABLE public.coordination_events REPLICA IDENTITY USING INDEX coordination_events_pkey
      alter table schema_version set unlogged | table public.schema_version has relpersistence UNLOGGED
      cluster agents using agents_pkey | ; ALTER TABLE public.agents CLUSTER ON agents_pkey
      create trigger mine after insert on agents for each row execute function update_updated_at_column() \
        | trigger mine of table public.agents would stay
      create index mine_lower on agents (lower(name)) | index public.mine_lower would stay
      create unique index mine_unique on coordination_events (timestamp, event_id) | index public.mine_unique would stay
      alter table agents add constraint mine check (length(name) > 0) | constraint mine of table public.agents
      alter table workflow_states add constraint mine_key unique (updated_at, workflow_id) \
        | constraint mine_key of table public.workflow_states
      alter table agents alter category set default 'x' | default value for public.agents.category would stay
      alter table agents alter tools drop default, alter tools set default '{x}' | default value for public.agents.tools
      alter table agents alter description set statistics 500 | column public.agents.description has attstattarget 500
      alter table agents alter display_name set compression pglz | column public.agents.display_name has attcompression
      alter table agents alter name set storage external | column public.agents.name has attstorage EXTERNAL
      alter table agents alter name set (n_distinct = 5) | column public.agents.name has attoptions n_distinct=5
      alter table task_states alter result set not null | column public.task_states.result has attnotnull true
      create statistics mine on name, category from agents | statistics object public.mine would stay
      create table mine_child () inherits (agents) | table public.mine_child would stay | drop table mine_child
      create table mine_typed (agent agents) | column public.mine_typed.agent would stay | drop table mine_typed
      create function mine() returns bigint begin atomic select count(*) from agents; end | function public.mine() would
      create function mine(agent agents) returns int language sql as 'select 1' | function public.mine(public.agents)
      create view mine_view as select * from agent_statistics | view public.mine_view would stay
      create sequence mine_sequence owned by agents.estimated_tokens | sequence public.mine_sequence would stay \
        | alter sequence mine_sequence owned by none
      alter index idx_agents_category depends on extension vector | index public.idx_agents_category would stay
      comment on column agents.name is 'mine' | the comment on column public.agents.name would be lost
      comment on constraint valid_status on agent_usage is 'x' | comment on constraint valid_status of table
      create publication mine_all for all tables | publication mine_all would send every row again
      create publication mine_schema for tables in schema public | publication mine_schema would send every row again
      create publication mine_table for table agents where (name > 'x') | publication mine_table of table public.agents
      """;

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
      LATER | grant select (state_data) on workflow_states to public \
            | role PUBLIC may select column state_data of workflow_states, .*: REVOKE SELECT \\(state_data\\)
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
  void whateverHangsOnATableIsNamedWithTheCommandThatRemovesIt() throws Exception {
    AlembicForm.FIRST.withRowsIn(database);
    List<String[]> hanging = HANGING.lines().map(line -> line.split(" +\\| ")).toList();
    hanging.forEach(thing -> database.execute(thing[0]));
    String refusal = catchThrowable(() -> run(database, "adopt")).getMessage();
    hanging.forEach(thing -> assertThat(refusal).as("refusal after: %s", thing[0]).contains(thing[1]));

    Pattern.compile("would .*: ((ALTER|DROP|COMMENT) [^;\n]*)|again afterwards: (ALTER [^;\n]*)")
        .matcher(refusal)
        .results()
        .forEach(remedy -> database.execute(remedy.group(remedy.group(1) == null ? 3 : 1)));
    hanging.forEach(thing -> database.execute(thing.length > 2 ? thing[2] : "select"));
    assertThat(run(database, "adopt")).as("take-over after the remedies").contains(" is at tag 1.0;");
  }

  @Test
  void everyReasonIsGivenAtOnce() {
    AlembicForm.FIRST.in(database);
    database.execute("alter table agents add column owner text", "create view mine as select * from agents",
        "drop table coordination_events", "alter table task_states enable row level security");
    assertRefused(database, "(?=.*agents has a shape)(?=.*view public.mine)(?=.*coordination_events is missing)"
        + "(?=.*task_states has relrowsecurity)(?=.*pg_dump --schema-only)");
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
    Catalogs catalog = database.catalogs();
    SortedMap<String, String> contents = contents(database, "public");
    for (String action : new String[] {"preview", "adopt"}) {
      // a preview copies and builds nothing
      if (action.equals("adopt") || !reason.matches(".*(not allowed by|Already in schema|may select column).*")) {
        assertThatThrownBy(() -> run(as, action)).as(action).message().matches("(?s).*" + reason + ".*");
      }
      assertThat(catalog.differences(database.catalogs())).as("catalog after the refusal to %s", action).isEmpty();
      assertThat(contents(database, "public")).as("contents after the refusal to %s", action).isEqualTo(contents);
    }
  }
}
