package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of change that somebody makes by hand is found as drift, and named. */
@Tag("any-version")
class DriftChangesIT {

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      drop table task_states | missing: table task_states
      alter table agents drop column estimated_tokens | missing: column agents.estimated_tokens
      alter table agents add column owner text | extra: column agents.owner
      alter table agents alter column display_name type varchar(99) | different: column agents.display_name
      drop trigger agents_note_embedding_of on agents; alter table agents alter column embedding type vector(100) \
        | different: column agents.embedding
      alter table agents alter column category set default 'x' | different: column agents.category
      alter table agents alter column category drop not null | different: column agents.category
      alter table agents alter column description set storage external | different: column agents.description
      alter table agents alter column description set statistics 500 | different: column agents.description
      alter table agents alter column description set (n_distinct = 5) | different: column agents.description
      alter table agents set (fillfactor = 90) | different: table agents
      alter table task_states set unlogged | different: table task_states
      alter table agents enable row level security | different: table agents
      alter table agents force row level security | different: table agents
      alter table agents replica identity full | extra: replica identity of table agents
      alter table agents cluster on agents_name_idx | different: index agents_name_idx
      create policy mine on agents using (true) | extra: policy agents.mine
      create policy mine on agents as restrictive using (true) | extra: policy agents.mine
      create rule mine as on insert to coordination_events do instead nothing | extra: rule coordination_events.mine
      alter table workflow_states drop constraint workflow_states_status_check \
        | missing: constraint workflow_states.workflow_states_status_check
      alter table agents add constraint mine check (name <> '') | extra: constraint agents.mine
      alter table task_states drop constraint task_states_workflow_id_fkey, \
        add constraint task_states_workflow_id_fkey foreign key (workflow_id) references workflow_states \
        | different: constraint task_states.task_states_workflow_id_fkey
      drop index agents_name_idx | missing: index agents_name_idx
      create index mine on agents (description) | extra: index mine
      update pg_index set indisvalid = false where indexrelid = 'agents_name_idx'::regclass \
        | extra: validity of index agents_name_idx
      drop index agents_embedding_idx; \
        create index agents_embedding_idx on agents \
          using hnsw (embedding vector_l2_ops) with (m = 16, ef_construction = 64) \
        | different: index agents_embedding_idx
      drop index agents_embedding_idx; \
        create index agents_embedding_idx on agents \
          using hnsw (embedding vector_cosine_ops) with (m = 8, ef_construction = 64) \
        | different: index agents_embedding_idx
      drop index idx_task_id; create index idx_task_id on coordination_events (task_id) | different: index idx_task_id
      drop trigger agent_usage_metrics_delete on agent_usage | missing: trigger agent_usage.agent_usage_metrics_delete
      alter table agent_usage disable trigger agent_usage_metrics_insert \
        | different: trigger agent_usage.agent_usage_metrics_insert
      create trigger mine before insert on agents for each row execute function touch_updated_at() \
        | extra: trigger agents.mine
      create or replace function touch_updated_at() returns trigger language plpgsql as $$ begin return new; end $$ \
        | different: function touch_updated_at()
      alter function maintain_agent_metrics() reset search_path | different: function maintain_agent_metrics()
      alter function maintain_agent_metrics() cost 7 | different: function maintain_agent_metrics()
      alter function refresh_agent_statistics() security invoker | different: function refresh_agent_statistics()
      grant execute on function refresh_agent_statistics() to public | different: function refresh_agent_statistics()
      drop procedure delete_coordination_events_before(timestamptz, integer) \
        | missing: procedure delete_coordination_events_before(timestamp with time zone, integer)
      drop materialized view agent_statistics; create materialized view agent_statistics as select id from agents \
        | different: materialized view agent_statistics
      grant select on agents to public | different: table agents
      grant update (name) on agents to public | different: column agents.name
      grant create on schema public to public | extra: schema public
      comment on column agents.name is 'mine' | different: column agents.name
      comment on column agent_statistics.name is 'mine' | different: materialized view agent_statistics
      comment on index agents_pkey is 'mine' | extra: comment of index agents_pkey
      alter materialized view agent_statistics alter name set statistics 7 \
        | extra: statistics target of column agent_statistics.name
      alter materialized view agent_statistics alter name set (n_distinct = 5) \
        | extra: options of column agent_statistics.name
      alter materialized view agent_statistics alter name set storage external \
        | extra: storage of column agent_statistics.name
      alter default privileges grant select on tables to public | extra: default privilege of PUBLIC: SELECT on tables
      alter default privileges in schema public grant usage on sequences to public \
        | extra: default privilege of PUBLIC: USAGE on sequences of the schema
      alter default privileges revoke execute on functions from public \
        | extra: default privilege of PUBLIC: no EXECUTE on functions
      create publication mine for table agents | extra: publication mine of table agents
      drop extension vector cascade | missing: extension vector
      do $$ begin perform '[1]'::vector; \
          execute format('alter database %I reset hnsw.ef_search', current_database()); end $$ \
        | missing: setting hnsw.ef_search
      """)
  void aChangeByHandIsNamed(String sql, String difference) throws Exception {
    // No column that a trigger names can change its type.
    assertNamed("drop trigger agents_touch_updated_at on agents", sql, difference);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|', textBlock = """
      create table mine (a int, b int); create statistics mine on a, b from mine | drop statistics mine \
        | missing: statistics mine
      create type mine as (a int, b text) | alter type mine add attribute c int | different: type mine
      create type mine as enum ('a') | alter type mine add value 'b, c' | different: type mine
      create domain mine as int default 1 check (value > 0) | alter domain mine set default 2 | different: domain mine
      create domain mine as int check (value > 0) | alter domain mine drop constraint mine_check \
        | different: domain mine
      create domain mine as int constraint positive check (value > 0) \
        | alter domain mine drop constraint positive; \
          alter domain mine add constraint positive check (value > 0) not valid \
        | extra: validity of constraint mine.positive
      create table mine (a text); create index mine_lower on mine (lower(a)) \
        | alter index mine_lower alter 1 set statistics 7 \
        | extra: statistics target of index mine_lower, column 1
      create table mine (a int primary key) partition by range (a); \
          create table mine_1 partition of mine for values from (0) to (1) \
        | alter table mine_1 rename constraint mine_1_pkey to own \
        | different: name of the key mine_pkey of table mine_1
      create aggregate mine(int) (sfunc = int4pl, stype = int) \
        | create or replace aggregate mine(int) (sfunc = int4mi, stype = int) \
        | different: aggregate mine(integer)
      create policy mine on agents using (true) \
        | drop policy mine on agents; create policy mine on agents as restrictive using (true) \
        | different: policy agents.mine
      create table parent (a int); create table child (b int) inherits (parent) | alter table child no inherit parent \
        | different: table child
      create table mine (a int) partition by range (a); \
          create table mine_1 partition of mine for values from (0) to (1) \
        | alter table mine detach partition mine_1 \
        | different: table mine_1
      create sequence mine | alter sequence mine increment by 7 | different: sequence mine
      create table mine (a int generated by default as identity) \
        | alter table mine alter column a set generated always \
        | different: column mine.a
      create view mine as select 1 as a | create or replace view mine as select 2 as a | different: view mine
      create table mine (a text) | alter table mine rename column a to b | missing: column mine.a
      """)
  void aChangeByHandOfWhatReleaseOneHasNotIsNamed(String made, String sql, String difference) throws Exception {
    assertNamed(made, sql, difference);
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|',
      textBlock = """
          create conversion mine for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8 | conversion mine
          create operator family mine using hash | operator family mine USING hash
          create operator class mine for type uuid using hash as function 1 uuid_hash(uuid) \
            | operator class mine USING hash, operator family mine USING hash
          create access method mine type table handler heap_tableam_handler | access method mine
          create type mine | type mine
          create language mine handler plpgsql_call_handler | language mine
          create publication mine for all tables | publication mine
          create type mine as (a int); create transform for mine language sql (from sql with function array_subscript_handler(internal)) \
            | transform for mine (on )?language sql
          create table mine (a int) | ''
          create foreign data wrapper mine; create server mine foreign data wrapper mine; \
              create foreign table mine_there (a int) server mine; create user mapping for current_user server mine \
            | ''
          create domain "Odd one" as int; create cast (uuid as int) with function uuid_hash(uuid); \
              create collation mine from "C"; create text search configuration mine (copy = simple) \
            | ''
          """)
  void anObjectThatIsNotComparedIsNamed(String sql, String uncompared) throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("set transaction isolation level repeatable read");
      statement.execute("create function uuid_hash(uuid) returns int language sql immutable return 1");
      statement.execute(sql);
      assertThat(String.join(", ", Schema.read(connection).uncompared())).matches(uncompared);
      connection.rollback();
    }
  }

  private static void assertNamed(String before, String sql, String difference) throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      // Nothing is committed, so that the next change finds the database as it was.
      connection.setAutoCommit(false);
      statement.execute("set transaction isolation level repeatable read");
      statement.execute(before);
      Schema expected = Schema.read(connection);
      statement.execute(sql);
      Drift.Report report = Drift.compare("", "", List.of(), expected, Schema.read(connection), Mending.Scratch.NONE);
      assertThat(Stream.concat(report.drift().stream(), report.foreign().stream())).extracting(Object::toString)
          .anyMatch(named -> named.startsWith(difference));
      connection.rollback();
    }
  }
}
