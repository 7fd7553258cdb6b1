package io.mycelium.migrations.bench;

import io.mycelium.migrations.bench.Vectors.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How fast the searches are, and how much they find of what an exact scan finds. */
record Search(Server server, Table table) implements Part {

  /** Which mostly fewer than a hundred of 50,000 vectors reach. */
  private static final double THRESHOLD = 0.5;

  /**
   * A search.
   *
   * @param rows how many it asks for
   * @param all whether every agent qualifies, so that it finds as many
   */
  private record Query(String name, String sql, int rows, boolean all) {}

  private static final List<Query> QUERIES = List.of( //
      new Query("clients' query, LIMIT 10", Vectors.nearest(10), 10, true), //
      new Query("clients' query, LIMIT 100", Vectors.nearest(100), 100, true), //
      new Query("search_agents, 10", searchAgents("10"), 10, true), //
      new Query("search_agents, 100", searchAgents("100"), 100, true), //
      new Query("search_agents, 100, of one category", searchAgents("100, -1, 'category-1'"), 100, false), //
      new Query("search_agents, 100, with a threshold", searchAgents("100, " + THRESHOLD), 100, false), //
      new Query("search_agents, 500, with a threshold", searchAgents("500, " + THRESHOLD), 500, false));

  private static String searchAgents(String arguments) {
    return "select id::text from search_agents(?::vector, %s)".formatted(arguments);
  }

  @Override
  public void measure() throws Exception {
    Vectors vectors = new Vectors(server, new Glosses(server, table).load());
    vectors.buildIndex(Vectors.COLUMN, 16, 64);
    compareWithAnExactScan(vectors);
    compareWithTheFirstRelease(vectors);
  }

  private void compareWithAnExactScan(Vectors vectors) throws Exception {
    Found exact = vectors.scan(Vectors.nearest(100));
    Found qualifying = vectors.scan("select id::text from agents where 1 - (embedding <=> ?::vector) >= " + THRESHOLD);
    for (Query query : QUERIES) {
      Table.progress(query.name());
      Found found = vectors.search(query.sql());
      table.row(query.name() + String.format(Locale.ROOT, ", %,d vectors", Options.VECTORS),
          String.format(Locale.ROOT, "%.2f ms", found.time()), "exact scan",
          String.format(Locale.ROOT, "%.1f ms", exact.time()),
          String.format(Locale.ROOT, "%.3f", found.time() / exact.time()));
      if (query.all()) {
        int least = found.rows().stream().mapToInt(List::size).min().orElseThrow();
        table.figure("&nbsp;&nbsp;rows, at the least; recall@%s".formatted(query.rows()),
            String.format(Locale.ROOT, "%d; %.4f", least, found.recall(exact, query.rows())));
      } else if (query.name().endsWith("threshold")) {
        int all = qualifying.rows().stream().mapToInt(rows -> Math.min(rows.size(), query.rows())).sum();
        table.figure("&nbsp;&nbsp;of the qualifying rows, as far as the limit goes",
            "%s of %s".formatted(found.rows().stream().mapToInt(List::size).sum(), all));
      }
    }
  }

  private void compareWithTheFirstRelease(Vectors vectors) throws Exception {
    String first = Files.readString(Path.of("changelog/1.0/agents/search_agents.sql"));
    server.execute("ours", "drop schema if exists before cascade", "create schema before",
        "set search_path = before, public;" + first.replace("@schema@.agents", "public.agents"));
    Map<String, String> schemas = Map.of("ours", "public", "release 1.0", "before");
    table.compare(String.format(Locale.ROOT, "search_agents, 10, %,d vectors", Options.VECTORS), "µs", side -> {
      String sql = "select id::text from %s.search_agents(?::vector, 10)".formatted(schemas.get(side));
      return 1000 * vectors.search(sql).time();
    }, "release 1.0");
  }
}
