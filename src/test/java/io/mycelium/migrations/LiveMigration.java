package io.mycelium.migrations;

import io.mycelium.migrations.changelog.Changelog;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.database.jvm.JdbcConnection;

/** A changeset that is applied and rolled back while clients work, on a connection as the Maven goals have it. */
final class LiveMigration {

  private LiveMigration() {}

  /**
   * Applies the next changeset of a changelog and rolls it back, again and again until each client has done a full
   * round meanwhile; then applies it once more, and lets each do another round.
   *
   * @param changelog its path from the project's folder
   * @return what went wrong for clients or for the changeset, a line each; empty if nothing did
   */
  static List<String> problems(TestDatabase database, String changelog, String id) throws Exception {
    return problems(database, changelog, id, UnaryOperator.identity(), 384);
  }

  /** The same, with clients of another version, as {@link ClientTraffic#start(TestDatabase, UnaryOperator, int)} has them. */
  static List<String> problems(TestDatabase database, String changelog, String id, UnaryOperator<String> version, int dimensions)
      throws Exception {
    try (ClientTraffic traffic = ClientTraffic.start(database, version, dimensions)) {
      List<String> problems = new ArrayList<>();
      Map<ClientTraffic.Session, Integer> start = traffic.now();
      boolean fine = succeeds(traffic, id + ", update", problems, () -> update(database, changelog));
      do {
        fine = fine && succeeds(traffic, id + ", rollback", problems, () -> rollback(database, changelog))
            && succeeds(traffic, id + ", update", problems, () -> update(database, changelog));
      } while (fine && !traffic.fullRoundSince(start));
      traffic.during(id + ", afterwards");
      traffic.awaitRound();
      problems.addAll(traffic.stop());
      database.query(ConcurrentClientsIT.WRONG_METRICS).stream().limit(3).map(wrong -> id + ": wrong metrics, " + wrong).forEach(problems::add);
      System.out.printf("  %s: %s%n", id, traffic.summary());
      return problems;
    }
  }

  static void update(TestDatabase database, String changelog) throws Exception {
    run(database, changelog, liquibase -> liquibase.update(1, new Contexts(), new LabelExpression()));
  }

  static void rollback(TestDatabase database, String changelog) throws Exception {
    run(database, changelog, liquibase -> liquibase.rollback(1, ""));
  }

  /** Does it, and says whether it went well for everybody. */
  private static boolean succeeds(ClientTraffic traffic, String what, List<String> problems, Action action) {
    traffic.during(what);
    try {
      action.run();
      return !traffic.hasFailed();
    } catch (Exception e) {
      problems.add("%s failed: %s; it waited for %s".formatted(what, e.getMessage(), traffic.blockersOfMigration()));
      return false;
    }
  }

  private static void run(TestDatabase database, String changelog, Changelog.Step step) throws Exception {
    try (Connection connection = database.connectAsMigration()) {
      new Changelog(Migrations.ROOT, changelog).on(new JdbcConnection(connection), step);
    }
  }

  private interface Action {
    void run() throws Exception;
  }
}
