package io.mycelium.migrations.plan;

import java.sql.SQLException;

/** What PostgreSQL says of a statement that fails. */
final class Failure {

  private Failure() {}

  /** Its message, without the word ERROR, and without the place in the statement. */
  static String words(Throwable failure) {
    SQLException cause = cause(failure);
    String message = String.valueOf((cause == null ? failure : cause).getMessage());
    return message.lines().findFirst().orElse("").replaceFirst("^ERROR: ", "");
  }

  /** Whether a value stood in the way: it did not fit, or a check found it. */
  static boolean isOfData(Throwable failure) {
    SQLException cause = cause(failure);
    return cause != null && cause.getSQLState() != null && cause.getSQLState().matches("2[23].*");
  }

  private static SQLException cause(Throwable failure) {
    SQLException found = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      found = cause instanceof SQLException sql && sql.getSQLState() != null ? sql : found;
    }
    return found;
  }
}
