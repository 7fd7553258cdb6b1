package io.mycelium.migrations.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Rows;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A search finds what an exact scan of all agents finds, and its index serves it. */
class SearchIT {

  /** Some vector, the same in every run. */
  private static final String QUERY = "(select array_agg(sin(5 * k)) from generate_series(1, 384) k)::vector";

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    database.execute(Resource.text(SearchIT.class, "agents.sql"));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 41, 100})
  void theClientsOwnQueryReturnsEveryRowUpToItsLimitFromTheIndex(int limit) throws SQLException {
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      statement.execute("set enable_seqscan = off");
      String search = """
          select count(*) from (
            select agent_id, 1 - (embedding <=> %1$s) as similarity from agents
            where embedding is not null and 1 - (embedding <=> %1$s) >= -1
            order by embedding <=> %1$s limit %2$s) found""".formatted(QUERY, limit);
      assertThat(all(statement, "explain " + search)).as("plan")
          .anyMatch(line -> line.contains("agents_embedding_idx"));
      assertThat(all(statement, search)).as("rows").containsExactly(String.valueOf(limit));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, -1", "10, -1", "100, -1", "500, -1", "501, -1", "5000, -1", "100, 0.3", "5000, 0.3", "10, 1.1"})
  void searchAgentsFindsWhatTheExactScanFinds(int limit, double threshold) {
    assertThat(found("search_agents(%s, %s, %s)".formatted(QUERY, limit, threshold)))
        .as("search_agents(..., %d, %s)", limit, threshold)
        .isEqualTo(exactly("true", limit, threshold));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 500, 2000})
  void searchAgentsLooksIntoOneCategory(int limit) {
    assertThat(found("search_agents(%s, %s, in_category => 'category-3')".formatted(QUERY, limit)))
        .as("search_agents of one category, %d", limit)
        .isEqualTo(exactly("category = 'category-3'", limit, -1));
  }

  @Test
  void searchAgentsUsesTheIndex() throws SQLException {
    String scans = "select idx_scan from pg_stat_user_indexes where indexrelname = 'agents_embedding_idx'";
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      statement.execute("set enable_seqscan = off");
      long before = Long.parseLong(all(statement, scans).get(0));
      all(statement, "select id from search_agents(%s, 10)".formatted(QUERY));
      statement.execute("select pg_stat_force_next_flush()");
      assertThat(Long.parseLong(all(statement, scans).get(0))).as("scans of agents_embedding_idx")
          .isGreaterThan(before);
    }
  }

  @Test
  void searchAgentsLeavesTheSettingsOfItsCallerAlone() throws SQLException {
    String settings = """
        select concat_ws(' ', current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan'),
          current_setting('enable_indexscan'))""";
    try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      all(statement, "select '[1]'::vector");
      statement.execute("set local hnsw.ef_search = 77");
      List<String> before = all(statement, settings);
      for (int limit : List.of(10, 1000)) {
        assertThat(all(statement, "select id from search_agents(%s, %s)".formatted(QUERY, limit))).hasSize(limit);
        assertThat(all(statement, settings)).as("after search_agents(..., %d)", limit).isEqualTo(before);
      }
      connection.rollback();
    }
  }

  @Test
  void searchAgentsRefusesAnotherDimensionAndFindsNothingForNull() {
    assertThatThrownBy(() -> database.query("select id from search_agents('[1,2,3]')"))
        // from a scan or from the index
        .hasMessageMatching("(?s).*(different vector dimensions|expected 384 dimensions).*");
    assertThat(database.query("select id from search_agents(null)")).isEmpty();
  }

  /** Its similarity to anything is NaN, which PostgreSQL takes for more than every number. */
  @Test
  void aVectorOfZerosFindsNothingAndIsNotFound() {
    String zeros = "array_fill(0::real, array[384])::vector";
    database.execute("""
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path, embedding)
        values ('zeros', 'zeros', 'nothing', 'n', 'category-1', 'does what is asked', 'f', %s)""".formatted(zeros));
    try {
      for (String search : List.of("search_agents(%s, 5000)", "search_agents(%s, 10)", "search_agents(%s, 5000, 0.1)",
          "search_agents(%s, 5000, -1, 'category-1')", "search_agents_hybrid('linting', %s, 5000)")) {
        assertThat(database.query("select name from " + search.formatted(QUERY))).as(search).doesNotContain("nothing");
      }
      assertThat(database.query("select name from search_agents(%s)".formatted(zeros))).as("for zeros").isEmpty();
      assertThat(database.query("select name from search_agents_hybrid('linting', %s)".formatted(zeros)))
          .as("for words and zeros")
          .containsExactly("Reviewer");
    } finally {
      database.execute("delete from agents where name = 'nothing'");
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      python            | Python Pro, Reviewer
      error             | Reviewer
      "Python programs" | Reviewer
      asyncio -java     | Python Pro
      linting or java   | Java Pro, Reviewer
      reviewer          | Reviewer
      keyword-7         | agent 7
      asyn              |
      """)
  void textSearchRanksNameAndTypeBeforeKeywordsBeforeDescription(String words, String names) {
    assertThat(String.join(", ", database.query("select name from search_agents_by_text('%s')".formatted(words))))
        .as("agents for: %s", words)
        .isEqualTo(names == null ? "" : names);
  }

  @Test
  void textSearchLooksIntoOneCategoryAndKeepsItsLimit() {
    assertThat(database.query("select name from search_agents_by_text('python', in_category => 'quality')"))
        .containsExactly("Reviewer");
    assertThat(database.query("select name from search_agents_by_text('asked', 7)")).hasSize(7);
  }

  @Test
  void textSearchIsServedByItsIndex() {
    assertThat(database.query("explain select * from search_agents_by_text('linting')")).as("plan")
        .anyMatch(line -> line.contains("agents_document_idx"));
  }

  private static List<String> found(String search) {
    return database.query("select agent_id from %s".formatted(search)).stream().sorted().toList();
  }

  private static List<String> exactly(String condition, int limit, double threshold) {
    return database.query("""
        select agent_id from (
          select agent_id, 1 - (embedding <=> q) as similarity from agents, (select %s as q offset 0) query
          where embedding is not null and %s order by (embedding <=> q) + 0 limit %s) nearest
        where similarity >= %s""".formatted(QUERY, condition, limit, threshold)).stream().sorted().toList();
  }

  private static List<String> all(Statement statement, String sql) throws SQLException {
    try (ResultSet result = statement.executeQuery(sql)) {
      return Rows.firstColumn(result);
    }
  }
}
