package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.AdoptAlembic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whoever may create objects in the schema, as the application's tracker must, cannot have the owner execute them.
 * PostgreSQL takes an operator or a function whose types fit exactly before one of pg_catalog whose types do not, whatever
 * comes first in the search_path. So an attacker plants one for each name that the changelog uses and all types that it
 * might be used with; each raises an error when it is executed, which fails the statement of the owner.
 */
class PlantedOverloadsIT {

  private static final String ATTACKER = "attacker";

  /** What an operator, or a function of one argument or two, may be planted for; more arguments get the first of these. */
  private static final List<String> TYPES = List.of("text", "name", "regrole", "integer", "jsonb", "bigint", "numeric", "double precision", "boolean", "oid",
      "regclass", "varchar", "smallint", "real", "\"char\"", "regnamespace", "regtype", "regproc", "uuid", "timestamptz", "interval", "tid", "point", "xid",
      "text[]", "name[]", "integer[]", "smallint[]", "oid[]", "tsvector", "tsquery");

  /** A value for an argument of a routine of ours. */
  private static final Map<String, String> ARGUMENTS = Map.of("text", "'a'", "text[]", "'{a}'", "integer", "10", "double precision", "0.5",
      "regrole", "'" + ATTACKER + "'", "timestamp with time zone", "now()", "vector", "pg_catalog.array_fill(1::real, array[384])");

  private TestDatabase database;

  @BeforeAll
  static void createAttacker() {
    TestDatabase.assumeServer("everyone is a superuser there");
    TestDatabase.server().execute("create role %s login password 'x'".formatted(ATTACKER));
  }

  @BeforeEach
  void createDatabase() {
    database = TestDatabase.createOwnedByAPlainRole();
    database.execute("grant create on schema public to " + ATTACKER);
  }

  @Test
  void anOperatorInTheTriggersArithmetic() {
    Migrations.update(database);
    database.as(ATTACKER, "x").execute(
        "create function stolen(bigint, numeric) returns numeric language plpgsql as $$ begin raise exception 'planted: ran as %', current_user; end $$",
        "create operator * (leftarg = bigint, rightarg = numeric, function = stolen)");
    SampleRows.insert(database);
    assertThat(database.query("select distinct success_rate from agents")).as("what the trigger computed").containsExactly("100.00");
  }

  @Test
  void aFunctionThatGrantingTheApplicationsRoleCalls() {
    Migrations.update(database);
    database.as(ATTACKER, "x").execute("create function format(text, name, regrole) returns text language plpgsql as $$ begin raise exception 'planted: ran as %', current_user; end $$");
    database.execute("call grant_application_role('%s')".formatted(ATTACKER));
    assertThat(database.query("select has_table_privilege('%s', 'agents', 'insert')".formatted(ATTACKER))).containsExactly("t");
    database.execute("call revoke_application_role('%s')".formatted(ATTACKER));
  }

  @Test
  void everyRoutine() throws Exception {
    Migrations.update(database);
    SampleRows.insert(database);
    List<String> calls = new ArrayList<>();
    for (String routine : database.query(OURS.formatted("oid::regprocedure") + " and prorettype <> 'trigger'::regtype")) {
      List<String> types = database.query("select format_type(type, null) from pg_proc, unnest(proargtypes) type where oid = '%s'::regprocedure".formatted(routine));
      assertThat(ARGUMENTS.keySet()).as("types of the arguments of %s", routine).containsAll(types);
      calls.add(database.query("select case prokind when 'p' then 'call ' else 'select * from ' end from pg_proc where oid = '%s'::regprocedure".formatted(routine)).get(0)
          + routine.replaceFirst("\\(.*", "") + types.stream().map(type -> ARGUMENTS.get(type) + "::" + type).collect(Collectors.joining(", ", "(", ")")));
    }
    assertThat(calls).isNotEmpty();
    plant();
    calls.forEach(database::execute);
    database.execute("call revoke_application_role('%s')".formatted(ATTACKER));
  }

  @Test
  void everyTrigger() throws Exception {
    Migrations.update(database);
    SampleRows.insert(database);
    List<String> updates = database.query("""
        select format('update %s set %s', attrelid::regclass, string_agg(format('%1$I = %1$I', attname), ', ')) from pg_attribute
        where attrelid in (select tgrelid from pg_trigger where not tgisinternal) and attnum > 0 and not attisdropped group by attrelid""");
    assertThat(database.query(OURS.formatted("proname") + " and prorettype = 'trigger'::regtype and not exists (select from pg_trigger where tgfoid = pg_proc.oid)"))
        .as("functions that no trigger calls").isEmpty();
    plant();
    database.execute("truncate agents cascade");
    SampleRows.insert(database);
    updates.forEach(database::execute);
    database.execute("update agent_usage set status = 'failed', completed_at = now(), response_time_ms = 9", "update agent_usage set completed_at = '2020-01-01'",
        "delete from agent_usage", "truncate agent_usage", "delete from agents");
  }

  @Test
  void everyRoutineLooksItsNamesUpWhereNobodyElseMayCreateThem() {
    Migrations.update(database);
    assertThat(database.query(OURS.formatted("oid::regprocedure") + """
         and prosqlbody is null and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
         and prosrc not like '%COMMIT;%set_config(''search_path'', ''pg_catalog, pg_temp'', true)%'"""))
        .as("routines without SET search_path = pg_catalog, pg_temp").isEmpty();
  }

  @Test
  void updateAndRollback() throws Exception {
    plant();
    Migrations.update(database);
    Migrations.rollback(database, "base");
    Migrations.update(database);
    assertThat(database.query(OURS.formatted("proname"))).as("routines after an update, its rollback and another update").isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(AlembicForm.class)
  void takeOver(AlembicForm form) throws Exception {
    form.withRowsIn(database);
    plant();
    for (String action : List.of("adopt", "undo", "adopt")) {
      try (Connection connection = database.connect()) {
        AdoptAlembic.run(Migrations.CHANGELOG, connection, action, null);
      }
    }
  }

  @Test
  void whatIsPlantedWouldBeExecuted() throws Exception {
    plant();
    for (String unsafe : List.of("select 1::bigint * 1::numeric", "select format('%s%s', current_user, '10'::regrole)", "select '{1}'::int[] < '{2}'::int[]")) {
      assertThatThrownBy(() -> database.execute(unsafe)).as(unsafe).hasMessageContaining("planted: ran as " + database.username());
    }
  }

  /** Of the routines of the changelog a column. */
  private static final String OURS = """
      select %s from pg_proc where pronamespace = current_schema()::regnamespace and pg_get_userbyid(proowner) = current_user
        and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')""";

  /** As the attacker, overloads of every operator and function of pg_catalog whose name stands in the changelog. */
  private void plant() throws IOException, SQLException {
    StringBuilder changelog = new StringBuilder();
    try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        changelog.append(Files.readString(file));
      }
    }
    try (Connection connection = database.as(ATTACKER, "x").connect(); Statement statement = connection.createStatement()) {
      statement.execute("set search_path = pg_catalog");
      statement.execute("set check_function_bodies = off");
      statement.execute(PLANT.formatted(TYPES.stream().map(type -> "'" + type + "'").collect(Collectors.joining(", ")), words(changelog, "[a-z_0-9]+(?=\\()"),
          words(changelog, "(?<=[\\s\\w)\\]'])[-+*/<>=~|@#&^%!]{1,3}(?=[\\s\\w(\\['])")));
    }
  }

  private static String words(CharSequence text, String pattern) {
    Set<String> words = Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(", "));
  }

  private static final String PLANT = """
      do $do$
      declare
        types    text[] = array[%1$s];
        body     text = $$ returns boolean language plpgsql as 'begin raise exception ''planted: ran as %%'', current_user; end' $$;
        function record;
        operator text;
        a        text;
        b        text;
        c        text;
      begin
        foreach a in array types loop
          foreach b in array types loop
            execute format('create function public.planted(%%s, %%s)', a, b) || body;
            for operator in select distinct oprname from pg_operator o where (oprname = any (array[%3$s]) or oprname = '~~') and oprleft <> 0
                and not exists (select from pg_operator where oprname = o.oprname and oprleft = a::regtype and oprright = b::regtype and oprnamespace = 'pg_catalog'::regnamespace) loop
              execute format('create operator public.%%s (leftarg = %%s, rightarg = %%s, function = public.planted)', operator, a, b);
            end loop;
          end loop;
        end loop;
        for function in
            select distinct proname, least(args, 3) as args from pg_proc, lateral (select pronargs union select generate_series(pronargs, 3) where provariadic <> 0) n(args)
            where pronamespace = 'pg_catalog'::regnamespace and proname = any (array[%2$s]) and args > 0 loop
          foreach a in array types[:case function.args when 1 then 99 when 2 then 12 else 7 end] loop
            foreach b in array case function.args when 1 then array[''] when 2 then types[:12] else types[:7] end loop
              foreach c in array case function.args when 3 then types[:7] else array[''] end loop
                if to_regprocedure(format('pg_catalog.%%s(%%s)', function.proname, concat_ws(', ', a, nullif(b, ''), nullif(c, '')))) is null then
                  execute format('create function public.%%s(%%s)', function.proname, concat_ws(', ', a, nullif(b, ''), nullif(c, ''))) || body;
                end if;
              end loop;
            end loop;
          end loop;
        end loop;
      end $do$""";
}
