package io.mycelium.migrations.bench;

import io.mycelium.migrations.Resource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** WordNet's glosses as the descriptions of agents, embedded by the real model. */
record Glosses(Server server, Table table) {

  /** The rows of the agents, as {@code copy} writes them: to embed them takes long. */
  private static final Path ROWS = Path.of(".local/glosses.copy.gz");
  private static final String COLUMNS =
      "embedding, agent_id, agent_type, name, display_name, category, description, file_path";
  private static final int QUERIES = 100;

  /** Fills agents with them, without the index. Returns 100 more vectors to search for. */
  List<String> load() throws Exception {
    if (!Files.exists(ROWS) || rows().count() < Options.VECTORS + QUERIES) {
      embed();
    }
    if (server.number("ours", "select count(*) from agents") != Options.VECTORS) {
      Table.progress(String.format(Locale.ROOT, "loading %,d vectors", Options.VECTORS));
      removeAgents();
      try (Connection connection = server.connect("ours")) {
        CopyIn copy =
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("copy agents (%s) from stdin".formatted(COLUMNS));
        for (String line : (Iterable<String>) rows().limit(Options.VECTORS)::iterator) {
          byte[] row = (line + "\n").getBytes(StandardCharsets.UTF_8);
          copy.writeToCopy(row, 0, row.length);
        }
        copy.endCopy();
      }
      server.execute("ours", "vacuum analyze agents");
    }
    return rows().skip(Options.VECTORS).limit(QUERIES).map(line -> line.substring(0, line.indexOf('\t'))).toList();
  }

  /** Embeds them as a user embeds agents, and keeps the rows in {@link #ROWS}. */
  private void embed() throws Exception {
    int count = Options.VECTORS + QUERIES;
    List<String> some = new ArrayList<>(all());
    Collections.shuffle(some, new Random(1));
    Table.progress(String.format(Locale.ROOT, "embedding %,d glosses, once: they stay in %s", count, ROWS));
    removeAgents();
    try (Connection connection = server.connect("ours"); PreparedStatement insert = connection.prepareStatement("""
        insert into agents (id, agent_id, agent_type, name, display_name, category, description, file_path)
        select lpad(n::text, 32, '0')::uuid, n, n, n, n, 'category-' || n % 20, gloss, 'f'
        from unnest(?::text[]) with ordinality gloss(gloss, n)""")) {
      insert.setArray(1, connection.createArrayOf("text", some.subList(0, count).toArray()));
      insert.execute();
    }
    double time = server.mavenOn("ours", "-Pembed");
    table.figure(String.format(Locale.ROOT, "%,d glosses embedded, without the index", count),
        String.format(Locale.ROOT, "%,.0f per s", count * 1000 / time));
    Files.createDirectories(ROWS.getParent());
    try (Connection connection = server.connect("ours");
        OutputStream file = new GZIPOutputStream(Files.newOutputStream(ROWS))) {
      connection.unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("copy (select %s from agents order by id) to stdout".formatted(COLUMNS), file);
    }
    server.execute("ours", "truncate agents cascade");
  }

  private void removeAgents() throws Exception {
    server.execute("ours", "truncate agents cascade", "drop index if exists agents_embedding_idx");
  }

  /** Each once, in WordNet's order. */
  private static Set<String> all() {
    Set<String> glosses = new LinkedHashSet<>();
    for (String part : List.of("noun", "verb", "adj", "adv")) {
      Resource.text(Glosses.class, "/net/sf/extjwnl/data/wordnet/wn31/data." + part)
          .lines()
          .filter(line -> line.contains(" | "))
          .forEach(line -> glosses.add(line.replaceFirst(".*? \\| ", "").strip()));
    }
    return glosses;
  }

  private static Stream<String> rows() throws IOException {
    InputStreamReader file =
        new InputStreamReader(new GZIPInputStream(Files.newInputStream(ROWS)), StandardCharsets.UTF_8);
    return new BufferedReader(file).lines();
  }
}
