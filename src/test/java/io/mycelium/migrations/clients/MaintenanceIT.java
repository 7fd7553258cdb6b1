package io.mycelium.migrations.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a scheduler calls, the refresh of the statistics and retention, does its own work alone, and nobody waits for
 * it.
 */
class MaintenanceIT {

  private TestDatabase database;

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @Test
  void aRoleWithNoOtherRightRefreshesTheStatistics() {
    TestDatabase.assumeServer("it knows no roles at its connections");
    String role = database.name() + "_scheduler";
    database.execute("create role %s login password 'x'".formatted(role));
    database.insertSampleRows();
    TestDatabase scheduler = database.as(role, "x");
    assertThatThrownBy(() -> scheduler.execute("select refresh_agent_statistics()"))
        .hasMessageContaining("permission denied for function");
    database.execute("grant execute on function refresh_agent_statistics() to " + role);
    scheduler.execute("select refresh_agent_statistics()");
    assertThat(database.query("select distinct successful_invocations from agent_statistics")).containsExactly("1");
    assertThatThrownBy(() -> scheduler.query("select 1 from agent_statistics"))
        .hasMessageContaining("permission denied");
  }

  @Test
  void whoeverRefreshesIsNotLedToAnotherView() {
    database.insertSampleRows();
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      statement.execute("create schema decoy");
      statement.execute("create materialized view decoy.agent_statistics as select 1 as id");
      statement.execute("set search_path = decoy, public");
      statement.execute("select public.refresh_agent_statistics()");
      statement.execute("reset search_path");
      statement.execute("drop schema decoy cascade");
    } catch (Exception e) {
      throw new AssertionError(e.getMessage(), e);
    }
    assertThat(database.query("select distinct successful_invocations from agent_statistics")).containsExactly("1");
  }

  @Test
  void retentionDeletesWhatIsOlderAndNothingElse() {
    insertEvents();
    database.execute("call delete_coordination_events_before(now() - interval '30 days', 2)");
    assertThat(database.query("""
        select count(*) filter (where timestamp < now() - interval '30 days') || ' old, ' || count(*) || ' in all'
        from coordination_events""")).containsExactly("0 old, 2500 in all");
    database.execute("call delete_coordination_events_before(now() - interval '30 days')");
    assertThat(database.query("select count(*) from coordination_events")).as("after another call")
        .containsExactly("2500");
  }

  @Test
  void retentionWaitsForNobody() throws Exception {
    TestDatabase.assumeServer("its connections share one session");
    insertEvents();
    try (Connection other = database.connect(); Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("delete from coordination_events where event_id = '1'");
      statement.execute("""
          insert into coordination_events (event_id, event_type, workflow_id, timestamp)
          values ('new', 'x', 'w', now())""");
      database.execute("set lock_timeout = '5s'", "call delete_coordination_events_before(now() - interval '30 days')");
      assertThat(
          database.query("select event_id from coordination_events where timestamp < now() - interval '30 days'"))
          .as("left to the session that deletes it")
          .containsExactly("1");
      other.rollback();
    }
  }

  @Test
  void aRetentionThatFailsHasKeptWhatItDid() throws Exception {
    TestDatabase.assumeServer("its connections share one session");
    TestDatabase.assumeNoCitus("it has no triggers on distributed tables, by which this one fails");
    insertEvents();
    database.execute("""
        create function stop() returns trigger language plpgsql as $$ begin
          if old.event_id = '2400' then raise exception 'stopped here'; end if; return old; end $$""",
        "create trigger stop before delete on coordination_events for each row execute function stop()");
    assertThatThrownBy(() -> database.execute("call delete_coordination_events_before(now() - interval '30 days', 1)"))
        .hasMessageContaining("stopped here");
    assertThat(Integer.parseInt(
        database.query("select count(*) from coordination_events where timestamp < now() - interval '30 days'").get(0)))
        .as("old events left")
        .isBetween(1, 2400);
    database.execute("drop trigger stop on coordination_events",
        "call delete_coordination_events_before(now() - interval '30 days')");
    assertThat(database.query("select count(*) from coordination_events")).containsExactly("2500");
  }

  @Test
  void retentionRefusesATableThatIsPartitioned() {
    database.execute("alter table coordination_events rename to whole",
        "create table coordination_events (like whole) partition by range (timestamp)");
    assertThatThrownBy(() -> database.execute("call delete_coordination_events_before(now())"))
        .hasMessageContaining("coordination_events is partitioned");
  }

  @Test
  void aRoleThatDoesNotOwnTheDatabaseMigratesAllButItsSetting() {
    TestDatabase.assumeServer("it knows no roles at its connections");
    TestDatabase theirs = TestDatabase.create();
    String role = theirs.name() + "_migrator";
    theirs.execute("create extension \"uuid-ossp\"", "create extension vector",
        "create role %s login password 'x'".formatted(role), "grant create on schema public to " + role);
    Migrations.update(theirs.as(role, "x"));
    assertThat(database.catalog().differences(theirs.catalog())).as("what it could not do")
        .extracting(Difference::object)
        .contains("setting hnsw.ef_search")
        .allMatch(object -> object.equals("setting hnsw.ef_search") || object.startsWith("privileges of " + role));
    Migrations.rollback(theirs.as(role, "x"), "base");
  }

  /** 2,500 old ones, then 2,500 new ones. */
  private void insertEvents() {
    database.execute("""
        insert into coordination_events (event_id, event_type, workflow_id, timestamp)
        select n, 'message', 'w', now() - case when n <= 2500 then interval '60 days' else interval '1 hour' end
        from generate_series(1, 5000) n""");
  }
}
