package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The SQL that turns a schema into another one does so, and back. */
@Tag("any-version")
class ScriptIT {

  private static TestDatabase database;

  @BeforeAll
  static void create() {
    database = TestDatabase.create();
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|',
      textBlock = """
          create table a (id int primary key); create table b (a int) \
            | alter table b add foreign key (a) references a deferrable initially deferred
          create table a (id int primary key); create table b (a int references a) \
            | alter table b alter constraint b_a_fkey deferrable
          create table a (r int4range) | alter table a add exclude using gist (r with &&)
          create table a (r int4range) | alter table a add exclude using gist (r with &&) deferrable
          create table a (b int); alter table a add check (b > 0) not valid | alter table a validate constraint a_b_check
          create table a (b text) | alter table a alter b type text collate "C"
          create table a (b int not null) | alter table a alter b add generated always as identity
          create table a (b int); create table c (b int) | alter table c inherit a
          create table a (s varchar(9)) \
            | alter table a add check (s in ('a', 'b')); create view v as select 1 as one from a where s in ('c', 'd'); \
              create index i on a (s) where s in ('e', 'f'); create policy p on a using (s in ('g', 'h')); \
              create domain d as varchar(9) check (value in ('i', 'j'))
          create table a (e int[]); create index i on a using gin (e) with (gin_pending_list_limit = 100) \
            | alter index i reset (gin_pending_list_limit); alter index i set (fastupdate = off, gin_pending_list_limit = 99)
          create table a (b int, "it's" text) | create view v as select a as whole from a
          create table a (b int, "it's" text) | alter table a alter "it's" set storage main
          create table a (b int, c int) \
            | create table public (b int, c int); create view v as select public.b, x.c from a public, public x; \
              create view w as select -a.b as b, a.c from a where exists (select from a x where x.b = a.c) order by a.b
          create table a (b int) | create procedure p(in b int) language sql as ''
          create table a (b int); create function f() returns trigger language plpgsql as 'begin return new; end' \
            | create table p (b int) partition by range (b); create table p1 partition of p for values from (1) to (9); \
              create trigger "My T" before insert on p for each row execute function f(); \
              alter table p1 disable trigger "My T"
          """)
  void itLeadsThereAndBack(String start, String change) throws Exception {
    Schema from = made(start);
    Schema to = made(start + ";" + change);
    assertThat(to.differences(from)).as("what " + change + " changes").isNotEmpty();
    assertLeads(to, from);
    assertLeads(from, to);
  }

  /** Runs the script in the database, which has the first schema. */
  private static void assertLeads(Schema from, Schema to) throws Exception {
    List<String> names = to.differences(from).stream().map(Difference::object).toList();
    Script script = from.script(to, names);
    assertThat(script.unwritten()).as("not written").isEmpty();
    script.statements().forEach(database::execute);
    assertThat(to.differences(database.catalog())).as("left by " + script.statements()).isEmpty();
  }

  private static Schema made(String sql) {
    database.execute("drop schema public cascade", "create schema public", sql);
    return database.catalog();
  }
}
