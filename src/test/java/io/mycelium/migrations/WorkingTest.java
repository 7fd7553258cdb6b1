package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Long work shows itself: by a line that moves on a terminal, and by few lines in a log. */
class WorkingTest {

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private long seconds;

  @Test
  void onATerminalOneLineMovesAndIsGoneInTheEnd() {
    Working working = working(true);
    working.say("copying agents", "1 of 3 rows");
    working.say("copying agents", "3 of 3 rows");
    working.clear();
    working.clear();
    assertThat(said()).isEqualTo("\r\033[Kcopying agents: 1 of 3 rows\r\033[Kcopying agents: 3 of 3 rows\r\033[K");
  }

  @Test
  void aLineThatWouldNotFitIsShortened() {
    working(true).say("x".repeat(100), "");
    assertThat(said()).isEqualTo("\r\033[K" + "x".repeat(78) + "…");
  }

  @Test
  void inALogEachStepIsALineAndWithinAStepOneInTenSeconds() {
    Working working = working(false);
    for (seconds = 100; seconds < 115; seconds++) {
      working.say("copying agents", seconds + " rows");
    }
    working.say("copying usage", "");
    working.clear();
    assertThat(said().lines()).containsExactly("copying agents: 100 rows", "copying agents: 110 rows", "copying usage");
  }

  private Working working(boolean terminal) {
    return new Working(new PrintStream(said, true, StandardCharsets.UTF_8), terminal,
        () -> TimeUnit.SECONDS.toNanos(seconds));
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }
}
