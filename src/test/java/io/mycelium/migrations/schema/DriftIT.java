package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.commands.Drift;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Drift is what somebody changed by hand, and nothing else; the command names it and changes nothing.
 * {@link DriftChangesIT} has its kinds.
 */
class DriftIT {

  private static Schema defined;

  private TestDatabase database;

  @BeforeAll
  static void readWhatTheMigrationsDefine() throws Exception {
    defined = AppliedSchema.readHead(Migrations.CHANGELOG);
  }

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @Test
  void aNewDatabaseHasNoDrift() throws Exception {
    Drift.Report report = examine();
    assertThat(report.drift()).isEmpty();
    assertThat(report.foreign()).isEmpty();
    assertThat(report.uncompared()).isEmpty();
    assertThat(report.pending()).isEmpty();
  }

  @Test
  void aDatabaseThatIsBehindHasPendingMigrationsAndNoDrift() throws Exception {
    Migrations.rollback(database, 3);
    Drift.Report behind = examine();
    assertThat(behind.drift()).isEmpty();
    assertThat(behind.pending()).hasSize(3);

    Migrations.rollback(database, "base");
    assertThat(examine().drift()).isEmpty();
    Migrations.update(database);
    assertThat(compare().drift()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mycelium", "\"Odd Name\""})
  void anotherSchemaThanPublicHasNoDrift(String schema) throws Exception {
    TestDatabase other = TestDatabase.create();
    other.execute("create extension \"uuid-ossp\"", "create extension vector", "create schema " + schema,
        "alter database %s set search_path = %s, public".formatted(other.name(), schema));
    Migrations.update(other);
    try (Connection connection = other.connect()) {
      Drift.Report report = Drift.examine(Migrations.CHANGELOG, connection);
      assertThat(report.drift()).isEmpty();
      assertThat(report.foreign()).extracting(Difference::object).containsExactly("setting search_path");
    }
  }

  @Test
  void bothDefinitionsAreShown() {
    database.execute("drop index agents_name_idx", "create index agents_name_idx on agents using hash (name)");
    assertThat(compare().text()).contains("""
        different: index agents_name_idx
          expected: CREATE INDEX agents_name_idx ON public.agents USING btree (name);
            COMMENT ON INDEX public.agents_name_idx IS 'all agents ORDER BY name LIMIT ? OFFSET ?';
          found: CREATE INDEX agents_name_idx ON public.agents USING hash (name);
        drift: 1 object""");
  }

  @Test
  void anotherApplicationsObjectsAreForeign() {
    database.execute("create table theirs (id serial primary key, note text)", "create index on theirs (note)",
        "create function theirs() returns int language sql as 'select 1'", "create type mood as enum ('fine')");
    assertThat(compare().drift()).isEmpty();
    assertThat(compare().foreign()).extracting(Difference::object)
        .containsExactlyInAnyOrder("table theirs", "sequence theirs_id_seq", "function theirs()", "type mood");
  }

  @Test
  void whatCannotBeComparedIsNamed() throws Exception {
    database.execute("create conversion agents for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
        "create operator family theirs using btree", "create publication theirs for all tables");
    assertThat(examine().text())
        .contains("not compared: conversion agents, operator family theirs USING btree, publication theirs\n");
    assertThat(examine().foreign()).extracting(Difference::object).doesNotContain("operator family theirs USING btree");
    database.execute("drop publication theirs"); // the embedded database is the next test's, too
  }

  @Test
  void whatIsNotInTheModelIsMendedToo() {
    database.execute("comment on index agents_pkey is 'mine'",
        "alter materialized view agent_statistics alter name set statistics 7",
        "alter materialized view agent_statistics alter name set (n_distinct = 5)",
        "alter materialized view agent_statistics alter name set storage external");
    assertThat(compare().drift()).hasSize(4);
    database.execute(compare().sql());
    assertThat(compare().drift()).isEmpty();
  }

  @Test
  void whatLosesDataIsCommentedOutOfTheSqlThatMends() {
    database.execute("alter table agents add column note text");
    assertThat(compare().sql()).contains("-- LOSES DATA:\n-- ALTER TABLE ONLY public.agents\n-- \tDROP COLUMN note;");
  }

  @Test
  void twoAtOnceDoNotDisturbEachOther() throws Exception {
    TestDatabase.assumeServer("it has one session");
    Migrations.rollback(database, 1); // so that each needs a scratch database
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<Drift.Report>> reports = List.of(threads.submit(this::examine), threads.submit(this::examine));
    threads.shutdown();
    for (Future<Drift.Report> report : reports) {
      assertThat(report.get().drift()).isEmpty();
    }
  }

  @Test
  void whatWasQuotedOrDumpedAndRestoredHasNoDrift() throws Exception {
    TestDatabase.assumeServer("it has no pg_dump");
    database.execute("alter database %s set quote_all_identifiers = on".formatted(database.name()),
        "alter database %s set datestyle = 'German'".formatted(database.name()),
        "alter database %s set intervalstyle = 'iso_8601'".formatted(database.name()));
    assertThat(examine().drift()).isEmpty();
    TestDatabase restored = TestDatabase.create();
    database.dumpInto(restored);
    try (Connection connection = restored.connect()) {
      assertThat(Drift.examine(Migrations.CHANGELOG, connection).drift()).extracting(Difference::object)
          .as("but for the database's own settings, which no dump of one database holds")
          .containsExactly("setting hnsw.ef_search");
    }
  }

  @Test
  void aMigrationThatRunsIsWaitedFor() throws Exception {
    TestDatabase.assumeServer("it has one session");
    try (Connection migration = database.connect(); Statement statement = migration.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%s, %s)".formatted("databasechangeloglock".hashCode(), "public".hashCode()));
      assertThatThrownBy(this::examine).hasMessageContaining("a migration is running in this database");
    }
  }

  @Test
  void aRoutineThatCannotBeParsedIsNamedAndComparedAllTheSame() {
    database.execute("create function odd() returns void language plpgsql as $$ begin perform from agents; end $$");
    assertThat(compare().unread()).containsExactly("odd");
    assertThat(compare().text()).contains("not parsed, and compared as text: odd", "no drift");
  }

  @Test
  void aRoleThatMayOnlyReadExamines() throws Exception {
    TestDatabase.assumeServer("everyone is a superuser there");
    String role = database.name() + "_reader";
    database.execute("create role %s login password 'x'".formatted(role),
        "grant select on databasechangelog to " + role);
    try (Connection connection = database.as(role, "x").connect()) {
      assertThat(Drift.examine(Migrations.CHANGELOG, connection).drift()).isEmpty();
    }
  }

  @Test
  void aDatabaseWithoutHistoryIsRefused() {
    database.execute("drop table databasechangelog");
    assertThatThrownBy(this::examine)
        .hasMessageContaining("has no migration applied, so there is nothing to compare it with");
  }

  @Test
  void aDatabaseWithMigrationsOfALaterReleaseIsRefused() {
    database.execute("""
        insert into databasechangelog
        select 'agents-999-later', author, filename, now(), 99, exectype from databasechangelog limit 1""");
    assertThatThrownBy(this::examine)
        .hasMessageContaining("does not know: agents-999-later; check out the release that applied them");
  }

  /** As the command does it. */
  private Drift.Report examine() throws Exception {
    try (Connection connection = database.connect()) {
      return Drift.examine(Migrations.CHANGELOG, connection);
    }
  }

  /** Against what the migrations define at the head. */
  private Drift.Report compare() {
    try {
      return Drift.compare("", "", List.of(), defined, database.catalog(), Mending.Scratch.NONE);
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
