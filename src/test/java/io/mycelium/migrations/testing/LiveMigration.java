package io.mycelium.migrations.testing;

import io.mycelium.migrations.changelog.Changelog;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.database.jvm.JdbcConnection;

/** Changesets that are applied and rolled back while clients work, on a connection as the Maven goals have it. */
public final class LiveMigration {

  private LiveMigration() {}

  /**
   * Applies the next changesets of a changelog and rolls them back, again and again until each client has done a full
   * round meanwhile; then applies them once more, and lets each do another round.
   *
   * @param changelog its path from the project's folder
   * @param what names them
   * @return what went wrong for clients or for the changesets, a line each; empty if nothing did
   */
  public static List<String> problems(TestDatabase database, String changelog, int count, String what)
      throws Exception {
    return problems(database, changelog, count, what, UnaryOperator.identity(), 384);
  }

  /**
   * The same, with clients of another version, as {@link ClientTraffic#start(TestDatabase, UnaryOperator, int)} has
   * them.
   */
  public static List<String> problems(TestDatabase database, String changelog, int count, String what,
      UnaryOperator<String> version, int dimensions) throws Exception {
    try (ClientTraffic traffic = ClientTraffic.start(database, version, dimensions)) {
      List<String> problems = new ArrayList<>();
      Map<ClientSession, Integer> start = traffic.now();
      boolean fine = succeeds(traffic, what + ", update", problems, () -> update(database, changelog, count));
      do {
        fine = fine && succeeds(traffic, what + ", rollback", problems, () -> rollback(database, changelog, count))
            && succeeds(traffic, what + ", update", problems, () -> update(database, changelog, count));
      } while (fine && !traffic.fullRoundSince(start));
      traffic.during(what + ", afterwards");
      traffic.awaitRound();
      problems.addAll(traffic.stop());
      for (String wrong : database.query(Metrics.WRONG + " limit 3")) {
        problems.add(what + ": wrong metrics, " + wrong);
      }
      System.out.printf("  %s: %s%n", what, traffic.summary());
      return problems;
    }
  }

  /** Applies the next changesets. */
  public static void update(TestDatabase database, String changelog, int count) throws Exception {
    run(database, changelog, liquibase -> liquibase.update(count, new Contexts(), new LabelExpression()));
  }

  private static void rollback(TestDatabase database, String changelog, int count) throws Exception {
    run(database, changelog, liquibase -> liquibase.rollback(count, ""));
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
