package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The catalogs of a database show every change, by the object's name, and nothing else. */
class CatalogsIT {

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    database.execute(
        "create table mine (a int constraint mine_pkey primary key, b text constraint once unique deferrable)",
        "create index mine_b on mine ((b || 'x'))", "create domain small as int constraint small check (value < 9)",
        "create table parts (a int primary key) partition by range (a)", "create sequence numbers",
        "create table part (a int not null)", "create unique index part_key on part (a)",
        "create function one() returns int language sql as 'select 1'", "create type mood as enum ('fine', 'tired')");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      drop table mine | lost: pg_class, mine, schema public
      alter table mine alter b set not null | pg_attribute, table public.mine, b: attnotnull was false, is true
      alter table mine alter b set default 'x' | new: pg_attrdef, table public.mine, b
      alter table mine alter b set statistics 7 | pg_attribute, table public.mine, b: attstattarget was
      alter index mine_b alter 1 set statistics 7 | pg_attribute, index public.mine_b, expr: attstattarget was
      alter materialized view agent_statistics alter name set statistics 7 \
        | pg_attribute, materialized view public.agent_statistics, name: attstattarget was
      alter table mine alter b set (n_distinct = 5) | pg_attribute, table public.mine, b: attoptions was null
      alter table mine set (toast.autovacuum_enabled = off) | pg_class, mine, schema public: reltoastrelid was null
      comment on index mine_pkey is 'x' | new: pg_description, index public.mine_pkey
      comment on column mine.b is 'x' | new: pg_description, table column public.mine.b
      comment on schema public is 'x' | pg_description, schema public
      alter domain small drop constraint small; alter domain small add constraint small check (value < 9) not valid \
        | pg_constraint, small, type public.small: convalidated was true, is false
      alter default privileges grant select on tables to public | new: pg_default_acl
      create default conversion mine for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8 \
        | new: pg_conversion, mine, schema public
      create operator family mine using btree | new: pg_opfamily, access method btree, mine, schema public
      create operator class mine for type uuid using hash as function 1 uuid_hash(uuid) \
        | new: pg_opclass, access method hash, mine, schema public
      create operator === (leftarg = int, rightarg = int, function = int4eq) | new: pg_operator, ===
      create access method mine type table handler heap_tableam_handler | new: pg_am, mine
      create type mine_shell | new: pg_type, mine_shell, schema public
      alter table parts attach partition part for values from (0) to (9) | new: pg_inherits, table public.part
      create collation mine from "C" | new: pg_collation, mine
      create cast (uuid as int) with function uuid_hash(uuid) | new: pg_cast, type pg_catalog.uuid, type integer
      create text search configuration mine (copy = simple) | new: pg_ts_config, mine, schema public
      create event trigger mine on ddl_command_end execute function one_event() | new: pg_event_trigger, mine
      create rule mine as on delete to mine do instead nothing | new: pg_rewrite, mine, table public.mine
      create statistics mine on a, b from mine | new: pg_statistic_ext, mine, schema public
      create policy mine on mine using (a > (select 1)) | new: pg_policy, mine, table public.mine
      create publication mine for table mine | new: pg_publication_rel, publication mine, table public.mine
      alter table agent_usage disable trigger agent_usage_metrics_insert \
        | pg_trigger, table public.agent_usage, agent_usage_metrics_insert: tgenabled was "O", is "D"
      alter table task_states disable trigger all | RI_ConstraintTrigger_c
      alter table mine cluster on mine_pkey | pg_index, index public.mine_pkey: indisclustered was false, is true
      alter table mine replica identity full | pg_class, mine, schema public: relreplident was "d", is "f"
      alter sequence numbers cache 7 | pg_sequence, sequence public.numbers: seqcache was 1, is 7
      alter sequence numbers owned by mine.a | new: pg_depend, sequence public.numbers, table column public.mine.a, a
      alter function one() cost 7 | pg_proc, one, schema public, {}: procost was 100, is 7
      create or replace function one() returns int language sql as 'select 2' | prosrc was "select 1", is "select 2"
      create or replace function one() returns int language sql return 2 | prosqlbody was null, is "RETURN 2"
      alter type mood add value 'so-so' before 'tired' | pg_enum, type public.mood, tired: enumsortorder was 2, is 3
      grant select on mine to public | pg_class, mine, schema public: relacl was
      grant select (a) on mine to public | pg_attribute, table public.mine, a: attacl was
      drop extension plpgsql cascade | lost: pg_extension, plpgsql
      """)
  void aChangeIsNamed(String sql, String difference) throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("""
          create function one_event() returns event_trigger language plpgsql as $$ begin end $$;
          create function uuid_hash(uuid) returns int language sql immutable return 1;
          set quote_all_identifiers = on; set search_path = pg_temp, public""");
      Catalogs before = Catalogs.of(connection);
      statement.execute("set search_path = public");
      statement.execute(sql);
      assertThat(before.differences(Catalogs.of(connection))).as("differences after " + sql)
          .anyMatch(named -> named.contains(difference));
      connection.rollback();
    }
  }

  @Test
  void whatIsMadeAnewIsTheSame() throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      Catalogs before = Catalogs.of(connection);
      statement.execute("""
          create temp table passing (a int primary key);
          insert into mine values (1, repeat('x', 100000)); analyze mine; truncate mine;
          select nextval('numbers');
          grant select on mine to public; revoke select on mine from public;
          revoke execute on function one() from public; grant execute on function one() to public;
          alter table mine drop constraint once; alter table mine add constraint once unique (b) deferrable;
          alter table mine drop column a;
          alter table mine add column a int constraint mine_pkey primary key;
          alter table task_states drop constraint task_states_workflow_id_fkey;
          alter table task_states add constraint task_states_workflow_id_fkey
            foreign key (workflow_id) references workflow_states on delete cascade;
          reindex table mine""");
      assertThat(before.differences(Catalogs.of(connection))).isEmpty();
      assertThat(connection.getAutoCommit()).as("autocommit").isTrue();
    }
  }

  @Test
  void itIsReadInATransactionThatMayOnlyRead() throws Exception {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      Catalogs outside = Catalogs.of(connection);
      connection.setAutoCommit(false);
      statement.execute("set transaction read only");
      assertThat(Catalogs.of(connection)).isEqualTo(outside);
    }
  }
}
