package io.mycelium.migrations.report;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.collections4.sequence.CommandVisitor;
import org.apache.commons.collections4.sequence.SequencesComparator;

/** Two texts side by side, line by line, with the words marked in which they differ. */
final class Comparison {

  /** How many lines that are the same stand around one that is not; the others are left out. */
  private static final int AROUND = 3;

  private Comparison() {}

  /** A part of a line, marked where the other line does not have it; the indentation is not. */
  record Piece(String text, boolean marked) {}

  /**
   * A line of both.
   *
   * @param left null where there is none
   * @param right null where there is none
   * @param leftOut how many lines stand here that are the same in both; then it has no text
   */
  record Row(List<Piece> left, List<Piece> right, boolean same, int leftOut) {

    /** In words. */
    String leftOutLines() {
      return leftOut == 1 ? "1 more line is the same" : leftOut + " more lines are the same";
    }
  }

  /**
   * Compares.
   *
   * @param left the one text; empty where there is none
   * @param right the other text; empty where there is none
   */
  static List<Row> of(String left, String right) {
    Lines lines = new Lines();
    new SequencesComparator<>(lines(left), lines(right)).getScript().visit(lines);
    lines.flush();
    return shortened(lines.rows);
  }

  private static List<String> lines(String text) {
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static List<Row> shortened(List<Row> rows) {
    List<Row> some = new ArrayList<>();
    int leftOut = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.subList(Math.max(0, i - AROUND), Math.min(rows.size(), i + AROUND + 1)).stream().allMatch(Row::same)) {
        leftOut++;
      } else {
        addLeftOut(some, leftOut);
        leftOut = 0;
        some.add(rows.get(i));
      }
    }
    addLeftOut(some, leftOut);
    return some;
  }

  private static void addLeftOut(List<Row> rows, int count) {
    if (count > 0) {
      rows.add(new Row(null, null, true, count));
    }
  }

  /** Pairs lines that go with lines that come. */
  private static final class Lines implements CommandVisitor<String> {

    private final List<Row> rows = new ArrayList<>();
    private final List<String> gone = new ArrayList<>();
    private final List<String> come = new ArrayList<>();

    @Override
    public void visitKeepCommand(String line) {
      flush();
      List<Piece> same = List.of(new Piece(line, false));
      rows.add(new Row(same, same, true, 0));
    }

    @Override
    public void visitDeleteCommand(String line) {
      gone.add(line);
    }

    @Override
    public void visitInsertCommand(String line) {
      come.add(line);
    }

    void flush() {
      for (int i = 0; i < Math.max(gone.size(), come.size()); i++) {
        if (i >= come.size()) {
          rows.add(new Row(List.of(new Piece(gone.get(i), false)), null, false, 0));
        } else if (i >= gone.size()) {
          rows.add(new Row(null, List.of(new Piece(come.get(i), false)), false, 0));
        } else {
          Words words = new Words();
          new SequencesComparator<>(words(gone.get(i)), words(come.get(i))).getScript().visit(words);
          rows.add(new Row(words.left, words.right, false, 0));
        }
      }
      gone.clear();
      come.clear();
    }

    private static List<String> words(String line) {
      return List.of(line.split("(?<=\\W)|(?=\\W)"));
    }
  }

  private static final class Words implements CommandVisitor<String> {

    private final List<Piece> left = new ArrayList<>();
    private final List<Piece> right = new ArrayList<>();

    @Override
    public void visitKeepCommand(String word) {
      add(left, word, false);
      add(right, word, false);
    }

    @Override
    public void visitDeleteCommand(String word) {
      add(left, word, !(left.isEmpty() && word.isBlank()));
    }

    @Override
    public void visitInsertCommand(String word) {
      add(right, word, !(right.isEmpty() && word.isBlank()));
    }

    private static void add(List<Piece> pieces, String word, boolean marked) {
      int last = pieces.size() - 1;
      if (last >= 0 && pieces.get(last).marked == marked) {
        pieces.set(last, new Piece(pieces.get(last).text + word, marked));
      } else {
        pieces.add(new Piece(word, marked));
      }
    }
  }
}
