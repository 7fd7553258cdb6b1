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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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

  /** A value for an argument of a routine of ours. */
  private static final Map<String, String> ARGUMENTS = Map.of("text", "'a'", "text[]", "'{a}'", "integer", "10",
      "bigint", "10", "uuid[]", "'{}'", "double precision", "0.5", "regrole", "'" + Attacker.NAME + "'",
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
    Attacker.create();
    database = Attacker.newDatabase();
    Migrations.update(database, Migrations.CITUS.path());
    // to the tag base
    Migrations.rollback(database, Migrations.CITUS.path(), Migrations.CITUS.changeSets().size() - 1);
    update = script(database,
        (liquibase, sql) -> liquibase.update((String) null, new Contexts(), new LabelExpression(), sql));
    Migrations.update(database, Migrations.CITUS.path());
    rollback = script(database, PlantedOverloadsIT::rollback);
    database.insertSampleRows();
    calls = new ArrayList<>();
    for (String routine : routines(database, "oid::regprocedure", "prorettype <> 'trigger'::regtype")) {
      calls.add(call(routine));
    }
    assertThat(routines(database, "proname", """
        prorettype = 'trigger'::regtype and not exists (select from pg_trigger where tgfoid = pg_proc.oid)"""))
        .as("functions that no trigger calls")
        .isEmpty();
    updatesOfAllColumns = database.query("""
        select format('update %s set %s', attrelid::regclass, string_agg(format('%1$I = %1$I', attname), ', '))
        from pg_attribute
        where attrelid in (select tgrelid from pg_trigger where not tgisinternal) and attnum > 0 and not attisdropped
        group by attrelid""");
    checks = checksBeforeARun();
    Attacker.plant(database);
  }

  /** A column of those of the changelog's routines for which a condition holds. */
  private static List<String> routines(TestDatabase database, String column, String condition) {
    return database.query("""
        select %s from pg_proc
        where pronamespace = current_schema()::regnamespace and pg_get_userbyid(proowner) = current_user
          and not exists (
            select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
          and %s""".formatted(column, condition));
  }

  /** A call of a routine, with a value for each argument. */
  private static String call(String routine) {
    List<String> types = database.query("""
        select format_type(type, null) from pg_proc, unnest(proargtypes) type
        where oid = '%s'::regprocedure""".formatted(routine));
    assertThat(ARGUMENTS.keySet()).as("types of the arguments of %s", routine).containsAll(types);
    String verb = database.query("""
        select case prokind when 'p' then 'call ' else 'select * from ' end from pg_proc
        where oid = '%s'::regprocedure""".formatted(routine)).get(0);
    String name = routine.replaceFirst("\\(.*", "");
    return verb + name
        + types.stream().map(type -> ARGUMENTS.get(type) + "::" + type).collect(Collectors.joining(", ", "(", ")"));
  }

  /** The SQL of all preconditions. */
  private static List<String> checksBeforeARun() throws Exception {
    List<String> sql = new ArrayList<>();
    addChecks(ChangeLogParserFactory.getInstance()
        .getParser(Migrations.CITUS.path(), Migrations.CITUS.files())
        .parse(Migrations.CITUS.path(), new ChangeLogParameters(), Migrations.CITUS.files())
        .getPreconditions(), sql);
    for (ChangeSet changeSet : Migrations.CITUS.changeSets()) {
      addChecks(changeSet.getPreconditions(), sql);
    }
    return sql;
  }

  private static void addChecks(Precondition precondition, List<String> sql) {
    if (precondition instanceof PreconditionLogic logic) {
      logic.getNestedPreconditions().forEach(nested -> addChecks(nested, sql));
    } else if (precondition instanceof SqlPrecondition check) {
      sql.add(check.getSql());
    }
  }

  @Test
  void aPlantedOperatorIsNotExecutedByTheTriggersArithmetic() {
    TestDatabase attacked = Attacker.newDatabase();
    Migrations.update(attacked, Migrations.CITUS.path());
    Attacker.in(attacked).execute("""
        create function stolen(bigint, numeric) returns numeric language plpgsql
        as $$ begin raise exception 'planted: ran as %', current_user; end $$""");
    Attacker.in(attacked).execute("create operator * (leftarg = bigint, rightarg = numeric, function = stolen)");
    attacked.insertSampleRows();
    assertThat(attacked.query("select distinct success_rate from agents")).as("what the trigger computed")
        .containsExactly("100.00");
  }

  @Test
  void aPlantedFunctionIsNotExecutedByGrantingTheApplicationsRole() {
    TestDatabase attacked = Attacker.newDatabase();
    Migrations.update(attacked, Migrations.CITUS.path());
    Attacker.in(attacked).execute("""
        create function format(text, name, regrole) returns text language plpgsql
        as $$ begin raise exception 'planted: ran as %', current_user; end $$""");
    attacked.execute("call grant_application_role('%s')".formatted(Attacker.NAME));
    assertThat(attacked.query("select has_table_privilege('%s', 'agents', 'insert')".formatted(Attacker.NAME)))
        .containsExactly("t");
    attacked.execute("call revoke_application_role('%s')".formatted(Attacker.NAME));
  }

  @Test
  void everyRoutineLooksItsNamesUpWhereNobodyElseMayCreateThem() {
    TestDatabase database = Attacker.newDatabase();
    Migrations.update(database, Migrations.CITUS.path());
    // search_agents_by_text is to be inlined, and qualifies each name
    assertThat(routines(database, "oid::regprocedure", """
        prosqlbody is null and proname <> 'search_agents_by_text'
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
    database.execute("call revoke_application_role('%s')".formatted(Attacker.NAME));
  }

  @Test
  void nothingPlantedIsExecutedByATrigger() {
    database.execute("truncate agents cascade", """
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        values ('a', 'a', 'a', 'a', 'a', 'a', 'a'), ('b', 'b', 'b', 'b', 'b', 'b', 'b')""", """
        insert into agent_usage (agent_id, status, completed_at, response_time_ms)
        select id, 'completed', now(), 5 from agents""", """
        insert into agent_usage (agent_id, status)
        select id, 'in_progress' from agents""");
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
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LATER") // which has nothing of its own beside the other two
  void nothingPlantedIsExecutedByATakeOverOrItsUndo(AlembicForm form) throws Exception {
    TestDatabase attacked = Attacker.newDatabase();
    form.withRowsIn(attacked);
    String adopt = withoutTheHistory(adopt(attacked, "preview"));
    adopt(attacked, "adopt");
    String undo =
        ofTheTakeOver("refuse_to_lose") + script(attacked, PlantedOverloadsIT::rollback) + ofTheTakeOver("put_back");
    adopt(attacked, "undo");
    Attacker.plant(attacked);
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
}
