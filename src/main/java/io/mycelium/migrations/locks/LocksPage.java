package io.mycelium.migrations.locks;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page on what every changeset and every rollback locks: {@code docs/locks.md}. */
public final class LocksPage {

  /** The path of the page. It starts where the changelog's paths do. */
  public static final String PATH = "docs/locks.md";

  private static final String NOTHING = "nothing that existed before";
  private static final Pattern ROW = Pattern.compile("\\| (.*?) \\| (.*?) \\| (.*?) \\| (.*?) \\| (.*?) \\| (.*?) \\|");

  private LocksPage() {}

  /**
   * The page's text.
   *
   * @param traced what was seen of every changeset and rollback, in the order of the changelog
   */
  public static String of(List<Traced> traced) {
    StringBuilder page = new StringBuilder("""
        # What each changeset locks

        Measured, not guessed: every changeset and every rollback ran on a database with rows in each table,
        and before each commit its own session was asked which locks it held. `mvn -Pdocs` writes this page,
        and a test compares it with a server.

        A lock lasts to the end of the changeset's transaction. *An instant* means that only the catalog changes
        while it is held. The page leaves out relations that the changeset itself makes, and locks for which
        nobody waits unless a table is read in full meanwhile.
        [What a changeset may lock](adding-a-migration.md#on-a-live-table).
        """);
    Map<String, List<String>> changeSets = new LinkedHashMap<>();
    String part = null;
    for (Traced one : traced) {
      String release = one.file().replaceFirst("^changelog/", "").replaceFirst("/.*", "").replaceFirst("\\.yaml$", "");
      if (!release.equals(part)) {
        flush(page, changeSets);
        part = release;
        page.append("\n## ")
            .append(release)
            .append(
                "\n\n| Changeset | Direction | Relation | Lock | Who waits | Meanwhile |\n|---|---|---|---|---|---|\n");
      }
      List<String> rows = changeSets.computeIfAbsent(one.changeSet(), id -> new ArrayList<>());
      one.touched()
          .forEach(touched -> rows.add(row(touched.changeSet(), touched.direction(), "`" + touched.relation() + "`",
              touched.lock(), touched.waits(), touched.meanwhile())));
    }
    flush(page, changeSets);
    return page.toString();
  }

  private static void flush(StringBuilder page, Map<String, List<String>> changeSets) {
    changeSets.forEach((id, rows) -> (rows.isEmpty() ? List.of(row(id, "both", NOTHING, "", "nobody", "")) : rows)
        .forEach(page::append));
    changeSets.clear();
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /**
   * What the update and the rollback of a changeset lock.
   *
   * @param changelog the changelog, beside which the page stands, in a folder or a jar
   * @param changeSet its id
   * @return one for each relation; empty if it locks nothing
   * @throws Refused if the page does not have the changeset, so that it is stale
   */
  public static List<Touched> touched(Changelog changelog, String changeSet) throws IOException, Refused {
    List<Matcher> rows = changelog.text(PATH)
        .lines()
        .map(ROW::matcher)
        .filter(row -> row.matches() && row.group(1).equals(changeSet))
        .toList();
    if (rows.isEmpty()) {
      throw new Refused(PATH + " does not have " + changeSet + "; refresh it: mvn -Pdocs");
    }
    return rows.stream()
        .filter(row -> !row.group(3).equals(NOTHING))
        .map(row -> new Touched(changeSet, row.group(2), row.group(3).replace("`", ""), row.group(4), row.group(5),
            row.group(6)))
        .toList();
  }

  /** The same in a line each, as {@link Touched} writes them; one that says so where it locks nothing. */
  public static List<String> lines(Changelog changelog, String changeSet) throws IOException, Refused {
    List<Touched> touched = touched(changelog, changeSet);
    return touched.isEmpty() ? List.of("locks " + NOTHING) : touched.stream().map(Touched::toString).toList();
  }
}
