package io.mycelium.migrations.search;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Vectors that the real model has made of the sample agents' descriptions and of questions about them, so that searches
 * are tested on real ones without the model's libraries. {@link SentenceModelIT} makes them anew and compares.
 */
final class RealVectors {

  /** The vectors' folder. */
  static final Path FOLDER = Path.of("src/test/resources/embeddings");
  private static final Map<String, String> VECTORS = new LinkedHashMap<>();

  static {
    for (String line : lines("vectors.csv")) {
      String[] cells = line.split(" \\| ");
      VECTORS.put(cells[0], cells[1]);
    }
  }

  /**
   * A question.
   *
   * @param agent the type of the agent that answers it best
   * @param text what is asked
   */
  record Question(String agent, String text) {

    String vector() {
      return of(text);
    }
  }

  private RealVectors() {}

  /** Questions in plain words, in other words than those of the agents' descriptions. */
  static List<Question> questions() {
    return all().stream().filter(question -> question.text.contains(" ")).toList();
  }

  /** Those, and words that stand in an agent. */
  static List<Question> all() {
    return lines("questions.csv").stream()
        .map(line -> line.split(" \\| "))
        .map(cells -> new Question(cells[0], cells[1]))
        .toList();
  }

  /** The vector of a text, as pgvector reads it. */
  static String of(String text) {
    if (!VECTORS.containsKey(text)) {
      throw new AssertionError(
          "no vector of \"" + text + "\" in " + FOLDER + "/vectors.csv; " + SentenceModelIT.MAKE_ANEW);
    }
    return VECTORS.get(text);
  }

  /** Fills a database with the sample agents, embedded. */
  static void insertSample(TestDatabase database) {
    try (Connection connection = database.connect()) {
      connection.createStatement().execute(Files.readString(Path.of("src/embed/sql/sample.sql")));
      try (PreparedStatement update =
          connection.prepareStatement("update agents set embedding = ? where description = ?")) {
        for (String description : database.query("select description from agents")) {
          update.setObject(1, of(description), Types.OTHER);
          update.setString(2, description);
          update.execute();
        }
      }
    } catch (IOException | SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private static List<String> lines(String resource) {
    String text = Resource.text(RealVectors.class, "/embeddings/" + resource);
    return text.lines().filter(line -> !line.startsWith("#")).toList();
  }
}
