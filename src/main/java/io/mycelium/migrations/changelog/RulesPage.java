package io.mycelium.migrations.changelog;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of the rules in {@code docs/adding-a-migration.md}, each between two comments that name it. */
public final class RulesPage {

  /** The page, from where the changelog's paths start. */
  public static final String PATH = "docs/adding-a-migration.md";

  private RulesPage() {}

  /**
   * The page with new tables.
   *
   * @param page its text
   */
  public static String of(String page) {
    return withTable(withTable(page, "of the changelog", Rule.OF_THE_CHANGELOG), "on a live table",
        Rule.ON_A_LIVE_TABLE);
  }

  private static String withTable(String page, String name, Collection<Rule> rules) {
    String begin = "<!-- the rules " + name + ", made by mvn -Pdocs -->\n";
    String end = "<!-- the end of the rules " + name + " -->";
    Matcher table = Pattern.compile(Pattern.quote(begin) + ".*?" + Pattern.quote(end), Pattern.DOTALL).matcher(page);
    if (!table.find()) {
      throw new IllegalStateException(PATH + " has no place for the rules " + name + ": " + begin + end);
    }
    String rows = rules.stream()
        .map(rule -> "| `%s` | %s | %s | %s |\n".formatted(rule.id(), code(rule.bad()), code(rule.good()),
            sentence(rule.reason())))
        .collect(Collectors.joining());
    return page.substring(0, table.start()) + begin + "\n| Rule | Instead of | Write | Why |\n|---|---|---|---|\n"
        + rows + "\n" + end + page.substring(table.end());
  }

  private static String code(String example) {
    return Arrays.stream(example.split("\n"))
        .map(changeSet -> (changeSet.startsWith(Rule.OUTSIDE) ? "`runInTransaction: false` and `" : "`")
            + changeSet.replaceFirst("^" + Rule.OUTSIDE, "") + "`")
        .collect(Collectors.joining("<br>next changeset: "));
  }

  private static String sentence(String reason) {
    return (reason.startsWith("`") ? reason : reason.substring(0, 1).toUpperCase(Locale.ROOT) + reason.substring(1))
        + ".";
  }
}
