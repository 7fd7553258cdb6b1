package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.ClientTraffic;
import io.mycelium.migrations.testing.LiveMigration;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Recipe;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The partitions of docs/scaling.md, as they stand there, but for the months: those after today. */
class PartitionsIT {

  private static final Pattern MONTH = Pattern.compile("2027([-_])(0[12])(-01)?\\b");
  @SuppressWarnings("TimeInStaticInitializer") // the page's months follow the day of the test
  private static final LocalDate NEXT = LocalDate.now(ZoneOffset.UTC).plusMonths(1).withDayOfMonth(1);
  private static final LocalDate AFTER_NEXT = NEXT.plusMonths(1);

  private static final String EVENTS = "select event_id from coordination_events order by timestamp";

  private static Recipe recipe;

  @BeforeAll
  static void read() throws Exception {
    recipe = Recipe.read("scaling.md", page -> MONTH.matcher(page).replaceAll(PartitionsIT::later));
  }

  /** A month of the page, as it is written there, but after today. */
  private static String later(MatchResult month) {
    LocalDate day = month.group(2).equals("01") ? NEXT : AFTER_NEXT;
    return month.group(3) == null ? month(day) : day.toString();
  }

  @Test
  void thatTheyAreMadeDisturbsNoClient() throws Exception {
    TestDatabase.assumeServer("it has one session");
    TestDatabase database = ClientTraffic.newDatabase();
    // First the index. As the page says, no application starts meanwhile.
    Migrations.update(database, recipe.changelogs().get(0), 1);
    assertThat(LiveMigration.problems(database, recipe.changelogs().get(0), 1, "scaling.md")).as("what clients met")
        .isEmpty();
  }

  @Test
  void monthsAreAddedFilledAndDropped() throws Exception {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database);
    String role = database.name() + "_app";
    if (database.hasServer()) {
      database.execute("create role " + role, "call grant_application_role('%s')".formatted(role));
    }
    insertEvent(database, "old", "now() - interval '1 year'");
    Catalogs before = database.catalogs();
    Migrations.update(database, recipe.changelogs().get(0));
    Schema partitioned = database.catalog();
    database.execute(recipe.statements().get(0), recipe.statements().get(0));
    assertThat(database.query("select count(*) from pg_inherits where inhparent = 'coordination_events'::regclass"))
        .as("partitions: what was there, and twelve months")
        .containsExactly("13");

    eventsGoToTheirMonths(database);
    assertThat(partitioned.differences(database.catalog())).as("the scheduler's partitions, for drift")
        .isNotEmpty()
        .allMatch(Difference::foreign);
    theApplicationsStartChangesNothing(database);

    for (String statement : recipe.statements().get(1).strip().split("\n")) {
      database.execute(statement);
    }
    assertThat(database.query(EVENTS)).as("after the month of 'next' was dropped")
        .containsExactly("old", "new", "later");
    if (database.hasServer()) {
      assertThat(database
          .query("select has_table_privilege('%s', 'coordination_events', 'SELECT, INSERT, DELETE')".formatted(role)))
          .as("rights of the application")
          .containsExactly("t");
    }

    Migrations.rollback(database, recipe.changelogs().get(0), 2);
    assertThat(database.query(EVENTS)).as("after the rollback").containsExactly("old", "new", "later");
    assertThat(before.differences(database.catalogs())).as("what the rollback left").isEmpty();
  }

  private static void eventsGoToTheirMonths(TestDatabase database) {
    insertEvent(database, "new", "now()");
    insertEvent(database, "next", "'%s'::date + 3".formatted(NEXT));
    insertEvent(database, "later", "'%s'::date + 3".formatted(AFTER_NEXT));
    assertThat(
        database.query("select event_id || ' ' || tableoid::regclass from coordination_events order by timestamp"))
        .containsExactly("old coordination_events_before", "new coordination_events_before",
            "next coordination_events_" + month(NEXT), "later coordination_events_" + month(AFTER_NEXT));
  }

  private static void theApplicationsStartChangesNothing(TestDatabase database) throws SQLException {
    Catalogs before = database.catalogs();
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      ClientStatement.startTracker(statement);
    }
    assertThat(before.differences(database.catalogs())).as("what the application's start changed").isEmpty();
  }

  private static String month(LocalDate day) {
    return day.format(DateTimeFormatter.ofPattern("yyyy_MM", Locale.ROOT));
  }

  private static void insertEvent(TestDatabase database, String event, String time) {
    database.execute("""
        insert into coordination_events (event_id, event_type, workflow_id, timestamp)
        values ('%s', 'message', 'w', %s)""".formatted(event, time));
  }
}
