package io.mycelium.migrations.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connection to the embedded PostgreSQL begins as on a server, whatever other connections have done, and what a
 * connection has set stays its own.
 */
@Tag("any-version")
class SessionsIT {

  /** What a client may do to its session, and a question whose answer that changes. */
  private static final String CHANGES = """
      set search_path = '' | show search_path
      select set_config('search_path', 'pg_catalog', false) | show search_path
      do $$ begin set datestyle = german; end $$ | show datestyle
      set default_transaction_read_only = on | show transaction_read_only
      set session characteristics as transaction isolation level serializable | show transaction_isolation
      set timezone = 'Asia/Tokyo' | select extract(timezone from now())
      set client_encoding = 'LATIN1' | show client_encoding
      set standard_conforming_strings = off | show standard_conforming_strings
      set statement_timeout = 1000 | show statement_timeout
      set role = reader | select current_user
      set session authorization reader | select session_user
      set app.tenant = 'x' | select coalesce(current_setting('app.tenant', true), '')
      prepare named as select 1 | select name from pg_prepared_statements
      listen channel | select * from pg_listening_channels()""";

  /** The same for what stays in PGlite's one session as long as the connection is open. */
  private static final String LEFTOVERS = """
      create temporary table names as select 1 | select relname from pg_class where relname = 'names'
      create temporary sequence names | select relname from pg_class where relname = 'names'
      create temporary view names as select 1 | select relname from pg_class where relname = 'names'
      declare names cursor with hold for select 1 | select name from pg_cursors
      select pg_advisory_lock(1) | select classid from pg_locks where locktype = 'advisory'
      select pg_advisory_lock_shared(1, -2) | select classid from pg_locks where locktype = 'advisory'""";

  @TempDir
  static Path folder;

  private static EmbeddedServer server;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedServer.in(folder);
    server.start();
    server.execute("create role reader");
  }

  @AfterAll
  static void stop() throws Exception {
    server.stop();
  }

  private static WireClient connect() throws IOException {
    return new WireClient(server.port(), Map.of());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = CHANGES + "\n" + LEFTOVERS)
  void nothingOutlivesItsConnection(String change, String question) throws IOException {
    try (WireClient first = connect()) {
      List<String> begin = first.query(question);
      first.query(change);
      assertThat(first.query(question)).as("of the connection that did it").isNotEqualTo(begin);
      first.terminate();
      try (WireClient next = connect()) {
        assertThat(next.query(question)).as("of the next one").isEqualTo(begin);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = CHANGES + "\n" + LEFTOVERS)
  void nothingOutlivesAConnectionThatVanishesBesideAnother(String change, String question) throws Exception {
    try (WireClient other = connect()) {
      List<String> begin = other.query(question);
      WireClient vanishing = connect();
      vanishing.query(change);
      vanishing.vanish();
      TestDatabase.await("the server has seen it", () -> other.query(question).equals(begin));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = CHANGES)
  void twoConnectionsAtOnceHaveEachTheirOwn(String change, String question) throws IOException {
    try (WireClient one = connect(); WireClient other = connect()) {
      List<String> begin = other.query(question);
      one.query(change);
      List<String> changed = one.query(question);
      assertThat(other.query(question)).as("of the other one").isEqualTo(begin);
      assertThat(one.query(question)).as("of the connection that did it").isEqualTo(changed);
    }
  }

  @Test
  void twoConnectionsAtOncePrepareStatementsOfOneName() throws IOException {
    try (WireClient one = connect(); WireClient other = connect()) {
      one.prepare("__asyncpg_stmt_1__", "select 'one'");
      other.prepare("__asyncpg_stmt_1__", "select 'other'");
      assertThat(one.execute("__asyncpg_stmt_1__")).containsExactly("one");
      assertThat(other.execute("__asyncpg_stmt_1__")).containsExactly("other");
      other.query("discard all");
      assertThat(one.execute("__asyncpg_stmt_1__")).as("after the other has discarded all").containsExactly("one");
      one.query(
          "drop table if exists gone; create table gone (); prepare again as select * from gone; drop table gone");
      other.query("select 1");
      assertThatThrownBy(() -> one.query("execute again")).isInstanceOf(WireClient.Refusal.class);
      assertThat(one.execute("__asyncpg_stmt_1__")).as("beside one whose table is gone").containsExactly("one");
    }
  }

  @Test
  void aStatementThatStoodBesideAPrepareIsNotRunAgain() throws IOException {
    try (WireClient one = connect(); WireClient other = connect()) {
      one.query("create table counted as select 1; prepare counting as select 2; insert into counted values (2)");
      other.query("select 1");
      assertThat(one.query("select count(*) from counted")).containsExactly("2");
      one.query("drop table counted");
    }
  }

  @Test
  void twoConnectionsAtOnceKeepTheirTemporaryTablesAndCursors() throws IOException {
    try (WireClient one = connect(); WireClient other = connect()) {
      one.query("create temporary table ones as select 1; declare ones cursor with hold for select 1");
      other.query("create temporary table others as select 2; declare others cursor with hold for select 2");
      assertThat(one.query("select * from ones")).containsExactly("1");
      one.terminate();
      assertThat(other.query("select * from others")).containsExactly("2");
      assertThat(other.query("fetch others")).containsExactly("2");
      assertThat(
          other.query("select to_regclass('ones') is null and not exists (select from pg_cursors where name = 'ones')"))
          .as("whether what the closed one made is gone")
          .containsExactly("t");
    }
  }

  @Test
  void aLockOutlivesWhatAnotherConnectionUnlocks() throws IOException {
    try (WireClient holder = connect(); WireClient other = connect()) {
      holder.query("select pg_advisory_lock(-5, -1), pg_advisory_lock(5)");
      other.query("select pg_advisory_unlock_all()"); // so does the pool of asyncpg
      assertThat(holder.query("select pg_advisory_unlock(-5, -1) and pg_advisory_unlock(5)"))
          .as("whether the holder still had its locks")
          .containsExactly("t");
    }
  }

  @Test
  void aConnectionHasTheSettingsThatItAsksFor() throws IOException {
    Map<String, String> settings = Map.of("TimeZone", "Asia/Tokyo", "application_name", "one's \\name", "options",
        "-c search_path=\"a\\ b\",public --default-transaction-read-only=on -capp.tenant=x"
            + " -c timezone=UTC -c role=reader");
    List<String> questions = List.of("show timezone", "show application_name", "show search_path",
        "show transaction_read_only", "show app.tenant", "select current_user");
    List<String> wanted = List.of("Asia/Tokyo", "one's \\name", "\"a b\",public", "on", "x", "reader");
    try (WireClient client = new WireClient(server.port(), settings); WireClient other = connect()) {
      assertThat(client.told("TimeZone")).as("the time zone that the client is told").isEqualTo("Asia/Tokyo");
      assertThat(answers(client, questions)).isEqualTo(wanted);
      client.query("reset all");
      client.query("reset role");
      client.query("reset session authorization");
      assertThat(answers(client, questions)).as("after RESET ALL, as the pool of asyncpg does").isEqualTo(wanted);
      assertThat(client.told("TimeZone")).as("the time zone that the client is told then").isEqualTo("Asia/Tokyo");
      other.query("select 1");
      assertThat(answers(client, questions)).as("after the turn of another").isEqualTo(wanted);
    }
  }

  private static List<String> answers(WireClient client, List<String> questions) throws IOException {
    List<String> answers = new ArrayList<>();
    for (String question : questions) {
      answers.addAll(client.query(question));
    }
    return answers;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-c no_such_setting=1", "-c timezone=Nowhere", "-c role=nobody", "-c max_connections=5", "-x", "-c"})
  void anOptionThatCannotBeHadIsRefusedAndTheServerGoesOn(String options) throws IOException {
    String about = options.replaceAll("-c |=.*", "");
    assertThatThrownBy(() -> new WireClient(server.port(), Map.of("options", options)))
        .isInstanceOf(WireClient.Refusal.class)
        .hasMessageContaining(about.equals("timezone") ? "TimeZone" : about);
    try (WireClient next = connect()) {
      assertThat(next.query("show timezone")).containsExactly("UTC");
    }
  }

  @Test
  void theSearchPathIsAsOnAServer() throws IOException {
    try (WireClient client = connect()) {
      assertThat(client.query("show search_path")).containsExactly("\"$user\", public");
    }
  }

  @Test
  void theSettingsOfTheDatabaseHoldFromTheNextConnectionOn() throws IOException {
    try (WireClient client = connect()) {
      client.query("alter database postgres set application_name = 'of the database'");
      client.query("alter role postgres set datestyle = 'German'");
      try (WireClient next = connect()) {
        assertThat(next.query("show application_name")).containsExactly("of the database");
        assertThat(next.query("show datestyle").get(0)).startsWith("German");
      }
      try (WireClient next = new WireClient(server.port(), Map.of("application_name", "of the client"))) {
        assertThat(next.query("show application_name")).containsExactly("of the client");
      }
      client.query("alter database postgres reset all");
      client.query("alter role postgres reset all");
    }
  }

  @Test
  void aConnectionClosesWhileAnotherIsInATransaction() throws IOException {
    try (WireClient busy = connect(); WireClient closing = connect()) {
      busy.query("begin");
      closing.terminate(); // waits for the server's end
      assertThat(busy.query("select 1")).containsExactly("1");
    }
  }

  @Test
  void whatAClientSendsBeforeItsGoodbyeIsDone() throws IOException {
    try (WireClient client = connect(); WireClient last = connect()) {
      client.query("create table written (number integer)");
      last.send("insert into written values (1)");
      last.terminate();
      assertThat(client.query("select * from written")).containsExactly("1");
      client.query("drop table written");
    }
  }
}
