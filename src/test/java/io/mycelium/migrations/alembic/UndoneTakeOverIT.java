package io.mycelium.migrations.alembic;

import static io.mycelium.migrations.alembic.TakeOver.adopt;
import static io.mycelium.migrations.alembic.TakeOver.assertOurs;
import static io.mycelium.migrations.alembic.TakeOver.contents;
import static io.mycelium.migrations.alembic.TakeOver.run;
import static io.mycelium.migrations.alembic.TakeOver.undo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The way back from a take-over. */
class UndoneTakeOverIT {

  private TestDatabase database;

  @BeforeAll
  static void readAFreshCatalog() {
    TakeOver.readAFreshCatalog();
  }

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest
  @EnumSource
  void leavesWhatAlembicLeft(AlembicForm form) {
    form.withRowsIn(database);
    database.execute(TakeOver.APPLICATION_INDEXES);
    Catalogs catalogs = database.catalogs();
    SortedMap<String, String> contents = contents(database, "public");
    adopt(database);
    database.execute("refresh materialized view agent_statistics");

    undo(database);
    assertThat(catalogs.differences(database.catalogs())).as("catalogs after the undo").isEmpty();
    assertThat(contents(database, "public")).as("contents after the undo").isEqualTo(contents);
    assertThat(database.query("select nspname from pg_namespace where nspname = 'legacy_alembic'")).isEmpty();
    adopt(database);
    assertOurs(database);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      update agents set name = 'new' where agent_id = 'agent-1' \
      | agents: 1 rows written, 22 of 23 untouched
      delete from coordination_events where event_id = 'event-1' \
      | coordination_events: 0 rows written, 49 of 50 untouched
      insert into workflow_states (workflow_id, status) values ('new', 'running') \
      | workflow_states: 1 rows written, 13 of 13 untouched
      insert into agent_usage (agent_id, status) select id, 'failed' from agents where agent_id = 'figures' \
      | (?=.*agent_usage: 1 rows written)(?=.*agents: 1 rows written)
      alter table agents enable row level security; create policy mine on agents using (name <> 'x') \
      | (?=.*table public.agents was made or changed)(?=.*policy mine of table public.agents .*: DROP POLICY mine)
      create view mine as select * from agent_statistics \
      | view public.mine was made or changed; keep how, and run: DROP VIEW public.mine
      create publication mine for table task_states \
      | public.task_states in publication mine was made or changed
      grant select on coordination_events to public \
      | table public.coordination_events was made or changed
      comment on table agents is 'mine' \
      | table public.agents was made or changed
      """)
  void isRefusedWhenItWouldLoseSomething(String sql, String reason) {
    AlembicForm.FIRST.withRowsIn(database);
    adopt(database);
    database.execute(sql);
    Catalogs catalogs = database.catalogs();
    SortedMap<String, String> contents = contents(database, "public");
    assertThatThrownBy(() -> run(database, "undo")).message().matches("(?s).*nothing was changed:.*" + reason + ".*");
    assertThat(catalogs.differences(database.catalogs())).as("catalogs after the refusal").isEmpty();
    assertThat(contents(database, "public")).as("contents after the refusal").isEqualTo(contents);
  }

  @Test
  void leavesWhatPostgresqlItselfSaysOfTheDatabase() {
    AlembicForm.FIRST.withRowsIn(database);
    database.execute("alter table agent_usage set (fillfactor = 70, toast.autovacuum_enabled = off)",
        "alter default privileges grant select on tables to public", "grant insert on agents to public");
    Catalogs catalogs = database.catalogs();
    adopt(database);
    undo(database);
    assertThat(catalogs.differences(database.catalogs())).as("catalogs after the undo").isEmpty();
  }

  @Test
  void followsARollbackToBaseAsWell() {
    AlembicForm.FIRST.withRowsIn(database);
    SortedMap<String, String> contents = contents(database, "public");
    adopt(database);
    Migrations.rollback(database, "base");
    undo(database);
    assertThat(contents(database, "public")).as("contents after the undo").isEqualTo(contents);
  }

  @Test
  void isRefusedWhereNothingWasTakenOver() {
    Migrations.update(database);
    assertThatThrownBy(() -> run(database, "undo")).hasMessageContaining("there is no take-over to undo");
  }
}
