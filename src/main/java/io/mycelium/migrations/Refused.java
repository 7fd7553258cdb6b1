package io.mycelium.migrations;

/**
 * Something was not done, for a reason that its user can mend. It is no fault of the program, so it has no stack trace.
 */
public final class Refused extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param message what is wrong, and what to do about it
   */
  public Refused(String message) {
    this(message, null);
  }

  /**
   * A refusal.
   *
   * @param message what is wrong, and what to do about it
   * @param cause the failure that shows it
   */
  public Refused(String message, Exception cause) {
    super(message, cause, false, false);
  }
}
