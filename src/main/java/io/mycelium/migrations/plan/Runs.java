package io.mycelium.migrations.plan;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;

/**
 * Liquibase's runs of the changesets that were written.
 *
 * @param scratch the database
 * @param changelog the changelog with the changesets at its end
 * @param ids their ids
 * @param steps what each of them does
 */
record Runs(Connection scratch, Changelog changelog, List<String> ids, List<Step> steps) {

  /**
   * Applies the changesets.
   *
   * @param twice whether each runs a second time, as after a run that was killed before it was noted
   * @throws Refused if one fails; the message says which
   */
  void update(boolean twice) throws Exception {
    Repetition repetition = new Repetition(twice);
    liquibase("", repetition, liquibase -> liquibase.update(""));
  }

  /**
   * Rolls them back.
   *
   * @param twice whether each runs a second time, as after a run that was killed before it was noted
   * @throws Refused if one fails; the message says which. Its cause is the failure
   */
  void rollBack(boolean twice) throws Exception {
    Repetition repetition = new Repetition(twice);
    liquibase("the rollback of ", repetition, liquibase -> liquibase.rollback(applied(), ""));
  }

  /** Fills what a changeset needs before it, and runs it a second time if asked to. */
  private final class Repetition extends AbstractChangeExecListener {

    private final boolean twice;
    private String at = "";

    Repetition(boolean twice) {
      this.twice = twice;
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog log, Database database, ChangeSet.RunStatus status) {
      at = changeSet.getId();
      String filled = steps.get(ids.indexOf(at)).filled();
      if (filled != null) {
        quietly(() -> new Rows(scratch, new Values(scratch), Map.of()).fillIn(filled.substring(0, filled.indexOf('.')),
            filled.substring(filled.indexOf('.') + 1)));
      }
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog log, Database database, ChangeSet.ExecType type) {
      again(changeSet, () -> changeSet.execute(log, database));
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog log, Database database) {
      at = changeSet.getId();
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog log, Database database) {
      again(changeSet, () -> changeSet.rollback(database));
    }

    private void again(ChangeSet changeSet, Work work) {
      if (twice) {
        at = changeSet.getId() + ", run a second time as after a killed run,";
        quietly(work);
      }
    }
  }

  /** How many of them are applied: a rollback that failed has left some. */
  private int applied() throws SQLException {
    try (PreparedStatement statement =
        scratch.prepareStatement("select count(*) from databasechangelog where id = any(?)")) {
      statement.setArray(1, scratch.createArrayOf("text", ids.toArray()));
      try (ResultSet count = statement.executeQuery()) {
        count.next();
        return count.getInt(1);
      }
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Runs something whose exception a listener may not throw. */
  private static void quietly(Work work) {
    try {
      work.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void liquibase(String what, Repetition repetition, Changelog.Step step) throws Exception {
    try {
      changelog.on(unclosed(), liquibase -> {
        liquibase.setChangeExecListener(repetition);
        step.run(liquibase);
      });
    } catch (LiquibaseException | IllegalStateException e) {
      throw failure(what + repetition.at, e);
    }
  }

  private static Refused failure(String what, Exception e) {
    return new Refused("cannot be written, since a trial on rows in a scratch database failed: " + what + " fails: "
        + Failure.words(e) + ". Nothing was written; write it by hand: mvn -Pnew", e);
  }

  /** Liquibase closes the connection that it is given, which this trial still needs. */
  private JdbcConnection unclosed() throws SQLException {
    return new JdbcConnection(scratch) {
      @Override
      public void close() {
        try {
          if (!scratch.getAutoCommit()) {
            scratch.rollback();
            scratch.setAutoCommit(true);
          }
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }
}
