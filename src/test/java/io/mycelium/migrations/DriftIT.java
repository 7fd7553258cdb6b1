package io.mycelium.migrations;

import static io.mycelium.migrations.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every change that somebody made by hand is named, and nothing else is. */
class DriftIT {

  private static Catalog defined;

  private TestDatabase database;

  @BeforeAll
  static void makeWhatTheMigrationsDefine() throws Exception {
    defined = AppliedSchema.without(Migrations.CHANGELOG, List.of(), "public", Catalog::read);
  }

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @Test
  void aNewDatabaseHasNone() throws Exception {
    assertThat(examine().drift()).isEmpty();
    assertThat(examine().foreign()).isEmpty();
    assertThat(examine().pending()).isEmpty();
  }

  @Test
  void theApplicationsStartMakesNone() throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      ConcurrentClientsIT.startTracker(statement);
    }
    assertThat(compare().drift()).isEmpty();
    assertThat(compare().foreign()).isEmpty();
  }

  @Test
  void aDatabaseThatIsBehindHasNoneButPendingMigrations() throws Exception {
    Migrations.rollback(database, 3);
    assertThat(examine().drift()).isEmpty();
    assertThat(examine().pending()).hasSize(3);

    Migrations.rollback(database, "base");
    assertThat(examine().drift()).isEmpty();
    Migrations.update(database);
    assertThat(examine().drift()).isEmpty();
  }

  @Test
  void anotherSchemaThanPublicHasNone() throws Exception {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    TestDatabase other = TestDatabase.create();
    other.execute("create extension \"uuid-ossp\"", "create extension vector", "create schema mycelium",
        "alter database %s set search_path = mycelium, public".formatted(other.name()));
    Migrations.update(other);
    try (Connection connection = other.connect()) {
      Drift.Report report = Drift.examine(Migrations.CHANGELOG, connection);
      assertThat(report.drift()).isEmpty();
      assertThat(report.foreign()).extracting(Catalog.Difference::object).containsExactly("setting search_path");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
    "drop table task_states | missing: table task_states",
    "alter table agents drop column estimated_tokens | missing: column agents.estimated_tokens",
    "alter table agents add column owner text | extra: column agents.owner",
    "alter table agents alter column display_name type varchar(99) | different: column agents.display_name",
    "alter table agents alter column embedding type vector(100) | different: column agents.embedding",
    "alter table agents alter column category set default 'x' | different: column agents.category",
    "alter table agents alter column category drop not null | different: column agents.category",
    "alter table agents alter column description set storage external | different: column agents.description",
    "alter table agents set (fillfactor = 90) | different: table agents",
    "alter table task_states set unlogged | different: table task_states",
    "alter table agents enable row level security | different: table agents",
    "create policy mine on agents using (true) | extra: policy agents.mine",
    "alter table workflow_states drop constraint workflow_states_status_check | missing: constraint workflow_states.workflow_states_status_check",
    "alter table agents add constraint mine check (name <> '') | extra: constraint agents.mine",
    "alter table task_states drop constraint task_states_workflow_id_fkey, add constraint task_states_workflow_id_fkey foreign key (workflow_id) references workflow_states | different: constraint task_states.task_states_workflow_id_fkey",
    "drop index agents_name_idx | missing: index agents_name_idx",
    "create index mine on agents (description) | extra: index mine",
    "drop index agents_embedding_idx; create index agents_embedding_idx on agents using hnsw (embedding vector_l2_ops) with (m = 16, ef_construction = 64) | different: index agents_embedding_idx",
    "drop index agents_embedding_idx; create index agents_embedding_idx on agents using hnsw (embedding vector_cosine_ops) with (m = 8, ef_construction = 64) | different: index agents_embedding_idx",
    "drop index idx_task_id; create index idx_task_id on coordination_events (task_id) | different: index idx_task_id",
    "drop trigger agent_usage_metrics_delete on agent_usage | missing: trigger agent_usage.agent_usage_metrics_delete",
    "alter table agent_usage disable trigger agent_usage_metrics_insert | different: trigger agent_usage.agent_usage_metrics_insert",
    "create trigger mine before insert on agents for each row execute function touch_updated_at() | extra: trigger agents.mine",
    "create or replace function touch_updated_at() returns trigger language plpgsql as $$ begin return new; end $$ | different: function touch_updated_at()",
    "alter function maintain_agent_metrics() reset search_path | different: function maintain_agent_metrics()",
    "alter function refresh_agent_statistics() security invoker | different: function refresh_agent_statistics()",
    "grant execute on function refresh_agent_statistics() to public | different: function refresh_agent_statistics()",
    "drop procedure delete_coordination_events_before(timestamptz, integer) | missing: function delete_coordination_events_before(timestamp with time zone,integer)",
    "drop materialized view agent_statistics; create materialized view agent_statistics as select id from agents | different: materialized view agent_statistics",
    "grant select on agents to public | different: table agents",
    "grant update (name) on agents to public | different: column agents.name",
    "comment on column agents.name is 'mine' | different: column agents.name",
    "drop extension vector cascade | missing: extension vector",
    "do $$ begin perform '[1]'::vector; execute format('alter database %I reset hnsw.ef_search', current_database()); end $$ | missing: setting hnsw.ef_search"})
  void aChangeByHandIsNamed(String sql, String difference) {
    database.execute("drop trigger agents_touch_updated_at on agents"); // with which no column of it can change
    database.execute(sql);
    assertThat(compare().drift()).extracting(Object::toString).as("drift after: %s", sql)
        .anyMatch(named -> named.startsWith(difference));
  }

  @Test
  void bothSidesAreShown() {
    database.execute("drop index agents_name_idx", "create index agents_name_idx on agents using hash (name)");
    assertThat(compare().text()).contains("""
        different: index agents_name_idx
          expected: CREATE INDEX agents_name_idx ON public.agents USING btree (name)
            comment: all agents ORDER BY name LIMIT ? OFFSET ?
          found: CREATE INDEX agents_name_idx ON public.agents USING hash (name)
        drift: 1 object""");
  }

  @Test
  void anotherApplicationsObjectsAreForeign() {
    database.execute("create table theirs (id serial primary key, note text)", "create index on theirs (note)",
        "create function theirs() returns int language sql as 'select 1'", "create type mood as enum ('fine')");
    assertThat(compare().drift()).isEmpty();
    assertThat(compare().foreign()).extracting(Catalog.Difference::object)
        .contains("table theirs", "column theirs.note", "index theirs_note_idx", "function theirs()", "enum mood");
  }

  @Test
  void theCommandFailsOnDriftWritesAReportAndChangesNothing() throws Exception {
    database.execute("create table theirs (a int)");
    assertThat(mvn(database.named("-Pdrift")).succeeded().output()).contains("foreign: column theirs.a, table theirs", "no drift");
    assertThat(mvn(database.named("-Pdrift", "-Ddrift.foreign=fail")).exitCode()).as("exit code with foreign objects").isNotZero();

    database.execute("drop index agents_name_idx");
    Catalog before = database.catalog();
    MavenRun run = mvn(database.named("-Pdrift"));
    assertThat(run.exitCode()).as("exit code with drift").isNotZero();
    assertThat(run.output()).contains("missing: index agents_name_idx", "CREATE INDEX agents_name_idx ON public.agents USING btree (name)", "drift: 1 object")
        .doesNotContain("    at ", database.password().isEmpty() ? "\0" : "password=" + database.password());
    assertThat(Path.of("target/drift.json")).content().contains("\"object\": \"index agents_name_idx\"", "\"object\": \"table theirs\"");
    assertThat(before.differences(database.catalog())).as("catalog after the examination").isEmpty();
  }

  @Test
  void aRoleThatMayOnlyReadExamines() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    String role = database.name() + "_reader";
    database.execute("create role %s login password 'x'".formatted(role), "grant select on databasechangelog to " + role);
    try (Connection connection = database.as(role, "x").connect()) {
      assertThat(Drift.examine(Migrations.CHANGELOG, connection).drift()).isEmpty();
    }
  }

  @Test
  void aDatabaseWithoutHistoryIsRefused() {
    database.execute("drop table databasechangelog");
    assertThatThrownBy(this::examine).hasMessageContaining("has no migration applied, so there is nothing to compare it with");
  }

  @Test
  void aDatabaseWithMigrationsOfALaterReleaseIsRefused() {
    database.execute("insert into databasechangelog select 'agents-999-later', author, filename, now(), 99, exectype from databasechangelog limit 1");
    assertThatThrownBy(this::examine).hasMessageContaining("does not know: agents-999-later; check out the release that applied them");
  }

  /** As the command does it. */
  private Drift.Report examine() throws Exception {
    try (Connection connection = database.connect()) {
      return Drift.examine(Migrations.CHANGELOG, connection);
    }
  }

  /** Against what the migrations define at the head, which one scratch database made for all. */
  private Drift.Report compare() {
    return Drift.compare("", "", List.of(), defined, database.catalog());
  }
}
