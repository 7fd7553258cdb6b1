package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.embedding.SentenceModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the agents that fit a question best, by its words and by its meaning:
 * {@code mvn -Psearch -Dquery="make my SQL faster"}.
 */
public final class Search {

  private static final String EXAMPLE = "mvn -Psearch -Dquery=\"make my SQL faster\"";
  private static final List<String> HEADINGS = List.of("similarity", "name", "category", "description");

  private Search() {}

  /**
   * Prints a table of the agents, as wide as the terminal.
   *
   * @param words none; -Dquery is the question, -Dcategory the only category to look into, -Dlimit how many agents, by
   *          default 10, -Dembedding.column the column of the embeddings
   * @throws Exception if it fails; the message says why
   */
  public static void main(String[] words) throws Exception {
    String query = FromMaven.option("query", null);
    String limit = FromMaven.option("limit", "10");
    String category = FromMaven.option("category", null);
    if (query == null) {
      throw new Refused("-Dquery says what to look for: " + EXAMPLE);
    }
    if (!limit.matches("[1-9][0-9]{0,3}")) {
      throw new Refused("-Dlimit=" + limit + " is no number from 1 to 9999");
    }
    try (Connection connection = AgentsDatabase.connect("search")) {
      refuseWhereNothingCanBeFound(connection, AgentsDatabase.column(), category);
      List<List<String>> rows = find(connection, query, Integer.parseInt(limit), category);
      System.out.print(table(rows, width()));
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }

  private static void refuseWhereNothingCanBeFound(Connection connection, String column, String category)
      throws SQLException, Refused {
    if (category != null
        && AgentsDatabase.one(connection, "select 1 from agents where category = ? limit 1", category) == null) {
      throw new Refused("there is no agent of category " + category + "; the categories: "
          + AgentsDatabase.one(connection, "select coalesce(string_agg(distinct category, ', '), 'none') from agents"));
    }
    if (AgentsDatabase.one(connection, "select to_regproc('search_agents_hybrid')") == null) {
      throw new Refused(
          "this database has no search_agents_hybrid yet; apply release 1.2: mvn initialize liquibase:update");
    }
    AgentsDatabase.embeddingType(connection, column);
    String without = AgentsDatabase.one(connection, "select count(*) from agents where " + column + " is null");
    if (AgentsDatabase.one(connection, "select 1 from agents limit 1") == null) {
      throw new Refused(
          "there are no agents in this database; some to play with, in the embedded one: mvn -Plocal,sample");
    } else if (AgentsDatabase.one(connection, "select 1 from agents where " + column + " is not null limit 1")
        == null) {
      throw new Refused("none of the " + without + " agents has an embedding; compute them: mvn -Pembed");
    } else if (!without.equals("0")) {
      System.out.println(without + " agents have no embedding, so they cannot be found; compute them: mvn -Pembed");
    }
  }

  private static List<List<String>> find(Connection connection, String query, int limit, String category)
      throws SQLException, IOException {
    List<List<String>> rows = new ArrayList<>();
    try (PreparedStatement search = connection
        .prepareStatement("select similarity, name, category, description from search_agents_hybrid(?, ?, ?, ?)")) {
      search.setString(1, query);
      search.setObject(2, SentenceModel.load().embed(List.of(query)).get(0), Types.OTHER);
      search.setInt(3, limit);
      search.setString(4, category);
      try (ResultSet result = search.executeQuery()) {
        while (result.next()) {
          double similarity = result.getDouble(1);
          rows.add(List.of(result.wasNull() ? "words" : String.format(Locale.ROOT, "%.4f", similarity),
              result.getString(2), result.getString(3), result.getString(4).replaceAll("\\s+", " ")));
        }
      }
    }
    return rows;
  }

  /** A table whose columns are as wide as their widest cells. The last column gets the rest of the width. */
  private static String table(List<List<String>> rows, int width) {
    List<List<String>> lines = new ArrayList<>(List.of(HEADINGS));
    lines.addAll(rows);
    StringBuilder table = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int column = 0; column < line.size() - 1; column++) {
        int i = column;
        int cell = lines.stream().mapToInt(cells -> cells.get(i).length()).max().orElseThrow();
        text.append(line.get(i)).append(" ".repeat(cell - line.get(i).length() + 2));
      }
      String last = line.get(line.size() - 1);
      int left = Math.max(width - text.length(), 20);
      table.append(text).append(last.length() <= left ? last : last.substring(0, left - 3) + "...").append('\n');
    }
    return table.toString();
  }

  /** The width of the terminal, in letters; 100 if there is no terminal. */
  private static int width() {
    try {
      Process size = new ProcessBuilder("sh", "-c", "stty size < /dev/tty").redirectErrorStream(true).start();
      String[] numbers = new String(size.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip().split(" ");
      return Integer.parseInt(numbers[1]);
      // Windows, or a pipeline
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return 100;
    }
  }
}
