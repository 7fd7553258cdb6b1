package io.mycelium.migrations.bench;

import io.mycelium.migrations.Working;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of results, in Markdown. Each row is printed as soon as it is known. */
final class Table {

  private static final long START = System.nanoTime();

  private final List<String> lines =
      new ArrayList<>(List.of("| What | Ours | Compared with | Its figure | Ours / its |", "|---|---|---|---|---|"));

  /** One measurement on a database. */
  interface Measure {
    double on(String database) throws Exception;
  }

  /** Says what is being done. */
  static void progress(String what) {
    Working.at(String.format(Locale.ROOT, "%4d s  %s", (System.nanoTime() - START) / 1_000_000_000, what), "");
  }

  /**
   * Measures ours and others by turns, and writes a row for each of the others.
   *
   * @param what names what is measured
   * @param unit the figures' unit
   * @param measure gives the figure of a side, by the first words of its name
   * @param others the sides to compare with; what stands in parentheses is for the reader
   */
  void compare(String what, String unit, Measure measure, String... others) throws Exception {
    List<String> sides = new ArrayList<>(List.of("ours"));
    sides.addAll(List.of(others));
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    for (int round = 1; round <= Options.ROUNDS; round++) {
      for (String side : sides) {
        progress("%s, round %s of %s: %s".formatted(what, round, Options.ROUNDS, side));
        figures.computeIfAbsent(side, none -> new ArrayList<>()).add(measure.on(side.replaceFirst(" \\(.*", "")));
      }
    }
    List<Double> ours = figures.get("ours");
    for (String other : others) {
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < Options.ROUNDS; round++) {
        ratios.add(ours.get(round) / figures.get(other).get(round));
      }
      row(what, String.format(Locale.ROOT, "%,.0f %s", median(ours), unit), other,
          String.format(Locale.ROOT, "%,.0f %s", median(figures.get(other)), unit),
          String.format(Locale.ROOT, "%.2f", median(ratios)));
    }
  }

  /** A figure of ours alone. */
  void figure(String what, String ours) {
    row(what, ours, "", "", "");
  }

  void row(String... cells) {
    lines.add("| " + String.join(" | ", cells) + " |");
    Working.done();
    System.out.println("  = " + String.join(" | ", cells));
  }

  /** A line of another table, which stands below. */
  void line(String line) {
    lines.add(line);
    Working.done();
    System.out.println(line);
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
