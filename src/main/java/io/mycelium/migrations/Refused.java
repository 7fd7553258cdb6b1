package io.mycelium.migrations;

/** Why something was not done, for whoever asked for it; no fault of the program, so without a stack trace. */
final class Refused extends Exception {

  private static final long serialVersionUID = 1L;

  Refused(String message) {
    super(message, null, false, false);
  }
}
