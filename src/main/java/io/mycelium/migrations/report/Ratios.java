package io.mycelium.migrations.report;

import com.samskivert.mustache.Mustache;
import io.mycelium.migrations.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The ratios of the benchmark's table as a picture: a bar for each, to the right where ours is the better one, on a
 * scale on which twice as good and half as good are as long.
 */
public final class Ratios {

  /** A row of the table with a ratio: what, our figure, compared with, its figure, ours / its. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (.+?) \\| [\\d.,]+ (.+?) \\| (.+?) \\| .+? \\| ([\\d.]+) \\|$");

  private static final Map<String, String> OF_WHAT = Map.of("ms", "of its time", "µs", "of its time", "bytes",
      "of its bytes", "MB", "of its size", "per s", "times its rate");

  private static final double MIDDLE = 590;
  private static final double HALF = 170;

  private Ratios() {}

  private record Bar(String what, double y, String x, String width, boolean better, String says) {}

  private record Group(String name, double y, List<Bar> bars) {}

  private record Tick(String says, String x) {}

  /**
   * The picture.
   *
   * @param table a text with the table in Markdown
   * @return an SVG; the same table always gives the same
   */
  public static String picture(String table) {
    Map<String, List<MatchResult>> rows = new LinkedHashMap<>();
    double largest = 1;
    for (MatchResult row : ROW.matcher(table).results().toList()) {
      rows.computeIfAbsent(row.group(3).replaceFirst(" \\(.*", ""), none -> new ArrayList<>()).add(row);
      largest = Math.max(largest, Math.ceil(Math.abs(doublings(row))));
    }
    List<Group> groups = new ArrayList<>();
    double y = 84;
    for (Map.Entry<String, List<MatchResult>> side : rows.entrySet()) {
      List<Bar> bars = new ArrayList<>();
      Group group = new Group(side.getKey(), y, bars);
      for (MatchResult row : side.getValue()) {
        y += 22;
        double length = doublings(row) / largest * HALF;
        bars.add(new Bar(row.group(1), y, number(length < 0 ? MIDDLE + length : MIDDLE),
            number(Math.max(Math.abs(length), 1)), length >= 0,
            row.group(4) + " " + OF_WHAT.getOrDefault(row.group(2), "of its " + row.group(2))));
      }
      groups.add(group);
      y += 40;
    }
    List<Tick> ticks = new ArrayList<>();
    for (int doublings = 2; doublings <= largest; doublings += 2) {
      for (int side : new int[] {-1, 1}) {
        ticks.add(new Tick((1 << doublings) + "×", number(MIDDLE + side * doublings / largest * HALF)));
      }
    }
    return Mustache.compiler()
        .compile(Resource.text(Ratios.class, "ratios.svg"))
        .execute(
            Map.of("groups", groups, "ticks", ticks, "middle", MIDDLE, "height", (int) y - 10, "bottom", (int) y - 34));
  }

  /** How many times ours is twice as good: less of a time or a size, more of a rate. */
  private static double doublings(MatchResult row) {
    double ratio = Double.parseDouble(row.group(4));
    return (row.group(2).equals("per s") ? 1 : -1) * Math.log(ratio) / Math.log(2);
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
