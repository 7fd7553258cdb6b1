package io.mycelium.migrations.maven;

import io.mycelium.migrations.Refused;

/**
 * Letters that Java could not read. In the locale C or POSIX, as cron and containers have it, it knows ASCII alone, and
 * makes each byte of another letter the same replacement character: a search would find something else, a password
 * would be wrong.
 */
final class Unreadable {

  private static final char REPLACEMENT = '\uFFFD';

  private Unreadable() {}

  /**
   * Refuses a text with such a letter.
   *
   * @param source what holds the text, such as {@code -Dquery}
   * @param text the text, which no message shows
   * @throws Refused if there is one; the message says what to do
   */
  static void refuse(String source, String text) throws Refused {
    if (source.indexOf(REPLACEMENT) >= 0 || text.indexOf(REPLACEMENT) >= 0) {
      throw new Refused(("%s has a letter that is not in ASCII, and in this shell's locale Java reads no other."
          + " Put LC_ALL=C.UTF-8 in front of the command: LC_ALL=C.UTF-8 mvn ...").formatted(source));
    }
  }
}
