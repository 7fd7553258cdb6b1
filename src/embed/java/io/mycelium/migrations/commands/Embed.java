package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.embedding.SentenceModel;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Computes the embeddings of agents from their descriptions: {@code mvn -Pembed}. It computes a batch without a
 * transaction, then writes it in a transaction of some milliseconds. So clients go on working, and a run that is killed
 * has done its batches. If a description was edited in between, it computes that agent again.
 */
public final class Embed {

  /** How many agents a transaction writes. A killed run loses less than a second of computing. */
  private static final int BATCH = 200;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);
  private static final String HASH = "sha256(convert_to(description, 'UTF8'))";

  private final Connection connection;
  private final String column;
  private final String type;
  /** The SQL condition for the agents that are to be embedded. */
  private final String wanted;
  /** Whether there is a column for the hash of the embedded description. */
  private final boolean noted;

  private Embed(Connection connection, String column, String which) throws SQLException, Refused {
    this.connection = connection;
    this.column = column;
    this.type = AgentsDatabase.embeddingType(connection, column);
    this.noted = AgentsDatabase.type(connection, column + "_of") != null;
    this.wanted = switch (which) {
      case "missing" -> column + " is null";
      case "changed" -> "(" + column + " is null or " + column + "_of is distinct from " + HASH + ")";
      case "all" -> "true";
      default -> throw new Refused("-Dagents=" + which + " is none of missing, changed, all");
    };
    if (which.equals("changed") && !noted) {
      throw new Refused("agents has no column " + column + "_of, which says what an embedding is of; "
          + (column.equals("embedding")
              ? "apply release 1.2: mvn initialize liquibase:update"
              : "embed all of them: mvn -Pembed -Dagents=all"));
    }
  }

  private record Agent(UUID id, String description) {}

  /**
   * Embeds agents.
   *
   * @param words none; -Dembedding.column names the column to fill. -Dagents chooses: {@code missing} the agents
   *          without an embedding, {@code changed} these and those whose description has or may have changed since,
   *          {@code all} all
   * @throws Exception if it fails; the message says why
   */
  public static void main(String[] words) throws Exception {
    try (Connection connection = AgentsDatabase.connect("embed")) {
      run(connection, AgentsDatabase.column(), FromMaven.option("agents", "missing"));
    } catch (SQLException e) {
      throw new Refused(e.getMessage() + ". What was embedded stays; run again for the rest");
    }
  }

  /** Embeds agents, and prints how far it is. */
  static void run(Connection connection, String column, String which) throws SQLException, IOException, Refused {
    new Embed(connection, column, which).run();
  }

  private void run() throws SQLException, IOException, Refused {
    int all = Integer.parseInt(AgentsDatabase.one(connection, "select count(*) from agents"));
    int count = Integer.parseInt(AgentsDatabase.one(connection, "select count(*) from agents where " + wanted));
    if (count == 0) {
      System.out.println(String.format(Locale.ROOT, "Nothing to embed: of %,d agents each has its %s", all, column));
      return;
    }
    System.out.println(String.format(Locale.ROOT, "Embedding the descriptions of %,d of %,d agents", count, all));
    SentenceModel model = SentenceModel.load();
    if (!type.equals("vector(" + model.dimension() + ")")) {
      throw new Refused(("agents.%s is %s, and this model makes vector(%s); -Dembedding.column names another column,"
          + " -Dembedding.model another model").formatted(column, type, model.dimension()));
    }
    connection.setAutoCommit(false);
    long start = System.nanoTime();
    long said = start;
    int done = 0;
    // By id: everybody locks agents in this order, so nobody deadlocks.
    for (List<Agent> batch = read("true"); !batch.isEmpty(); batch = read("id > ?", batch.get(batch.size() - 1).id)) {
      done += embed(model, batch);
      if (System.nanoTime() - said > BETWEEN_LINES.toNanos()) {
        said = System.nanoTime();
        System.out
            .println(String.format(Locale.ROOT, "  %,d of %,d, %.0f a second", done, count, done / seconds(start)));
      }
    }
    System.out.println(String.format(Locale.ROOT, "%,d embedded in %.0f s", done, seconds(start)));
  }

  /** Embeds some agents, and again those that were edited meanwhile. Returns how many it has embedded. */
  private int embed(SentenceModel model, List<Agent> agents) throws SQLException {
    int done = 0;
    for (List<Agent> left = agents; !left.isEmpty();) {
      List<String> vectors = model.embed(left.stream().map(Agent::description).toList());
      List<UUID> edited = new ArrayList<>();
      try (PreparedStatement update = connection.prepareStatement("update agents set " + column + " = ?"
          + (noted ? ", " + column + "_of = " + HASH : "") + " where id = ? and description = ?")) {
        for (int i = 0; i < left.size(); i++) {
          update.setObject(1, vectors.get(i), Types.OTHER);
          update.setObject(2, left.get(i).id);
          update.setString(3, left.get(i).description);
          update.addBatch();
        }
        int[] updated = update.executeBatch();
        for (int i = 0; i < updated.length; i++) {
          if (updated[i] == 0) {
            edited.add(left.get(i).id);
          }
        }
      }
      connection.commit();
      done += left.size() - edited.size();
      left = edited.isEmpty() ? List.of() : read("id = any (?)", connection.createArrayOf("uuid", edited.toArray()));
    }
    return done;
  }

  private List<Agent> read(String condition, Object... parameters) throws SQLException {
    List<Agent> agents = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement("select id, description from agents where %s and %s order by id limit %s"
            .formatted(condition, wanted, BATCH))) {
      for (int i = 0; i < parameters.length; i++) {
        select.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          agents.add(new Agent(result.getObject(1, UUID.class), result.getString(2)));
        }
      }
    }
    // computing takes long, and an open transaction would hold up VACUUM and CREATE INDEX CONCURRENTLY
    connection.commit();
    return agents;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
