package io.mycelium.migrations.bench;

import io.mycelium.migrations.bench.Vectors.Found;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the parameters of the index cost and bring. The page on semantic search shows this table. */
record HnswParameters(Server server, Table table) implements Part {

  private static final List<Integer> EF_SEARCH = List.of(40, 60, 80, 100, 150, 200, 400);

  @Override
  public void measure() throws Exception {
    Vectors vectors = new Vectors(server, new Glosses(server, table).load());
    vectors.dropIndex();
    Found exact = vectors.scan(Vectors.nearest(100));
    String headings = EF_SEARCH.stream().map(ef -> " ef_search " + ef + " |").collect(Collectors.joining());
    table.line("");
    table.line("| type | m | ef_construction | build, s | size, MB |" + headings);
    table.line("|---|---|---|---|---|" + "---|".repeat(EF_SEARCH.size()));
    for (int[] parameters : new int[][] {{8, 64}, {16, 64}, {16, 128}, {16, 256}, {32, 128}}) {
      row(vectors, exact, "vector", Vectors.COLUMN, parameters);
    }
    row(vectors, exact, "halfvec", "(embedding::halfvec(384)) halfvec_cosine_ops", 16, 64);
    table.line(String.format(Locale.ROOT, "| exact scan | | | | | %.1f ms |", exact.time())
        + " |".repeat(EF_SEARCH.size() - 1));
  }

  private void row(Vectors vectors, Found exact, String type, String column, int... parameters) throws Exception {
    double built = vectors.buildIndex(column, parameters[0], parameters[1]);
    StringBuilder row = new StringBuilder(
        String.format(Locale.ROOT, "| %s | %d | %d | %.1f | %.0f |", type, parameters[0], parameters[1], built / 1000,
            server.number("ours", "select pg_relation_size('agents_embedding_idx') / 1e6")));
    for (int efSearch : EF_SEARCH) {
      // as search_agents does it: where the index has fewer candidates than rows are asked for, it goes on
      String settings = "set hnsw.iterative_scan = relaxed_order; set hnsw.ef_search = " + efSearch;
      Found ten = vectors.search(settings, Vectors.nearest(10, type));
      Found hundred = vectors.search(settings, Vectors.nearest(100, type));
      row.append(String.format(Locale.ROOT, " %.4f, %.2f ms; %.4f, %.2f ms |", ten.recall(exact, 10), ten.time(),
          hundred.recall(exact, 100), hundred.time()));
    }
    table.line(row.toString());
  }
}
