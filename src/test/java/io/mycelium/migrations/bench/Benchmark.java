package io.mycelium.migrations.bench;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Working;
import io.mycelium.migrations.report.Ratios;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testcontainers.DockerClientFactory;

/**
 * The benchmark, {@code mvn -Pbench}. On one server in a container it compares our schema with three others: the same
 * without triggers (the floor); the same with the metrics written by hand in the statement of the insert (the limit);
 * and the design that one writes at first (naive.sql).
 *
 * <p>
 * The sides alternate, so that a busy machine slows both, and what counts is the median of the rounds' ratios. It
 * prints a Markdown table and writes it to {@code target/benchmark.md}, with a picture of the ratios beside it. pgbench
 * and psql run inside the container; their scripts stand beside this class.
 */
public final class Benchmark {

  private Benchmark() {}

  /**
   * Runs the parts that {@code bench.parts} names.
   *
   * @param arguments none
   * @throws Exception if no Docker engine answers or a script fails
   */
  public static void main(String[] arguments) throws Exception {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new Refused("the benchmark measures a server in a container, and no Docker engine answers;"
          + " start one (`docker info` says whether it runs), then: mvn -Pbench");
    }
    try (Server server = Server.start()) {
      server.createSides();
      Table table = new Table();
      for (Map.Entry<String, Part> part : parts(server, table).entrySet()) {
        if (Options.PARTS.contains(part.getKey())) {
          part.getValue().measure();
        }
      }
      String versions = server.query("ours", """
          select split_part(version(), ' on ', 1) || ', pgvector '
            || (select extversion from pg_extension where extname = 'vector')""");
      String result = "%s, %s rounds%n%n%s%n".formatted(versions, Options.ROUNDS, table);
      Files.writeString(Path.of("target/benchmark.md"), result);
      Files.writeString(Path.of("target/benchmark.svg"), Ratios.picture(result));
      Working.done();
      System.out.println("\n" + result);
    }
  }

  /** All of them by name, in the order in which they run. */
  private static Map<String, Part> parts(Server server, Table table) {
    Map<String, Part> parts = new LinkedHashMap<>();
    parts.put("run", new RunItself(server, table));
    parts.put("usage", new Usage(server, table));
    parts.put("events", new Events(server, table));
    parts.put("statistics", new Statistics(server, table));
    parts.put("search", new Search(server, table));
    parts.put("hnsw", new HnswParameters(server, table));
    return parts;
  }
}
