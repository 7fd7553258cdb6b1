package io.mycelium.migrations.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.search.RealVectors.Question;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Rows;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Searches find the right agents for real questions: over the sample agents, by the vectors that the real model makes.
 */
class SemanticSearchIT {

  private static final String BY_MEANING = "select agent_type from search_agents(?, 50)";
  private static final String BY_WORDS = "select agent_type from search_agents_by_text(?, 50)";
  private static final String HYBRID = "select agent_type from search_agents_hybrid(?, ?, 50)";

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    RealVectors.insertSample(database);
  }

  @Test
  void theRightAgentIsAmongTheFirstThreeFor19Of20QuestionsInPlainWords() {
    List<Question> questions = RealVectors.questions();
    List<Question> missed =
        questions.stream().filter(question -> place(question, found(BY_MEANING, vector(question))) > 3).toList();
    assertThat(missed).as("of %d questions, those whose agent is not among the first three", questions.size())
        .hasSizeLessThanOrEqualTo(questions.size() / 20);
  }

  @Test
  void hybridSearchRanksTheRightAgentNoLowerThanTheBetterOfItsTwoParts() {
    for (Question question : RealVectors.all()) {
      int better = Math.min(place(question, found(BY_MEANING, vector(question))),
          place(question, found(BY_WORDS, question.text())));
      assertThat(place(question, found(HYBRID, question.text(), vector(question))))
          .as("place of the right agent for %s", question)
          .isLessThanOrEqualTo(better);
    }
  }

  @Test
  void hybridSearchShowsBothPartsOfItsRanking() {
    String row = """
        select format('%s: %s by meaning, %s by words, similarity %s, rank %s, score %s',
          agent_type, place_by_meaning, place_by_words,
          round(similarity::numeric, 2), round(rank::numeric, 2), round(score::numeric, 4))
        from search_agents_hybrid(?, ?, 1)""";
    assertThat(found(row, "cve", Vector.of("cve"))).as("an agent that has the word, and is third by its meaning")
        .containsExactly("security-auditor: 3 by meaning, 1 by words, similarity 0.16, rank 0.40, score 0.0323");
  }

  @Test
  void hybridSearchRanksByMeaningAloneWhereNoAgentHasTheWordsAndByWordsAloneWithoutAnEmbedding() {
    String question = "make my SQL faster";
    assertThat(found(HYBRID, question, Vector.of(question))).isEqualTo(found(BY_MEANING, Vector.of(question)));
    assertThat(found(HYBRID, "react or helm", null)).containsExactlyElementsOf(found(BY_WORDS, "react or helm"))
        .hasSize(2);
    assertThat(found(HYBRID, "make my SQL faster", null)).isEmpty();
  }

  @Test
  void hybridSearchFindsAnAgentThatHasNoEmbeddingByItsWords() {
    database.execute("""
        insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
        values ('new', 'new', 'New', 'New', 'none', 'Folds origami', 'f')""");
    try {
      assertThat(found(HYBRID, "origami", Vector.of("cve"))).contains("new");
    } finally {
      database.execute("delete from agents where agent_id = 'new'");
    }
  }

  @Test
  void hybridSearchKeepsItsLimitAndLooksIntoOneCategory() {
    Vector vector = Vector.of("cve");
    assertThat(found("select agent_type from search_agents_hybrid(?, ?, 2)", "data or web", vector)).hasSize(2);
    assertThat(found("select distinct category from search_agents_hybrid(?, ?, in_category => 'quality')",
        "data or web", vector)).containsExactly("quality");
  }

  private record Vector(String text) {

    static Vector of(String text) {
      return new Vector(RealVectors.of(text));
    }
  }

  private static Vector vector(Question question) {
    return new Vector(question.vector());
  }

  /** From 1; of one that was not found, beyond all. */
  private static int place(Question question, List<String> types) {
    return types.contains(question.agent()) ? types.indexOf(question.agent()) + 1 : Integer.MAX_VALUE;
  }

  private static List<String> found(String sql, Object... parameters) {
    try (Connection connection = database.connect(); PreparedStatement search = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        search.setObject(i + 1, parameters[i] instanceof Vector vector ? vector.text : parameters[i],
            parameters[i] instanceof String ? Types.VARCHAR : Types.OTHER);
      }
      try (ResultSet result = search.executeQuery()) {
        return Rows.firstColumn(result);
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage() + " in: " + sql, e);
    }
  }
}
