package io.mycelium.migrations.bench;

import java.util.List;
import java.util.Locale;

/** Events and workflows: what is appended, read, deleted and kept of them. */
final class Events implements Part {

  private static final String NAIVE = "naive (four btrees)";

  private final Server server;
  private final Table table;
  private long rows;
  private int version;

  Events(Server server, Table table) {
    this.server = server;
    this.table = table;
  }

  @Override
  public void measure() throws Exception {
    append();
    readTheNewest();
    deleteTheOld();
    saveWorkflows();
  }

  private void append() throws Exception {
    table.compare(String.format(Locale.ROOT, "%,d events appended in one insert", Options.ROWS), "per s",
        database -> Options.ROWS * 1000 / append(database), NAIVE);
    table.compare("WAL of an event", "bytes", database -> server.wal(database, () -> append(database)) / Options.ROWS,
        NAIVE);
    table.compare("size of the indexes on events", "MB", database -> server.number(database, """
        select (pg_indexes_size('coordination_events') - pg_relation_size('coordination_events_pkey')) / 1e6"""),
        NAIVE);
  }

  private double append(String database) throws Exception {
    rows += Options.ROWS;
    return server.psql(database, "event-rows.sql", "rows=" + Options.ROWS, "first=" + rows);
  }

  private void readTheNewest() throws Exception {
    for (String side : List.of("ours", "naive")) {
      server.execute(side, "vacuum analyze coordination_events");
    }
    table.compare("newest 20 events, four queries", "per s",
        database -> server.pgbench(database, "event-newest.sql", 2, "rows=" + rows), NAIVE);
  }

  private void deleteTheOld() throws Exception {
    int half = (int) server.number("ours", "select pg_relation_size('coordination_events') / 8192 / 2");
    server.execute("ours", """
        update coordination_events set timestamp = timestamp - interval '60 days'
        where ctid < '(%s,0)'""".formatted(half), "vacuum coordination_events");
    double old =
        server.number("ours", "select count(*) from coordination_events where timestamp < now() - interval '30 days'");
    Table.progress("retention");
    double time = server.time("ours", "call delete_coordination_events_before(now() - interval '30 days')");
    table.figure(String.format(Locale.ROOT, "%,.0f old events deleted in batches", old),
        String.format(Locale.ROOT, "%,.0f per s", old * 1000 / time));
  }

  private void saveWorkflows() throws Exception {
    table.compare("workflow of ten tasks saved, 4 clients", "per s",
        database -> server.pgbench(database, "workflow-save.sql", 4), "naive");
    int snapshots = Math.max(Options.ROWS / 10, 1);
    table.compare(String.format(Locale.ROOT, "%,d snapshots of 10 kB (lz4, against pglz)", snapshots), "ms",
        database -> server.psql(database, "snapshot-rows.sql", "rows=" + snapshots, "version=" + ++version), "naive");
    table.compare("size of the snapshots", "MB",
        database -> server.number(database, "select pg_total_relation_size('workflow_state_history') / 1e6"), "naive");
  }
}
