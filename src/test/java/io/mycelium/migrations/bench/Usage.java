package io.mycelium.migrations.bench;

import io.mycelium.migrations.testing.Metrics;
import java.util.List;
import java.util.Locale;

/** What it costs to keep the metrics right. */
record Usage(Server server, Table table) implements Part {

  @Override
  public void measure() throws Exception {
    inBulk();
    oneByOne();
    bulkWritersWithCorrectionsAndDeletions();
  }

  private void inBulk() throws Exception {
    table.compare(String.format(Locale.ROOT, "%,d usage rows in one insert", Options.ROWS), "ms", this::insert, "floor",
        "naive");
    table.compare("WAL of a usage row inserted in bulk", "bytes",
        database -> server.wal(database, () -> insert(database)) / Options.ROWS, "floor");
  }

  private double insert(String database) throws Exception {
    return server.psql(database, "usage-bulk.sql", "rows=" + Options.ROWS);
  }

  private void oneByOne() throws Exception {
    server.execute("ours", "vacuum agents", "select pg_stat_reset()");
    // The copy has the rows of the bulk inserts, too.
    server.copy("floor", "limit");
    table.compare("single usage inserts, 8 clients, 1,000 agents", "per s", database -> {
      String script = database.equals("limit") ? "usage-limit.sql" : "usage-insert.sql";
      return server.pgbench(database, script, 8, "agents=1000");
    }, "limit", "floor", "naive");
    table.figure("&nbsp;&nbsp;updates of agents that were heap-only", heapOnly());
    table.compare("single usage inserts, 8 clients, 1 agent", "per s",
        database -> server.pgbench(database, "usage-insert.sql", 8, "agents=1"), "floor", "naive");
  }

  private void bulkWritersWithCorrectionsAndDeletions() throws Exception {
    Table.progress("4 bulk writers, with corrections and deletions");
    server.execute("ours", "select pg_stat_reset()");
    server.pgbench("ours", List.of("usage-bulk.sql", "usage-change.sql"), 4, Math.max(Options.SECONDS, 6), "rows=500");
    table.figure("&nbsp;&nbsp;updates of agents that were heap-only, 4 bulk writers", heapOnly());
    table.figure("deadlocks of 4 bulk writers",
        server.query("ours", "select deadlocks from pg_stat_database where datname = 'ours'"));
    String wrong =
        "select (select count(*) from (%s) wrong) || ' of ' || count(*) from agents".formatted(Metrics.WRONG);
    table.row("agents with a wrong figure, afterwards", server.query("ours", wrong), "naive, inserts alone",
        server.query("naive", wrong), "");
  }

  private String heapOnly() throws Exception {
    return server.query("ours", """
        select round(100.0 * n_tup_hot_upd / n_tup_upd, 2) || ' %'
        from pg_stat_user_tables where relname = 'agents'""");
  }
}
