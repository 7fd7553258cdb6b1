package io.mycelium.migrations.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.AdoptAlembic;
import io.mycelium.migrations.testing.AlembicForm;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.precondition.Precondition;
import liquibase.precondition.PreconditionLogic;
import liquibase.precondition.core.SqlPrecondition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * Whoever may create objects in the schema, as the application's tracker must, cannot have the owner execute them.
 * PostgreSQL takes an operator or a function whose types fit exactly before one of pg_catalog whose types do not,
 * whatever comes first in the search_path. So an attacker plants one for each name that the changelog uses and all
 * types that it might be used with; each raises an error when it is executed, which fails the statement of the owner.
 */
@Tag("any-version")
class PlantedOverloadsIT {

  private static final String ATTACKER = "attacker";

  /**
   * What an operator, or a function of one argument or two, may be planted for; more arguments get the first of these.
   */
  private static final List<String> TYPES = List.of("text", "name", "regrole", "integer", "jsonb", "bigint", "numeric",
      "double precision", "boolean", "oid", "regclass", "varchar", "smallint", "\"char\"", "regnamespace", "uuid",
      "timestamptz", "tid", "text[]", "name[]", "integer[]");

  /** A value for an argument of a routine of ours. */
  private static final Map<String, String> ARGUMENTS = Map.of("text", "'a'", "text[]", "'{a}'", "integer", "10",
      "bigint", "10", "uuid[]", "'{}'", "double precision", "0.5", "regrole", "'" + ATTACKER + "'",
      "timestamp with time zone", "now()", "vector", "pg_catalog.array_fill(1::real, array[384])");

  private static TestDatabase database;
  private static List<String> calls;
  private static List<String> updatesOfAllColumns;
  private static List<String> checks;
  private static String update;
  private static String rollback;

  /** A database with release and rows, in which the attacker then plants; what the tests ask of it is asked before. */
  @BeforeAll
  static void plantInARelease() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    TestDatabase.create().execute("create role %s login password 'x'".formatted(ATTACKER));
    database = create();
    Migrations.update(database, Migrations.CITUS.path());
    // to the tag base
    Migrations.rollback(database, Migrations.CITUS.path(), Migrations.CITUS.changeSets().size() - 1);
    update = script(database, (liquibase, sql) -> liquibase.update(new Contexts(), new LabelExpression(), sql));
    Migrations.update(database, Migrations.CITUS.path());
    rollback = script(database, PlantedOverloadsIT::rollback);
    database.insertSampleRows();
    calls = new ArrayList<>();
    for (String routine : database
        .query(OURS.formatted("oid::regprocedure") + " and prorettype <> 'trigger'::regtype")) {
      List<String> types = database
          .query("select format_type(type, null) from pg_proc, unnest(proargtypes) type where oid = '%s'::regprocedure"
              .formatted(routine));
      assertThat(ARGUMENTS.keySet()).as("types of the arguments of %s", routine).containsAll(types);
      calls.add(database.query(
          "select case prokind when 'p' then 'call ' else 'select * from ' end from pg_proc where oid = '%s'::regprocedure"
              .formatted(routine))
          .get(0) + routine.replaceFirst("\\(.*", "")
          + types.stream().map(type -> ARGUMENTS.get(type) + "::" + type).collect(Collectors.joining(", ", "(", ")")));
    }
    updatesOfAllColumns = database.query(
        """
            select format('update %s set %s', attrelid::regclass, string_agg(format('%1$I = %1$I', attname), ', ')) from pg_attribute
            where attrelid in (select tgrelid from pg_trigger where not tgisinternal) and attnum > 0 and not attisdropped group by attrelid""");
    assertThat(database.query(OURS.formatted("proname")
        + " and prorettype = 'trigger'::regtype and not exists (select from pg_trigger where tgfoid = pg_proc.oid)"))
        .as("functions that no trigger calls")
        .isEmpty();
    checks = Stream
        .concat(
            Stream.of(ChangeLogParserFactory.getInstance()
                .getParser(Migrations.CITUS.path(), Migrations.CITUS.files())
                .parse(Migrations.CITUS.path(), new ChangeLogParameters(), Migrations.CITUS.files())
                .getPreconditions()),
            Migrations.CITUS.changeSets().stream().map(ChangeSet::getPreconditions).filter(Objects::nonNull))
        .flatMap(PlantedOverloadsIT::checks)
        .toList();
    plant(database);
  }

  private static TestDatabase create() {
    TestDatabase created = TestDatabase.createOwnedByAPlainRole();
    created.execute("grant create on schema public to " + ATTACKER);
    return created;
  }

  @Test
  void aPlantedOperatorIsNotExecutedByTheTriggersArithmetic() {
    TestDatabase attacked = create();
    Migrations.update(attacked, Migrations.CITUS.path());
    attacked.as(ATTACKER, "x")
        .execute(
            "create function stolen(bigint, numeric) returns numeric language plpgsql as $$ begin raise exception 'planted: ran as %', current_user; end $$",
            "create operator * (leftarg = bigint, rightarg = numeric, function = stolen)");
    attacked.insertSampleRows();
    assertThat(attacked.query("select distinct success_rate from agents")).as("what the trigger computed")
        .containsExactly("100.00");
  }

  @Test
  void aPlantedFunctionIsNotExecutedByGrantingTheApplicationsRole() {
    TestDatabase attacked = create();
    Migrations.update(attacked, Migrations.CITUS.path());
    attacked.as(ATTACKER, "x")
        .execute(
            "create function format(text, name, regrole) returns text language plpgsql as $$ begin raise exception 'planted: ran as %', current_user; end $$");
    attacked.execute("call grant_application_role('%s')".formatted(ATTACKER));
    assertThat(attacked.query("select has_table_privilege('%s', 'agents', 'insert')".formatted(ATTACKER)))
        .containsExactly("t");
    attacked.execute("call revoke_application_role('%s')".formatted(ATTACKER));
  }

  @Test
  void everyRoutineLooksItsNamesUpWhereNobodyElseMayCreateThem() {
    TestDatabase database = create();
    Migrations.update(database, Migrations.CITUS.path());
    assertThat(database.query(OURS.formatted("oid::regprocedure") + """
        and prosqlbody is null and proname <> 'search_agents_by_text' -- which is to be inlined, and qualifies each name
        and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
        and prosrc not like '%COMMIT;%set_config(''search_path'', ''pg_catalog, pg_temp'', true)%'"""))
        .as("routines without SET search_path = pg_catalog, pg_temp")
        .isEmpty();
  }

  @Test
  void whatIsPlantedIsExecutedByAnUnsafeStatement() {
    for (String unsafe : List.of("select 1::bigint * 1::numeric", "select format('%s%s', current_user, '10'::regrole)",
        "select '{1}'::int[] < '{2}'::int[]")) {
      assertThatThrownBy(() -> database.execute(unsafe)).as(unsafe)
          .hasMessageContaining("planted: ran as " + database.username());
    }
  }

  @Test
  void nothingPlantedIsExecutedByARoutine() {
    assertThat(calls).isNotEmpty();
    calls.forEach(database::execute);
    database.execute("call revoke_application_role('%s')".formatted(ATTACKER));
  }

  @Test
  void nothingPlantedIsExecutedByATrigger() {
    database.execute("truncate agents cascade",
        "insert into agents (agent_id, agent_type, name, display_name, category, description, file_path) values ('a', 'a', 'a', 'a', 'a', 'a', 'a'), ('b', 'b', 'b', 'b', 'b', 'b', 'b')",
        "insert into agent_usage (agent_id, status, completed_at, response_time_ms) select id, 'completed', now(), 5 from agents",
        "insert into agent_usage (agent_id, status) select id, 'in_progress' from agents");
    updatesOfAllColumns.forEach(database::execute);
    database.execute("update agent_usage set status = 'failed', completed_at = now(), response_time_ms = 9",
        "update agent_usage set completed_at = '2020-01-01'", "delete from agent_usage", "truncate agent_usage",
        "delete from agents");
  }

  @Test
  void nothingPlantedIsExecutedByAnyCheckBeforeARun() {
    assertThat(checks).isNotEmpty();
    checks.forEach(database::query);
  }

  @Test
  void nothingPlantedIsExecutedByAnyChangesetOrItsRollback() throws Exception {
    // One statement at a time: what is CONCURRENTLY cannot go with others.
    for (NativeQuery statement : Parser.parseJdbcSql(rollback + update, true, false, true, false, false)) {
      database.execute(statement.nativeSql);
    }
  }

  @ParameterizedTest
  // which has nothing of its own beside the other two
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LATER")
  void nothingPlantedIsExecutedByATakeOverOrItsUndo(AlembicForm form) throws Exception {
    TestDatabase attacked = create();
    form.withRowsIn(attacked);
    String adopt = withoutTheHistory(adopt(attacked, "preview"));
    adopt(attacked, "adopt");
    String undo =
        ofTheTakeOver("refuse_to_lose") + script(attacked, PlantedOverloadsIT::rollback) + ofTheTakeOver("put_back");
    adopt(attacked, "undo");
    plant(attacked);
    attacked.execute(adopt, undo);
  }

  private interface Script {
    void write(Liquibase liquibase, Writer sql) throws Exception;
  }

  /** The SQL of a run: Liquibase and its driver have queries of their own, which are not the changelog's. */
  private static String script(TestDatabase database, Script script) throws Exception {
    StringWriter sql = new StringWriter();
    Migrations.CITUS.on(new JdbcConnection(database.connect()), liquibase -> script.write(liquibase, sql));
    return withoutTheHistory(sql.toString());
  }

  private static String withoutTheHistory(String sql) {
    return sql.replaceAll("(?m)^(INSERT INTO|UPDATE|DELETE FROM) public\\.databasechangelog .*;$", "");
  }

  private static void rollback(Liquibase liquibase, Writer sql) throws Exception {
    liquibase.rollback("base", null, new Contexts(), new LabelExpression(), sql);
  }

  private static String adopt(TestDatabase database, String action) throws Exception {
    try (Connection connection = database.connect()) {
      return AdoptAlembic.run(Migrations.MASTER, connection, action, null);
    }
  }

  private static String ofTheTakeOver(String file) throws IOException {
    return "set local search_path = pg_catalog, pg_temp;"
        + Files.readString(Path.of("changelog/adopt/" + file + ".sql"))
            .replace("@schema@", "public")
            .replace("@name@", "'public'")
        + "set local search_path = public;";
  }

  private static Stream<String> checks(Precondition precondition) {
    return precondition instanceof PreconditionLogic logic
        ? logic.getNestedPreconditions().stream().flatMap(PlantedOverloadsIT::checks)
        : precondition instanceof SqlPrecondition check ? Stream.of(check.getSql())
        : Stream.empty();
  }

  /** Of the routines of the changelog a column. */
  private static final String OURS =
      """
          select %s from pg_proc where pronamespace = current_schema()::regnamespace and pg_get_userbyid(proowner) = current_user
            and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')""";

  /** As the attacker, overloads of every operator and function of pg_catalog whose name stands in the changelog. */
  private static void plant(TestDatabase database) throws IOException, SQLException {
    StringBuilder changelog = new StringBuilder();
    try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        changelog.append(Files.readString(file));
      }
    }
    try (Connection connection = database.as(ATTACKER, "x").connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set search_path = pg_catalog");
      statement.execute("set check_function_bodies = off");
      statement.execute(PLANT.formatted(TYPES.stream().map(type -> "'" + type + "'").collect(Collectors.joining(", ")),
          words(changelog, "[a-z_0-9]+(?=\\()"),
          words(changelog, "(?<=[\\s\\w)\\]'])[-+*/<>=~|@#&^%!]{1,3}(?=[\\s\\w(\\['])")));
    }
  }

  private static String words(CharSequence text, String pattern) {
    Set<String> words =
        Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(", "));
  }

  private static final String PLANT =
      """
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
