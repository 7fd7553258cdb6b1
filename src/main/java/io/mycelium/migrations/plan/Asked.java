package io.mycelium.migrations.plan;

import io.mycelium.migrations.Refused;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the user names, since it loses data, or breaks clients that still run.
 *
 * @param drops the columns, as table.column, and the tables that may be dropped
 * @param renames the new name of a column, by table.column, or of a table
 */
public record Asked(Set<String> drops, Map<String, String> renames) {

  /**
   * Reads what the command line has.
   *
   * @param drop such as {@code agents.note,teams}
   * @param rename such as {@code agents.name:title,teams:groups}
   * @throws Refused if a rename has no new name
   */
  public static Asked of(String drop, String rename) throws Refused {
    Map<String, String> renames = new LinkedHashMap<>();
    for (String pair : words(rename)) {
      String[] names = pair.split(":");
      if (names.length != 2) {
        throw new Refused("-Drename=" + rename + " is not of the form agents.name:title");
      }
      renames.put(names[0], names[1]);
    }
    return new Asked(Set.copyOf(words(drop)), renames);
  }

  private static List<String> words(String list) {
    return Stream.of(list.split(",")).filter(word -> !word.isBlank()).toList();
  }
}
