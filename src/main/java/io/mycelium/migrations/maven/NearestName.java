package io.mycelium.migrations.maven;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Finds what somebody meant who mistyped a name. */
final class NearestName {

  private NearestName() {}

  /**
   * The name that is most like a mistyped one.
   *
   * @param mistyped the mistyped name
   * @param names the names that there are, at least one
   */
  static String to(String mistyped, Collection<String> names) {
    return names.stream().min(Comparator.comparing(name -> distance(mistyped, name))).orElseThrow();
  }

  /**
   * How many letters to change, add or remove to turn one word into the other, whatever their case (Levenshtein's
   * distance).
   */
  static int distance(String one, String other) {
    String from = one.toLowerCase(Locale.ROOT);
    String to = other.toLowerCase(Locale.ROOT);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
