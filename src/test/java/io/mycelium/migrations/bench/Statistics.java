package io.mycelium.migrations.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How fast the statistics of the agents are refreshed. */
record Statistics(Server server, Table table) implements Part {

  @Override
  public void measure() throws Exception {
    Table.progress(String.format(Locale.ROOT, "%,d usage rows for the statistics", Options.USAGE));
    server.execute("naive", "alter table agent_usage disable trigger count_usage");
    for (String side : List.of("ours", "naive")) {
      server.execute(side, "truncate agent_usage");
      server.psql(side, "usage-bulk.sql", "rows=" + Options.USAGE);
      server.execute(side, "vacuum analyze agent_usage", "vacuum analyze agents");
      server.psql(side, "statistics.sql");
    }
    server.execute("naive", "alter table agent_usage enable trigger count_usage");
    Map<String, String> views = Map.of("ours", "agent_statistics", "naive", "plain_statistics");
    table.compare(String.format(Locale.ROOT, "statistics of %,d usage rows refreshed", Options.USAGE), "ms",
        side -> server.time(side, "refresh materialized view " + views.get(side)), "naive");
    table.compare("the same, concurrently", "ms",
        side -> server.time(side, "refresh materialized view concurrently " + views.get(side)), "naive");
    server.execute("ours", "refresh materialized view plain_statistics");
    table.figure("agents for which ours and the plain definition differ", server.query("ours", """
        select count(*) from (select * from agent_statistics except select * from plain_statistics) different"""));
  }
}
