package io.mycelium.migrations.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An object that is missing, extra or different.
 *
 * @param object its kind and name, such as {@code table agents} or {@code column agents.embedding}
 * @param expected the SQL of what ought to be there; null if nothing ought to
 * @param found the SQL of what is there; null if nothing is, and empty if it was not read
 * @param relation the kind and name of the table or view that it is part of; null if none
 * @param foreign whether the migrations did not make it: another application's object, or an installation's own choice
 * @param installations whether it is an installation's own choice
 */
public record Difference(String object, String expected, String found, String relation, boolean foreign,
    boolean installations) {

  /** Another application's object, of which only the kind and name were read. */
  public static Difference unread(String object) {
    return new Difference(object, null, "", null, true, false);
  }

  /** The differences by name. Of a table that is missing or extra, there is only the table itself and not its parts. */
  static List<Difference> between(SortedMap<String, Item> expected, SortedMap<String, Item> found) {
    SortedSet<String> names = new TreeSet<>(expected.keySet());
    names.addAll(found.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      Item left = expected.get(name);
      Item right = found.get(name);
      String relation = (left == null ? right : left).relation();
      boolean ofAWhole = relation != null && expected.containsKey(relation) != found.containsKey(relation);
      if (ofAWhole) {
        continue;
      }
      if (left == null) {
        boolean foreign = right.installations() || relation == null || !expected.containsKey(relation);
        differences.add(new Difference(name, null, right.whole(), relation, foreign, right.installations()));
      } else if (right == null) {
        differences.add(new Difference(name, left.whole(), null, relation, false, left.installations()));
      } else if (!same(left, right)) {
        differences.add(new Difference(name, left.definition(), right.definition(), relation, left.installations(),
            left.installations()));
      }
    }
    return differences;
  }

  private static boolean same(Item left, Item right) {
    return left.definition().equals(right.definition()) || left.name().startsWith("index ")
        && Parentheses.single(left.definition()).equals(Parentheses.single(right.definition()));
  }

  /**
   * What is wrong with the object, then both definitions. Of an object that is different, only the lines that differ.
   */
  @Override
  public String toString() {
    String wrong = found == null ? "missing" : expected == null ? "extra" : "different";
    return wrong + ": " + object + side("expected", expected, found) + side("found", found, expected);
  }

  private static String side(String name, String definition, String other) {
    List<String> others = other == null ? List.of() : other.lines().toList();
    List<String> lines = new ArrayList<>();
    if (definition != null) {
      lines.addAll(definition.lines().filter(line -> !line.isBlank() && !others.contains(line)).toList());
    }
    return lines.isEmpty() ? "" : "\n  " + name + ": " + String.join("\n    ", lines).strip();
  }
}
