package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of change that somebody makes by hand. */
class DriftChangesIT {

  private static Catalog defined;
  private static TestDatabase database;

  @BeforeAll
  static void update() throws Exception {
    defined = AppliedSchema.without(Migrations.CHANGELOG, List.of(), "public", Catalog::read);
    database = TestDatabase.create();
    Migrations.update(database);
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
  void isNamed(String sql, String difference) throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false); // and never committed, so that the next change finds the database as it was
      statement.execute("drop trigger agents_touch_updated_at on agents"); // with which no column of it can change
      statement.execute(sql);
      assertThat(Drift.compare("", "", List.of(), defined, Catalog.read(connection)).drift()).extracting(Object::toString)
          .anyMatch(named -> named.startsWith(difference));
      connection.rollback();
    }
  }
}
