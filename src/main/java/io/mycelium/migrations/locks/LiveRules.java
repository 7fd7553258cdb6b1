package io.mycelium.migrations.locks;

import io.mycelium.migrations.changelog.Rule;
import io.mycelium.migrations.locks.Catalog.Constraint;
import io.mycelium.migrations.locks.Catalog.Relation;
import io.mycelium.migrations.locks.Traced.Kind;
import io.mycelium.migrations.locks.Traced.Step;
import io.mycelium.migrations.locks.Traced.Work;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The rules for a changeset that runs while the database is in use, and whether what was seen of a changeset keeps
 * them. A rollback runs on a database in use too. So all rules hold for it but one: it may take away what clients use,
 * since it takes away what they got by the update.
 */
public final class LiveRules {

  /** How many rows a transaction may update or delete: whoever writes the same rows waits for its end. */
  private static final long BATCH = 100;

  private static final String LAST_FREE_RELEASE = "changelog/1.0/";

  private final Traced traced;
  private final Set<Breach> breaches = new LinkedHashSet<>();

  private LiveRules(Traced traced) {
    this.traced = traced;
  }

  /**
   * A breach of a rule.
   *
   * @param rule the rule
   * @param changeSet the changeset's id
   * @param direction {@code update} or {@code rollback}
   * @param relation the relation whose clients wait or fail
   * @param problem what happens to the relation
   * @param statement the statement that does it; empty if it is the changeset as a whole
   * @param remedy the better way
   */
  public record Breach(Rule rule, String changeSet, String direction, String relation, String problem, String statement,
      String remedy) {

    @Override
    public String toString() {
      return "%s: %s, %s: %s %s%s; %s. If it must be so, say in its comment: blocking(%s): why".formatted(rule.id(),
          changeSet, direction, relation, problem, statement.isEmpty() ? "" : ": `" + statement + "`", remedy,
          relation);
    }
  }

  /**
   * Whether the rules hold for a changeset. They do from release 1.1 on: before its first changeset no database was in
   * use.
   */
  public static boolean holdFor(Traced traced) {
    return traced.file().matches("changelog/(\\d|citus/).*") && !traced.file().startsWith(LAST_FREE_RELEASE);
  }

  /**
   * The breaches of the rules, without those on relations for which the comment says {@code blocking(<relation>): why}.
   */
  public static List<Breach> breaches(Traced traced) {
    LiveRules rules = new LiveRules(traced);
    traced.transactions().forEach(rules::checkLocks);
    traced.transactions().forEach(rules::checkWrites);
    traced.transactions().forEach(rules::checkOneTable);
    rules.checkConcurrently();
    if (traced.direction().equals(Traced.UPDATE)) {
      ClientRules.check(traced, rules::report);
    }
    return rules.breaches.stream().filter(breach -> !traced.liftedRelations().contains(breach.relation())).toList();
  }

  private void report(Rule rule, String relation, String problem, String statement, Object... names) {
    String line = statement.strip().replaceAll("\\s+", " ");
    breaches.add(new Breach(rule, traced.changeSet(), traced.direction(), relation, problem,
        line.length() > 80 ? line.substring(0, 77) + "..." : line, rule.remedy(names)));
  }

  private void reportLocked(Rule rule, long number, LockMode mode, String problem, String statement, Object... names) {
    report(rule, traced.before().table(number),
        "is locked (%s), and its %s wait, %s".formatted(mode, mode.waits(), problem), statement, names);
  }

  /** A lock for which readers or writers wait is held for an instant only. From then on nothing is done to rows. */
  private void checkLocks(List<Step> transaction) {
    Map<Long, LockMode> held = new TreeMap<>();
    Set<Long> reported = new LinkedHashSet<>();
    for (Step step : transaction) {
      step.locks().forEach((number, mode) -> {
        if (relation(number).blocks(mode)) {
          held.put(number, mode);
        }
      });
      held.forEach((number, mode) -> step.work().stream().findFirst().ifPresent(first -> {
        Work work = step.work().stream().filter(one -> one.table() == number).findFirst().orElse(first);
        reported.add(number);
        reportLocked(broken(work, number), number, mode,
            "while this " + (work.table() == number ? work : traced.words(work)), step.sql(), work.index());
      }));
    }
    held.forEach((number, mode) -> {
      if (!reported.contains(number) && transaction.stream().allMatch(step -> !step.alone()) && isUnchanged(number)) {
        Step first = transaction.stream().filter(step -> mode == step.locks().get(number)).findFirst().orElseThrow();
        reportLocked(Rule.NO_LOCK, number, mode, "though nothing of it is changed", first.sql());
      }
    });
  }

  private Relation relation(long number) {
    return traced.before().relations().get(number);
  }

  /** Whether neither the table nor any of its indexes is defined otherwise than before. */
  private boolean isUnchanged(long number) {
    return definitions(traced.before(), number).equals(definitions(traced.after(), number));
  }

  private static Map<Long, String> definitions(Catalog catalog, long table) {
    return catalog.relations()
        .values()
        .stream()
        .filter(relation -> relation.table() == table)
        .collect(Collectors.toMap(Relation::number, relation -> String.valueOf(relation.definition())));
  }

  /** A transaction does not write more rows the larger a table is. */
  private void checkWrites(List<Step> transaction) {
    Map<Long, Long> rows = new TreeMap<>();
    for (Step step : transaction) {
      for (Work work : step.work()) {
        if (relation(work.table()).kind() != 'm' && rows.merge(work.table(), work.rows(), Long::sum) > BATCH
            && rows.put(work.table(), Long.MIN_VALUE / 2) != null) {
          report(Rule.IN_BATCHES, traced.before().table(work.table()),
              "has more rows written in one transaction the larger it is, "
                  + "and whoever writes one of them waits for its end",
              step.sql());
        }
      }
    }
  }

  /** A transaction locks one table only. Clients lock several in an order of their own, and could deadlock with it. */
  private void checkOneTable(List<Step> transaction) {
    Map<Long, LockMode> held = new TreeMap<>();
    transaction.forEach(step -> step.locks().forEach((number, mode) -> {
      if (relation(number).blocks(mode) && traced.after().relations().containsKey(number)
          && !traced.liftedRelations().contains(traced.before().table(number))) {
        held.merge(root(number), mode, (one, other) -> one.compareTo(other) > 0 ? one : other);
      }
    }));
    for (long one : held.keySet()) {
      for (long other : held.keySet()) {
        if (one < other && !areJoined(one, other)) {
          report(Rule.ONE_TABLE, traced.before().table(other),
              ("is locked (%s) in one transaction with %s (%s), so that who waits for the one waits for "
                  + "the other, or deadlocks").formatted(held.get(other), traced.before().table(one), held.get(one)),
              "");
          return;
        }
      }
    }
  }

  /** The table that a partition belongs to, or the table itself. */
  private long root(long number) {
    return traced.before()
        .parts()
        .stream()
        .filter(part -> part.get(0) == number)
        .map(part -> root(part.get(1)))
        .findFirst()
        .orElse(number);
  }

  /** Whether a foreign key between the two tables is added or dropped. That locks both in any case. */
  private boolean areJoined(long one, long other) {
    List<Constraint> changed = Catalog.added(traced.before().constraints(), traced.after().constraints());
    changed.addAll(Catalog.added(traced.after().constraints(), traced.before().constraints()));
    return changed.stream()
        .anyMatch(key -> key.kind() == 'f'
            && (key.relation() == one && key.other() == other || key.relation() == other && key.other() == one));
  }

  /** An index is dropped, and a partition detached, CONCURRENTLY. */
  private void checkConcurrently() {
    for (Relation index : Catalog.added(traced.after().relations(), traced.before().relations())) {
      Relation table = traced.before().relations().get(index.table());
      boolean ofConstraint = traced.before()
          .constraints()
          .values()
          .stream()
          .anyMatch(constraint -> constraint.index() == index.number() && constraint.relation() == table.number());
      boolean still = traced.after()
          .relations()
          .values()
          .stream()
          .anyMatch(other -> other.file() == index.file() || other.name().equals(index.name()));
      // A dropped column takes its indexes with it, and its table is locked for that anyway.
      boolean withColumn = Catalog.added(traced.after().columns(), traced.before().columns())
          .stream()
          .anyMatch(column -> column.relation() == index.table());
      if (index.isIndex() && !ofConstraint && !still && !withColumn
          && traced.after().relations().containsKey(table.number()) && blocks(table.number())
          && !isRewritten(table.number())) {
        reportLocked(Rule.DROP_INDEX_CONCURRENTLY, table.number(), LockMode.ACCESS_EXCLUSIVE,
            "while its index %s is dropped".formatted(index.name()), "", index.name());
      }
    }
    for (List<Long> part : traced.before().parts()) {
      if (!traced.after().parts().contains(part) && traced.after().relations().containsKey(part.get(0))
          && blocks(part.get(1))) {
        String name = traced.before().table(part.get(0));
        reportLocked(Rule.DETACH_CONCURRENTLY, part.get(1), LockMode.ACCESS_EXCLUSIVE,
            "while its part %s is detached".formatted(name), "", name);
      }
    }
  }

  private boolean blocks(long number) {
    return traced.transactions()
        .stream()
        .flatMap(List::stream)
        .anyMatch(step -> relation(number).blocks(step.locks().getOrDefault(number, LockMode.ACCESS_SHARE)));
  }

  private boolean isRewritten(long number) {
    return traced.transactions()
        .stream()
        .flatMap(List::stream)
        .flatMap(step -> step.work().stream())
        .anyMatch(work -> work.table() == number && work.kind() == Kind.REWRITES);
  }

  /** The rule that work under a lock breaks. */
  private Rule broken(Work work, long locked) {
    if (work.table() != locked) {
      return Rule.LOCKED_FOR_AN_INSTANT;
    }
    Catalog before = traced.before();
    Catalog after = traced.after();
    List<Constraint> constraints = Catalog.added(before.constraints(), after.constraints())
        .stream()
        .filter(constraint -> constraint.relation() == locked)
        .toList();
    boolean required = before.columns()
        .entrySet()
        .stream()
        .anyMatch(old -> old.getValue().relation() == locked && !old.getValue().required()
            && after.columns().containsKey(old.getKey()) && after.columns().get(old.getKey()).required());
    boolean retyped = before.columns()
        .entrySet()
        .stream()
        .anyMatch(old -> old.getValue().relation() == locked && after.columns().containsKey(old.getKey())
            && !after.columns().get(old.getKey()).type().equals(old.getValue().type()));
    boolean added =
        Catalog.added(before.columns(), after.columns()).stream().anyMatch(column -> column.relation() == locked);
    return switch (work.kind()) {
      case REFRESHES -> Rule.REFRESH_CONCURRENTLY;
      case EMPTIES -> Rule.IN_BATCHES;
      case REWRITES -> retyped ? Rule.NEW_COLUMN_FOR_A_TYPE : added ? Rule.VALUES_LATER : Rule.NO_REWRITE;
      case BUILDS -> brokenByBuild(work, constraints);
      case READS -> required ? Rule.NOT_NULL_BY_CHECK
          : constraints.stream().anyMatch(Constraint::validated) ? Rule.VALIDATE_LATER
          : Rule.LOCKED_FOR_AN_INSTANT;
      case WRITES -> Rule.LOCKED_FOR_AN_INSTANT;
    };
  }

  /** The rule that an index breaks which is built under a lock. */
  private Rule brokenByBuild(Work build, List<Constraint> constraints) {
    for (Constraint constraint : constraints) {
      if (constraint.index() != 0 && traced.after().relations().get(constraint.index()).name().equals(build.index())) {
        return constraint.kind() == 'x' ? Rule.NO_EXCLUSION : Rule.UNIQUE_BY_INDEX;
      }
    }
    boolean again = traced.before().relations().values().stream().anyMatch(index -> index.name().equals(build.index()));
    return again ? Rule.REINDEX_CONCURRENTLY : Rule.INDEX_CONCURRENTLY;
  }
}
