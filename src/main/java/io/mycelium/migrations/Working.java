package io.mycelium.migrations;

import java.io.Console;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Prints how far a long piece of work is, so that whoever waits sees that it goes on. On a terminal it is one line that
 * changes, and disappears at the end. Elsewhere it is a line for each step, and one every ten seconds within a step.
 */
public final class Working {

  private static final Working SHOWN = new Working(System.err, isTerminal(), System::nanoTime);

  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;
  private static final int WIDTH = 79;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;
  private String step = "";
  private long last;
  private boolean moving;

  /**
   * For a test of it.
   *
   * @param out where it is said
   * @param terminal whether a line can move there
   * @param clock in nanoseconds
   */
  Working(PrintStream out, boolean terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /**
   * Says it to whoever runs this process, beside its output.
   *
   * @param step what is done now
   * @param howFar how far that is; empty if nobody knows
   */
  public static void at(String step, String howFar) {
    SHOWN.say(step, howFar);
  }

  /** Takes the line that moves away, for something else to be said. */
  public static void done() {
    SHOWN.clear();
  }

  synchronized void say(String nowStep, String howFar) {
    String line = howFar.isEmpty() ? nowStep : nowStep + ": " + howFar;
    if (terminal) {
      out.print("\r\033[K" + (line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line));
      out.flush();
      moving = true;
    } else if (!nowStep.equals(step) || clock.getAsLong() - last >= NANOS_BETWEEN_LINES) {
      out.println(line);
      last = clock.getAsLong();
    }
    step = nowStep;
  }

  synchronized void clear() {
    if (moving) {
      out.print("\r\033[K");
      out.flush();
      moving = false;
    }
  }

  /** From Java 22 on there is a console without a terminal as well, and a method that tells. */
  @SuppressWarnings("SystemConsoleNull") // the Javadoc says why
  private static boolean isTerminal() {
    try {
      return System.console() != null && (Runtime.version().feature() < 22
          || (boolean) Console.class.getMethod("isTerminal").invoke(System.console()));
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
