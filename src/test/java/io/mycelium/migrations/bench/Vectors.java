package io.mycelium.migrations.bench;

import io.mycelium.migrations.testing.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The agents' vectors, and searches for others among them.
 *
 * @param queries the vectors to search for
 */
record Vectors(Server server, List<String> queries) {

  /** What our index is on. */
  static final String COLUMN = "embedding vector_cosine_ops";

  /**
   * What searches have found.
   *
   * @param time the median of their milliseconds
   * @param rows the rows of each, the best first
   */
  record Found(double time, List<List<String>> rows) {

    /** The part of the nearest rows that was found. */
    double recall(Found exact, int nearest) {
      double hits = 0;
      for (int i = 0; i < rows.size(); i++) {
        Set<String> truth = new HashSet<>(exact.rows.get(i).subList(0, nearest));
        hits += rows.get(i).stream().limit(nearest).filter(truth::contains).count();
      }
      return hits / rows.size() / nearest;
    }
  }

  /** The clients' query, without its threshold. */
  static String nearest(int limit) {
    return nearest(limit, "vector");
  }

  /** The same, by an index of another type. */
  static String nearest(int limit, String type) {
    return """
        select id::text from agents where embedding is not null
        order by embedding::%1$s(384) <=> ?::%1$s(384) limit %2$s""".formatted(type, limit);
  }

  void dropIndex() throws Exception {
    server.execute("ours", "drop index if exists agents_embedding_idx");
  }

  /** Milliseconds in which the index is built anew. */
  double buildIndex(String column, int m, int efConstruction) throws Exception {
    Table.progress("building the HNSW index with m = %s, ef_construction = %s".formatted(m, efConstruction));
    dropIndex();
    return server.time("ours", """
        create index agents_embedding_idx on agents using hnsw (%s)
        with (m = %s, ef_construction = %s)""".formatted(column, m, efConstruction));
  }

  /** Looks at every vector. */
  Found scan(String sql) throws Exception {
    return search("set enable_indexscan = off", sql);
  }

  Found search(String sql) throws Exception {
    return search("reset enable_indexscan", sql);
  }

  /** Runs each search once, after one to warm up. */
  Found search(String setting, String sql) throws Exception {
    List<Double> times = new ArrayList<>();
    List<List<String>> found = new ArrayList<>();
    try (Connection connection = server.connect("ours"); Statement statement = connection.createStatement()) {
      statement.execute(setting);
      statement.execute("set max_parallel_workers_per_gather = 0");
      try (PreparedStatement search = connection.prepareStatement(sql)) {
        for (int i = -1; i < queries.size(); i++) {
          // sent with the type vector, as asyncpg does
          search.setObject(1, queries.get(Math.max(i, 0)), Types.OTHER);
          long start = System.nanoTime();
          List<String> rows;
          try (ResultSet result = search.executeQuery()) {
            rows = Rows.firstColumn(result);
          }
          if (i >= 0) {
            times.add(Server.millisecondsSince(start));
            found.add(rows);
          }
        }
      }
    }
    return new Found(Table.median(times), found);
  }
}
