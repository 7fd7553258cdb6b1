package io.mycelium.migrations;

/** Why something was not done, for whoever asked for it; no fault of the program, so without a stack trace. */
public final class Refused extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param message what is wrong, and what to do about it
   */
  public Refused(String message) {
    super(message, null, false, false);
  }
}
