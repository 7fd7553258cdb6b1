package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Mending;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.SqlFile;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The application's role may do what the application does, and nothing more. */
class ApplicationRoleIT {

  private static final String ROLE = "app_role";

  private static TestDatabase database;
  private static Connection connection;

  @BeforeAll
  static void grant() throws SQLException {
    TestDatabase.assumeServer("everyone is a superuser there");
    database = TestDatabase.createOwnedByAPlainRole();
    Migrations.update(database);
    database.insertSampleRows();
    TestDatabase superusers = database.as(database.server().username(), database.server().password());
    // in this database, from which Citus takes it to the workers
    superusers.execute("create role %s login password 'x'".formatted(ROLE));
    database.execute("call grant_application_role('%s')".formatted(ROLE));
    connection = database.as(ROLE, "x").connect();
  }

  @AfterAll
  static void dropRole() throws SQLException {
    if (connection != null) {
      connection.close();
      database.execute("call revoke_application_role('%s')".formatted(ROLE));
      database.server().execute("drop role " + ROLE); // fails if anything granted is left
    }
  }

  @BeforeEach
  void begin() throws SQLException {
    connection.setAutoCommit(false);
  }

  @AfterEach
  void rollback() throws SQLException {
    connection.rollback();
  }

  static String[] allowed() {
    return SqlFile.statements(ApplicationRoleIT.class, "allowed.sql");
  }

  static String[] denied() {
    return SqlFile.statements(ApplicationRoleIT.class, "denied.sql");
  }

  @ParameterizedTest
  @MethodSource("allowed")
  void theRoleMayDoWhatTheApplicationDoes(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @ParameterizedTest
  @MethodSource("denied")
  void theRoleMayDoNothingElse(String sql) {
    assertThatThrownBy(() -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }).as(sql).hasMessageMatching("(?s)ERROR: (permission denied for|must be owner of|permission denied to).*");
  }

  @Test
  void whatTheRoleMayDoIsNoDrift() throws Exception {
    TestDatabase withoutTheRole = TestDatabase.create();
    Migrations.update(withoutTheRole);
    Drift.Report report =
        Drift.compare("", "", List.of(), withoutTheRole.catalog(), database.catalog(), Mending.Scratch.NONE);
    assertThat(report.drift()).isEmpty();
    assertThat(report.foreign()).extracting(Difference::object)
        .anySatisfy(object -> assertThat(object).matches("privileges of \\S+ on table agents"))
        .anySatisfy(
            object -> assertThat(object).matches("privileges of \\S+ on function refresh_agent_statistics\\(\\)"));
  }

  @Test
  void everyTableIsGrantedOrLeftOutOnPurpose() {
    assertThat(database.query("""
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'm', 'v', 'p')
          and not has_table_privilege('%s', oid, 'select')""".formatted(ROLE)))
        .as("tables that grant_application_role leaves out")
        .containsExactly("databasechangelog");
  }

  @Test
  void noFunctionOfOursRunsWithItsOwnersRightsForEverybodyOrWithTheCallersSearchPath() {
    assertThat(database.query("""
        select proname from pg_proc
        where pronamespace = current_schema()::regnamespace and prosecdef
          and (has_function_privilege('public', oid, 'execute')
            or proconfig is null or not proconfig::text like '%search_path%')
          and not exists (
            select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')"""))
        .as("SECURITY DEFINER functions that PUBLIC may call, or without a fixed search_path")
        .isEmpty();
  }
}
