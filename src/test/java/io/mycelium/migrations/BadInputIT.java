package io.mycelium.migrations;

import static io.mycelium.migrations.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** What stops an update before it changes anything, and what it then says. */
class BadInputIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @AfterEach
  void dropRoles() {
    for (String role : database.query("select rolname from pg_roles where rolname like 'bad_%'")) {
      database.execute("reassign owned by %s to current_user".formatted(role), "drop owned by " + role, "drop role " + role);
    }
  }

  @Test
  void noServerAnswers() {
    MavenRun run = mvn("liquibase:update", "-Dliquibase.url=jdbc:postgresql://127.0.0.1:1/d",
        "-Dliquibase.username=u", "-Dliquibase.password=secret");
    assertRefused(run, "Connection to 127.0.0.1:1 refused. Check that the hostname and port are correct");
    assertThat(run.output()).doesNotContain("secret");
  }

  @Test
  void thePasswordIsWrong() {
    TestDatabase.assumeServer("it checks no password");
    MavenRun run = mvn(withPassword("wrong-secret"));
    assertRefused(run, "password authentication failed for user");
    assertThat(run.output()).doesNotContain("wrong-secret");
  }

  @Test
  void theDatabaseDoesNotExist() {
    TestDatabase.assumeServer("it has one database, whatever the name");
    assertRefused(mvn("liquibase:update", "-Dliquibase.url=" + database.url() + "_missing",
        "-Dliquibase.username=" + database.username(), "-Dliquibase.password=" + database.password()),
        "database \"" + database.name() + "_missing\" does not exist");
  }

  @Test
  void aTableOfOursIsAlreadyThere() {
    database.execute("create table agents (someone text)", "insert into agents values ('else')");
    assertRefusedAndUnchanged(database, "Already in schema public, and not made by these migrations: agents.");
    assertThat(database.query("select someone from agents")).containsExactly("else");
  }

  @Test
  void anIndexOfTheTrackersIsAlreadyThere() {
    database.execute("create table other (workflow_id text)", "create index idx_workflow_id on other (workflow_id)");
    assertRefusedAndUnchanged(database, "Already in schema public, and not made by these migrations: idx_workflow_id.");
  }

  @Test
  void theServerIsTooOld() {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    // No older server is at hand, so this one says that it is one: the role's own current_setting comes first.
    database.execute("create role bad_old superuser login password 'x'", "create schema old authorization bad_old",
        "alter role bad_old set search_path = old, pg_catalog, public",
        "create function old.current_setting(text) returns text language sql as $$"
            + " select case $1 when 'server_version_num' then '140011' when 'server_version' then '14.11' else pg_catalog.current_setting($1) end $$");
    assertRefused(mvn(update(database.as("bad_old", "x"))), "PostgreSQL 14.11 is too old; use PostgreSQL 15 or later");
    assertThat(database.catalog().objects()).isEmpty();
  }

  @Test
  void pgvectorIsNotInstalled() throws Exception {
    PostgreSQLContainer container = TestDatabase.container("it always has pgvector");
    String control = database.query("select setting || '/extension/vector.control' from pg_config where name = 'SHAREDIR'").get(0);
    assertThat(container.execInContainer("mv", control, control + ".away").getExitCode()).as("hiding %s", control).isZero();
    try {
      assertRefusedAndUnchanged(database, "Extension vector is not available on this server; install pgvector there");
    } finally {
      container.execInContainer("mv", control + ".away", control);
    }
  }

  @Test
  void theRoleMayNotCreateTheExtension() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database.execute("create role bad_plain login password 'x'", "grant create on schema public to bad_plain");
    assertRefusedAndUnchanged(database.as("bad_plain", "x"),
        "Role bad_plain may not create extension uuid-ossp; have a superuser run in this database: CREATE EXTENSION \"uuid-ossp\"");
  }

  @Test
  void theRoleMayNotCreateTables() {
    TestDatabase.assumeServer("everyone is a superuser there");
    database.execute("create role bad_reader login password 'x'");
    assertRefusedAndUnchanged(database.as("bad_reader", "x"), "permission denied for schema public");
  }

  @Test
  void theExtensionIsWhereTheRoleDoesNotLook() {
    TestDatabase.assumeServer("its one session would keep the search path that this test sets");
    database.execute("create schema elsewhere", "create extension vector schema elsewhere");
    assertRefusedAndUnchanged(database, "Extension vector is installed in a schema outside the search_path of role");
  }

  @Test
  void anAppliedChangesetWasEdited() {
    Migrations.update(database);
    database.execute("update databasechangelog set md5sum = '9:00000000000000000000000000000000' where id = 'agents-001-create-agents'");
    assertRefusedAndUnchanged(database, "agents-001-create-agents::mycelium was: 9:00000000000000000000000000000000 but is now: 9:");
  }

  private void assertRefusedAndUnchanged(TestDatabase as, String reason) {
    Catalog before = database.catalog();
    assertRefused(mvn(update(as)), reason);
    assertThat(before.differences(database.catalog())).as("catalog after the refusal").isEmpty();
  }

  private static void assertRefused(MavenRun run, String reason) {
    assertThat(run.exitCode()).as("exit code").isNotZero();
    assertThat(run.output()).contains(reason);
  }

  private String[] withPassword(String password) {
    return update(database.as(database.username(), password));
  }

  private static String[] update(TestDatabase database) {
    return new String[] {"liquibase:update", database.options()[0], database.options()[1], database.options()[2]};
  }
}
