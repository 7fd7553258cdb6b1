package io.mycelium.migrations.bench;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Working;
import io.mycelium.migrations.report.Ratios;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Metrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The benchmark, {@code mvn -Pbench}. On one server in a container it compares our schema with three others: the same
 * without triggers (the floor); the same with the metrics written by hand in the statement of the insert (the limit);
 * and the design that one writes at first (naive.sql).
 *
 * <p>
 * The sides alternate, so that a busy machine slows both, and what counts is the median of the rounds' ratios. It
 * prints a Markdown table and writes it to {@code target/benchmark.md}, with a picture of the ratios beside it. pgbench
 * and psql run inside the container; their scripts are in {@code src/bench/sql}.
 */
public final class Benchmark {

  private static final int ROUNDS = Integer.getInteger("bench.rounds");
  private static final int SECONDS = Integer.getInteger("bench.seconds");
  private static final int BULK_ROWS = Integer.getInteger("bench.rows");
  private static final int VECTORS = Integer.getInteger("bench.vectors");
  private static final List<Integer> EF_SEARCH = List.of(40, 60, 80, 100, 150, 200, 400);
  private static final int QUERIES = 100;
  private static final Path GLOSSES = Path.of(".local/glosses.copy.gz");
  private static final String GLOSS_COLUMNS =
      "embedding, agent_id, agent_type, name, display_name, category, description, file_path";
  private static final int USAGE_ROWS = Integer.getInteger("bench.usage");
  private static final Set<String> PARTS = new HashSet<>(Arrays.asList(System.getProperty("bench.parts").split(",")));
  private static final String HEAP_ONLY =
      "select round(100.0 * n_tup_hot_upd / n_tup_upd, 2) || ' %' from pg_stat_user_tables where relname = 'agents'";
  private static final long START = System.nanoTime();

  private final List<String> table =
      new ArrayList<>(List.of("| What | Ours | Compared with | Its figure | Ours / its |", "|---|---|---|---|---|"));
  private final PostgreSQLContainer server;

  private Benchmark(PostgreSQLContainer server) {
    this.server = server;
  }

  /** One measurement on a database. */
  private interface Measure {
    double on(String database) throws Exception;
  }

  private interface Action {
    void run() throws Exception;
  }

  /**
   * Runs the parts that {@code bench.parts} names.
   *
   * @param arguments none
   * @throws Exception if no Docker engine answers or a script fails
   */
  public static void main(String[] arguments) throws Exception {
    String image = System.getProperty("postgres.image");
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new Refused(
          "the benchmark measures a server in a container, and no Docker engine answers; start one (`docker info` says"
              + " whether it runs), then: mvn -Pbench");
    }
    try (PostgreSQLContainer server =
        new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"))
            .withDatabaseName("mycelium")
            .withUsername("mycelium")
            .withPassword("mycelium")
            .withSharedMemorySize(1L << 30)
            .withCopyToContainer(MountableFile.forHostPath("src/bench/sql"), "/bench")
            // Durable as in production. No checkpoint falls into the run of one side.
            .withCommand("postgres", "-c", "shared_buffers=1GB", "-c", "max_wal_size=16GB", "-c",
                "checkpoint_timeout=1h", "-c", "maintenance_work_mem=512MB", "-c",
                "max_parallel_maintenance_workers=2")) {
      progress("starting " + server.getDockerImageName());
      server.start();
      Benchmark benchmark = new Benchmark(server);
      benchmark.createSides();
      Map<String, Action> parts = new LinkedHashMap<>();
      parts.put("run", benchmark::theRunItself);
      parts.put("usage", benchmark::usage);
      parts.put("events", benchmark::eventsAndWorkflows);
      parts.put("statistics", benchmark::statistics);
      parts.put("search", benchmark::search);
      parts.put("hnsw", benchmark::hnswParameters);
      for (Map.Entry<String, Action> part : parts.entrySet()) {
        if (PARTS.contains(part.getKey())) {
          part.getValue().run();
        }
      }
      String result = "%s, %d rounds%n%n%s%n".formatted(
          benchmark.query("ours",
              "select split_part(version(), ' on ', 1) || ', pgvector ' "
                  + "|| (select extversion from pg_extension where extname = 'vector')"),
          ROUNDS, String.join("\n", benchmark.table));
      Files.writeString(Path.of("target/benchmark.md"), result);
      Files.writeString(Path.of("target/benchmark.svg"), Ratios.picture(result));
      Working.done();
      System.out.println("\n" + result);
    }
  }

  private void createSides() throws Exception {
    progress("creating the sides: ours, floor, naive");
    execute("mycelium", "create database ours", "create database naive");
    // may fetch what Maven lacks; the later runs are offline
    MavenRun.mvn(named("ours", "liquibase:update")).succeeded();
    execute("mycelium", "create database floor template ours");
    psql("floor", "floor.sql");
    psql("naive", "naive.sql");
    for (String side : List.of("ours", "floor", "naive")) {
      psql(side, "agents.sql");
    }
  }

  /** What it costs to keep the metrics right. */
  private void usage() throws Exception {
    compare("%,d usage rows in one insert".formatted(BULK_ROWS), "ms",
        database -> psql(database, "usage-bulk.sql", "rows=" + BULK_ROWS), "floor", "naive");
    compare("WAL of a usage row inserted in bulk", "bytes",
        database -> wal(database, () -> psql(database, "usage-bulk.sql", "rows=" + BULK_ROWS)) / BULK_ROWS, "floor");
    execute("ours", "vacuum agents", "select pg_stat_reset()");
    // with the rows of the bulk inserts
    execute("mycelium", "create database \"limit\" template floor");
    compare(
        "single usage inserts, 8 clients, 1,000 agents", "per s", database -> pgbench(database,
            database.equals("limit") ? "usage-limit.sql" : "usage-insert.sql", 8, "agents=1000"),
        "limit", "floor", "naive");
    figure("&nbsp;&nbsp;updates of agents that were heap-only", query("ours", HEAP_ONLY));
    compare("single usage inserts, 8 clients, 1 agent", "per s",
        database -> pgbench(database, "usage-insert.sql", 8, "agents=1"), "floor", "naive");

    progress("4 bulk writers, with corrections and deletions");
    execute("ours", "select pg_stat_reset()");
    pgbench("ours", List.of("usage-bulk.sql", "usage-change.sql"), 4, Math.max(SECONDS, 6), "rows=500");
    figure("&nbsp;&nbsp;updates of agents that were heap-only, 4 bulk writers", query("ours", HEAP_ONLY));
    figure("deadlocks of 4 bulk writers",
        query("ours", "select deadlocks from pg_stat_database where datname = 'ours'"));
    String wrong =
        "select (select count(*) from (%s) wrong) || ' of ' || count(*) from agents".formatted(Metrics.WRONG);
    figure("agents with a wrong figure, afterwards", query("ours", wrong), "naive, inserts alone",
        query("naive", wrong));
  }

  private void eventsAndWorkflows() throws Exception {
    long[] next = {0};
    Measure append =
        database -> psql(database, "event-rows.sql", "rows=" + BULK_ROWS, "first=" + (next[0] += BULK_ROWS));
    compare("%,d events appended in one insert".formatted(BULK_ROWS), "per s",
        database -> BULK_ROWS * 1000 / append.on(database), "naive (four btrees)");
    compare("WAL of an event", "bytes", database -> wal(database, () -> append.on(database)) / BULK_ROWS,
        "naive (four btrees)");
    compare("size of the indexes on events", "MB",
        database -> number(database,
            "select (pg_indexes_size('coordination_events') - pg_relation_size('coordination_events_pkey')) / 1e6"),
        "naive (four btrees)");
    for (String side : List.of("ours", "naive")) {
      execute(side, "vacuum analyze coordination_events");
    }
    compare("newest 20 events, four queries", "per s",
        database -> pgbench(database, "event-newest.sql", 2, "rows=" + next[0]), "naive (four btrees)");
    execute("ours",
        "update coordination_events set timestamp = timestamp - interval '60 days' where ctid < '(%d,0)'"
            .formatted((int) number("ours", "select pg_relation_size('coordination_events') / 8192 / 2")),
        "vacuum coordination_events");
    double old =
        number("ours", "select count(*) from coordination_events where timestamp < now() - interval '30 days'");
    progress("retention");
    long start = System.nanoTime();
    execute("ours", "call delete_coordination_events_before(now() - interval '30 days')");
    figure("%,.0f old events deleted in batches".formatted(old),
        "%,.0f per s".formatted(old * 1e9 / (System.nanoTime() - start)));

    compare("workflow of ten tasks saved, 4 clients", "per s", database -> pgbench(database, "workflow-save.sql", 4),
        "naive");
    int[] version = {0};
    int snapshots = Math.max(BULK_ROWS / 10, 1);
    compare("%,d snapshots of 10 kB (lz4, against pglz)".formatted(snapshots), "ms",
        database -> psql(database, "snapshot-rows.sql", "rows=" + snapshots, "version=" + ++version[0]), "naive");
    compare("size of the snapshots", "MB",
        database -> number(database, "select pg_total_relation_size('workflow_state_history') / 1e6"), "naive");
  }

  private void statistics() throws Exception {
    progress("%,d usage rows for the statistics".formatted(USAGE_ROWS));
    execute("naive", "alter table agent_usage disable trigger count_usage");
    for (String side : List.of("ours", "naive")) {
      execute(side, "truncate agent_usage");
      psql(side, "usage-bulk.sql", "rows=" + USAGE_ROWS);
      execute(side, "vacuum analyze agent_usage", "vacuum analyze agents");
      psql(side, "statistics.sql");
    }
    execute("naive", "alter table agent_usage enable trigger count_usage");
    Map<String, String> views = Map.of("ours", "agent_statistics", "naive", "plain_statistics");
    compare("statistics of %,d usage rows refreshed".formatted(USAGE_ROWS), "ms",
        side -> time(side, "refresh materialized view " + views.get(side)), "naive");
    compare("the same, concurrently", "ms",
        side -> time(side, "refresh materialized view concurrently " + views.get(side)), "naive");
    execute("ours", "refresh materialized view plain_statistics");
    figure("agents for which ours and the plain definition differ", query("ours", """
        select count(*) from (select * from agent_statistics except select * from plain_statistics) different"""));
  }

  private void search() throws Exception {
    List<String> queries = loadVectors();
    buildIndex(16, 64);
    List<List<String>> exact = new ArrayList<>();
    double exactTime = search(queries, "set enable_indexscan = off", nearest(100), exact);
    record Search(String name, String sql, int rows, boolean all) {}
    double threshold = 0.5; // which mostly fewer than a hundred of 50,000 vectors reach
    List<Search> searches = List.of(new Search("clients' query, LIMIT 10", nearest(10), 10, true),
        new Search("clients' query, LIMIT 100", nearest(100), 100, true),
        new Search("search_agents, 10", "select id::text from search_agents(?::vector, 10)", 10, true),
        new Search("search_agents, 100", "select id::text from search_agents(?::vector, 100)", 100, true),
        new Search("search_agents, 100, of one category",
            "select id::text from search_agents(?::vector, 100, -1, 'category-1')", 100, false),
        new Search("search_agents, 100, with a threshold",
            "select id::text from search_agents(?::vector, 100, %s)".formatted(threshold), 100, false),
        new Search("search_agents, 500, with a threshold",
            "select id::text from search_agents(?::vector, 500, %s)".formatted(threshold), 500, false));
    execute("ours", "drop schema if exists before cascade", "create schema before",
        "set search_path = before, public;" + Files.readString(Path.of("changelog/1.0/agents/search_agents.sql"))
            .replace("@schema@.agents", "public.agents"));
    String qualifying = "select id::text from agents where 1 - (embedding <=> ?::vector) >= " + threshold;
    List<List<String>> allQualifying = new ArrayList<>();
    search(queries, "set enable_indexscan = off", qualifying, allQualifying);
    for (Search search : searches) {
      progress(search.name());
      List<List<String>> found = new ArrayList<>();
      double time = search(queries, "reset enable_indexscan", search.sql(), found);
      row(search.name() + ", %,d vectors".formatted(VECTORS), "%.2f ms".formatted(time), "exact scan",
          "%.1f ms".formatted(exactTime), "%.3f".formatted(time / exactTime));
      if (search.all()) {
        figure("&nbsp;&nbsp;rows, at the least; recall@%d".formatted(search.rows()), "%d; %.4f"
            .formatted(found.stream().mapToInt(List::size).min().orElseThrow(), recall(exact, found, search.rows())));
      } else if (search.name().endsWith("threshold")) {
        figure("&nbsp;&nbsp;of the qualifying rows, as far as the limit goes",
            "%d of %d".formatted(found.stream().mapToInt(List::size).sum(),
                allQualifying.stream().mapToInt(rows -> Math.min(rows.size(), search.rows())).sum()));
      }
    }
    Map<String, String> schemas = Map.of("ours", "public", "release 1.0", "before");
    compare("search_agents, 10, %,d vectors".formatted(VECTORS), "µs",
        side -> 1000 * search(queries, "reset enable_indexscan",
            "select id::text from %s.search_agents(?::vector, 10)".formatted(schemas.get(side)), new ArrayList<>()),
        "release 1.0");
  }

  /** The page on semantic search shows this table. */
  private void hnswParameters() throws Exception {
    List<String> queries = loadVectors();
    List<List<String>> exact = new ArrayList<>();
    execute("ours", "drop index if exists agents_embedding_idx");
    double exactTime = search(queries, "set enable_indexscan = off", nearest(100), exact);
    table.add("");
    table.add("| type | m | ef_construction | build, s | size, MB | "
        + EF_SEARCH.stream().map(ef -> "ef_search " + ef).collect(Collectors.joining(" | ")) + " |");
    table.add("|---|---|---|---|---|" + "---|".repeat(EF_SEARCH.size()));
    for (int[] parameters : new int[][] {{8, 64}, {16, 64}, {16, 128}, {16, 256}, {32, 128}}) {
      double built = buildIndex(parameters[0], parameters[1]);
      hnswRow("vector", parameters, built, queries, exact);
    }
    execute("ours", "drop index agents_embedding_idx");
    double built = time("ours",
        "create index agents_embedding_idx on agents using hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) with (m = 16, ef_construction = 64)");
    hnswRow("halfvec", new int[] {16, 64}, built, queries, exact);
    table.add("| exact scan | | | | | %.1f ms |".formatted(exactTime) + " |".repeat(EF_SEARCH.size() - 1));
  }

  private void hnswRow(String type, int[] parameters, double built, List<String> queries, List<List<String>> exact)
      throws Exception {
    StringBuilder row = new StringBuilder("| %s | %d | %d | %.1f | %.0f |".formatted(type, parameters[0], parameters[1],
        built / 1000, number("ours", "select pg_relation_size('agents_embedding_idx') / 1e6")));
    for (int efSearch : EF_SEARCH) {
      // as search_agents does it: where the index has fewer candidates than rows are asked for, it goes on
      String settings = "set hnsw.iterative_scan = relaxed_order; set hnsw.ef_search = " + efSearch;
      List<List<String>> ten = new ArrayList<>();
      List<List<String>> hundred = new ArrayList<>();
      double time = search(queries, settings, nearest(10, type), ten);
      double timeOfHundred = search(queries, settings, nearest(100, type), hundred);
      row.append(" %.4f, %.2f ms; %.4f, %.2f ms |".formatted(recall(exact, ten, 10), time, recall(exact, hundred, 100),
          timeOfHundred));
    }
    table.add(row.toString());
    Working.done();
    System.out.println(row);
  }

  /** The run itself: what Maven and Liquibase add to the SQL. */
  private void theRunItself() throws Exception {
    maven("-o", "-Poffline", "liquibase:updateSQL");
    server.copyFileToContainer(MountableFile.forHostPath("target/liquibase/migrate.sql"), "/tmp/migrate.sql");
    Map<String, Measure> sides = new LinkedHashMap<>();
    sides.put("ours", side -> maven(named("ours", "-o", "liquibase:update")));
    sides.put("mvn validate", side -> maven(named("ours", "-o", "validate")));
    compare("update with nothing to do", "ms", side -> sides.get(side).on(side), "mvn validate");
    sides.put("ours", side -> {
      execute("mycelium", "drop database if exists fresh", "create database fresh");
      return maven(named("fresh", "-o", "liquibase:update"));
    });
    sides.put("an update with nothing to do", side -> maven(named("fresh", "-o", "liquibase:update")));
    sides.put("psql with the same SQL", side -> {
      execute("mycelium", "drop database if exists fresh", "create database fresh");
      long start = System.nanoTime();
      inContainer("psql -q -U mycelium -d fresh -v ON_ERROR_STOP=1 --single-transaction -f /tmp/migrate.sql");
      return (System.nanoTime() - start) / 1e6;
    });
    compare("update from empty", "ms", side -> sides.get(side).on(side), "an update with nothing to do",
        "psql with the same SQL");
  }

  /** The clients' query, without its threshold. */
  private static String nearest(int limit) {
    return nearest(limit, "vector");
  }

  private static String nearest(int limit, String type) {
    return "select id::text from agents where embedding is not null order by embedding::%1$s(384) <=> ?::%1$s(384) limit %2$d"
        .formatted(type, limit);
  }

  // Measuring

  private void compare(String what, String unit, Measure measure, String... others) throws Exception {
    List<String> sides = new ArrayList<>(List.of("ours"));
    sides.addAll(List.of(others));
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    for (int round = 1; round <= ROUNDS; round++) {
      for (String side : sides) {
        progress("%s, round %d of %d: %s".formatted(what, round, ROUNDS, side));
        figures.computeIfAbsent(side, none -> new ArrayList<>()).add(measure.on(side.replaceFirst(" \\(.*", "")));
      }
    }
    List<Double> ours = figures.get("ours");
    for (String other : others) {
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        ratios.add(ours.get(round) / figures.get(other).get(round));
      }
      row(what, "%,.0f %s".formatted(median(ours), unit), other, "%,.0f %s".formatted(median(figures.get(other)), unit),
          "%.2f".formatted(median(ratios)));
    }
  }

  private void figure(String what, String ours) {
    row(what, ours, "", "", "");
  }

  private void figure(String what, String ours, String other, String its) {
    row(what, ours, other, its, "");
  }

  private void row(String... cells) {
    table.add("| " + String.join(" | ", cells) + " |");
    Working.done();
    System.out.println("  = " + String.join(" | ", cells));
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static void progress(String what) {
    Working.at("%4d s  %s".formatted((System.nanoTime() - START) / 1_000_000_000, what), "");
  }

  // Vectors

  /**
   * Fills agents with WordNet's glosses, embedded by the real model, without the index. Returns 100 more vectors to
   * search for.
   */
  private List<String> loadVectors() throws Exception {
    if (!Files.exists(GLOSSES) || lines(GLOSSES).count() < VECTORS + QUERIES) {
      embedGlosses();
    }
    if (number("ours", "select count(*) from agents") != VECTORS) {
      progress("loading %,d vectors".formatted(VECTORS));
      execute("ours", "truncate agents cascade", "drop index if exists agents_embedding_idx");
      try (Connection connection = connect("ours")) {
        CopyIn copy = connection.unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("copy agents (%s) from stdin".formatted(GLOSS_COLUMNS));
        for (String line : (Iterable<String>) lines(GLOSSES).limit(VECTORS)::iterator) {
          byte[] row = (line + "\n").getBytes(StandardCharsets.UTF_8);
          copy.writeToCopy(row, 0, row.length);
        }
        copy.endCopy();
      }
      execute("ours", "vacuum analyze agents");
    }
    return lines(GLOSSES).skip(VECTORS).limit(QUERIES).map(line -> line.substring(0, line.indexOf('\t'))).toList();
  }

  /** Embeds glosses as a user embeds agents, and keeps the rows in {@link #GLOSSES}. */
  private void embedGlosses() throws Exception {
    List<String> glosses = new ArrayList<>();
    for (String part : List.of("noun", "verb", "adj", "adv")) {
      try (BufferedReader data = new BufferedReader(
          new InputStreamReader(Benchmark.class.getResourceAsStream("/net/sf/extjwnl/data/wordnet/wn31/data." + part),
              StandardCharsets.UTF_8))) {
        data.lines()
            .filter(line -> line.contains(" | "))
            .forEach(line -> glosses.add(line.replaceFirst(".*? \\| ", "").strip()));
      }
    }
    List<String> some = new ArrayList<>(new LinkedHashSet<>(glosses));
    Collections.shuffle(some, new Random(1));
    progress("embedding %,d glosses, once: they stay in %s".formatted(VECTORS + QUERIES, GLOSSES));
    execute("ours", "truncate agents cascade", "drop index if exists agents_embedding_idx");
    try (Connection connection = connect("ours");
        PreparedStatement insert = connection.prepareStatement(
            """
                insert into agents (id, agent_id, agent_type, name, display_name, category, description, file_path)
                select lpad(n::text, 32, '0')::uuid, n, n, n, n, 'category-' || n % 20, gloss, 'f' from unnest(?::text[]) with ordinality gloss(gloss, n)""")) {
      insert.setArray(1, connection.createArrayOf("text", some.subList(0, VECTORS + QUERIES).toArray()));
      insert.execute();
    }
    double time = maven(named("ours", "-Pembed"));
    figure("%,d glosses embedded, without the index".formatted(VECTORS + QUERIES),
        "%,.0f per s".formatted((VECTORS + QUERIES) * 1000 / time));
    Files.createDirectories(GLOSSES.getParent());
    try (Connection connection = connect("ours");
        OutputStream file = new GZIPOutputStream(Files.newOutputStream(GLOSSES))) {
      connection.unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("copy (select %s from agents order by id) to stdout".formatted(GLOSS_COLUMNS), file);
    }
    execute("ours", "truncate agents cascade");
  }

  private static Stream<String> lines(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8)).lines();
  }

  private double buildIndex(int m, int efConstruction) throws Exception {
    progress("building the HNSW index with m = %d, ef_construction = %d".formatted(m, efConstruction));
    execute("ours", "drop index if exists agents_embedding_idx");
    return time("ours",
        "create index agents_embedding_idx on agents using hnsw (embedding vector_cosine_ops) with (m = %d, ef_construction = %d)"
            .formatted(m, efConstruction));
  }

  /** Runs each search once, after one to warm up. Returns the median time in milliseconds. */
  private double search(List<String> queries, String setting, String sql, List<List<String>> found) throws Exception {
    List<Double> times = new ArrayList<>();
    try (Connection connection = connect("ours"); Statement statement = connection.createStatement()) {
      statement.execute(setting);
      statement.execute("set max_parallel_workers_per_gather = 0");
      try (PreparedStatement search = connection.prepareStatement(sql)) {
        for (int i = -1; i < queries.size(); i++) {
          // sent with the type vector, as asyncpg does
          search.setObject(1, queries.get(Math.max(i, 0)), Types.OTHER);
          long start = System.nanoTime();
          List<String> rows = new ArrayList<>();
          try (ResultSet result = search.executeQuery()) {
            while (result.next()) {
              rows.add(result.getString(1));
            }
          }
          if (i >= 0) {
            times.add((System.nanoTime() - start) / 1e6);
            found.add(rows);
          }
        }
      }
    }
    return median(times);
  }

  private static double recall(List<List<String>> exact, List<List<String>> found, int nearest) {
    double hits = 0;
    for (int i = 0; i < exact.size(); i++) {
      Set<String> truth = new HashSet<>(exact.get(i).subList(0, nearest));
      hits += found.get(i).stream().limit(nearest).filter(truth::contains).count();
    }
    return hits / exact.size() / nearest;
  }

  // Tools

  /** The words of a Maven command, with the options that name a database. */
  private String[] named(String database, String... words) {
    return Stream
        .concat(Stream.of(words),
            Stream.of("-Dliquibase.url=" + url(database), "-Dliquibase.username=mycelium",
                "-Dliquibase.password=mycelium"))
        .toArray(String[]::new);
  }

  /** Milliseconds of {@code mvn -B -q words...}. */
  private double maven(String... words) throws Exception {
    Path output = Path.of("target/bench-maven.log");
    long start = System.nanoTime();
    int exitCode = MavenRun.start(output, words).waitFor();
    double time = (System.nanoTime() - start) / 1e6;
    if (exitCode != 0) {
      throw new IllegalStateException(Files.readString(output));
    }
    return time;
  }

  /** Bytes of write-ahead log that an action makes. */
  private double wal(String database, Action action) throws Exception {
    String before = query(database, "select pg_current_wal_insert_lsn()");
    action.run();
    return number(database, "select pg_current_wal_insert_lsn() - '%s'".formatted(before));
  }

  /** Runs a script by psql. Returns the milliseconds that its statements took. */
  private double psql(String database, String script, String... variables) throws Exception {
    StringBuilder command = new StringBuilder("psql -X -q -U mycelium -v ON_ERROR_STOP=1 -d " + database);
    for (String variable : variables) {
      command.append(" -v ").append(variable);
    }
    Matcher times = Pattern.compile("(?m)^Time: ([0-9.]+) ms")
        .matcher(inContainer(command + " -c '\\timing on' -f /bench/" + script));
    double sum = 0;
    while (times.find()) {
      sum += Double.parseDouble(times.group(1));
    }
    return sum;
  }

  /** Transactions a second of a script. */
  private double pgbench(String database, String script, int clients, String... variables) throws Exception {
    return pgbench(database, List.of(script), clients, SECONDS, variables);
  }

  private double pgbench(String database, List<String> scripts, int clients, int seconds, String... variables)
      throws Exception {
    StringBuilder command =
        new StringBuilder("pgbench -n -M prepared -U mycelium -c %d -j 2 -T %d".formatted(clients, seconds));
    for (String variable : variables) {
      command.append(" -D ").append(variable);
    }
    for (String script : scripts) {
      command.append(" -f /bench/").append(script);
    }
    String output = inContainer(command + " " + database);
    Matcher rate = Pattern.compile("(?m)^tps = ([0-9.]+)").matcher(output);
    if (!rate.find() || output.contains("aborted")) {
      throw new IllegalStateException(output);
    }
    return Double.parseDouble(rate.group(1));
  }

  private String inContainer(String command) throws IOException, InterruptedException {
    ExecResult result = server.execInContainer("sh", "-c", command);
    if (result.getExitCode() != 0) {
      throw new IllegalStateException(command + "\n" + result.getStdout() + result.getStderr());
    }
    return result.getStdout() + result.getStderr();
  }

  private double time(String database, String sql) throws Exception {
    long start = System.nanoTime();
    execute(database, sql);
    return (System.nanoTime() - start) / 1e6;
  }

  private void execute(String database, String... statements) throws SQLException {
    try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private double number(String database, String sql) throws SQLException {
    return Double.parseDouble(query(database, sql));
  }

  private String query(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), "mycelium", "mycelium");
  }

  private String url(String database) {
    return "jdbc:postgresql://%s:%d/%s".formatted(server.getHost(),
        server.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT), database);
  }
}
