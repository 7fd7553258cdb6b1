package io.mycelium.migrations.locks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was seen of a changeset, or of its rollback, while it ran.
 *
 * @param changeSet its id
 * @param file the path of the file that it stands in
 * @param comment its comment
 * @param direction {@code update} or {@code rollback}
 * @param before what was there before it
 * @param after what was there after it
 * @param transactions what it did, each with the statements that it consists of
 */
public record Traced(String changeSet, String file, String comment, String direction, Catalog before, Catalog after,
    List<List<Step>> transactions) {

  public static final String UPDATE = "update";
  public static final String ROLLBACK = "rollback";

  private static final Pattern BLOCKING = Pattern.compile("\\bblocking\\(([^)]*)\\):\\s*\\S");

  /** What a statement does to the rows of a table that was there before. */
  enum Kind {
    REFRESHES("refreshes it"),
    EMPTIES("empties it"),
    REWRITES("rewrites it"),
    BUILDS("builds its index "),
    WRITES("writes its rows"),
    READS("reads it in full");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** Whether it writes a new file, for which the rows are read. */
    boolean makesAFile() {
      return compareTo(BUILDS) <= 0;
    }
  }

  /**
   * What a statement does to the rows of one table.
   *
   * @param table the table's number
   * @param index the name of the index that it builds; empty if none
   * @param rows how many rows it updates or deletes
   */
  record Work(Kind kind, long table, String index, long rows) {

    @Override
    public String toString() {
      return kind.words + index;
    }
  }

  /**
   * A statement.
   *
   * @param sql its text
   * @param locks the strongest lock that the session holds after it, by the number of the table; a lock on an index
   *          counts as one on its table
   * @param work what it does to rows
   * @param alone whether it runs in transactions of its own, as CONCURRENTLY does
   */
  record Step(String sql, Map<Long, LockMode> locks, List<Work> work, boolean alone) {}

  /** The relations for which the comment says {@code blocking(<relation>): why}. */
  Set<String> liftedRelations() {
    Set<String> liftedRelations = new LinkedHashSet<>();
    Matcher matcher = BLOCKING.matcher(comment == null ? "" : comment);
    while (matcher.find()) {
      liftedRelations.add(matcher.group(1).strip());
    }
    return liftedRelations;
  }

  /** What is done, with the table's name in place of "it". */
  String words(Work work) {
    return work.toString()
        .replaceFirst("\\bit\\b", before.table(work.table()))
        .replaceFirst("\\bits (.*)", "$1 of " + before.table(work.table()));
  }

  /**
   * The relations that were there before and that it touches, in the order of their names: each once, or once for every
   * lock under which a transaction of its own works on rows.
   */
  public List<Touched> touched() {
    Map<String, SortedMap<LockMode, Set<String>>> all = new TreeMap<>();
    for (List<Step> transaction : transactions) {
      Map<String, LockMode> locks = new TreeMap<>();
      Map<String, Set<String>> meanwhile = new TreeMap<>();
      for (Step step : transaction) {
        step.locks()
            .forEach((number, mode) -> locks.merge(before.table(number), mode,
                (one, other) -> one.compareTo(other) > 0 ? one : other));
        for (Work work : step.work()) {
          meanwhile.computeIfAbsent(before.table(work.table()), name -> new LinkedHashSet<>()).add(work.toString());
          step.locks().forEach((number, mode) -> {
            if (before.relations().get(number).blocks(mode) && number != work.table()) {
              meanwhile.computeIfAbsent(before.table(number), name -> new LinkedHashSet<>()).add(words(work));
            }
          });
        }
      }
      locks.forEach((name, mode) -> all.computeIfAbsent(name, relation -> new TreeMap<>())
          .computeIfAbsent(mode, lock -> new LinkedHashSet<>())
          .addAll(meanwhile.getOrDefault(name, Set.of())));
    }
    List<Touched> touched = new ArrayList<>();
    all.forEach((name, locks) -> locks.forEach((mode, work) -> {
      Catalog.Relation relation = before.named(name);
      if (mode.blocks() && after.named(name) == null) {
        work.add("it is gone afterwards");
      }
      if (!work.isEmpty() || mode == locks.lastKey() && mode.compareTo(LockMode.SHARE_UPDATE_EXCLUSIVE) >= 0) {
        touched.add(new Touched(changeSet, direction, name, mode.toString(), relation.waits(mode),
            work.isEmpty() && relation.blocks(mode) ? "an instant" : String.join(", ", work)));
      }
    }));
    return touched;
  }
}
