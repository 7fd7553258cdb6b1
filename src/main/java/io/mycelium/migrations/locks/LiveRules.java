package io.mycelium.migrations.locks;

import io.mycelium.migrations.locks.Catalog.Column;
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
 * The rules of a changeset that runs while the database is in use, held against what was seen of it. A rollback runs on a
 * database in use too, so all hold for it, but those on what old clients use: they knew the schema before the changeset.
 */
public final class LiveRules {

  /** What one transaction may update or delete: others that write the same rows wait for its end. */
  private static final long BATCH = 100;

  private static final String NEXT_RELEASE = "stop using it in one release, drop or rename it in the next";
  private static final String LAST_FREE_RELEASE = "changelog/1.0/";

  private final Traced traced;
  private final Set<Breach> breaches = new LinkedHashSet<>();

  private LiveRules(Traced traced) {
    this.traced = traced;
  }

  /**
   * A breach of a rule.
   *
   * @param changeSet the changeset's id
   * @param direction {@code update} or {@code rollback}
   * @param relation the relation whose clients wait or fail
   * @param problem what happens to it
   * @param statement the statement by which it does; empty where it is the changeset as a whole
   * @param remedy the better way
   */
  public record Breach(String changeSet, String direction, String relation, String problem, String statement, String remedy) {

    @Override
    public String toString() {
      return "%s, %s: %s %s%s; %s. If it must be so, say in its comment: blocking(%s): why".formatted(changeSet, direction, relation, problem,
          statement.isEmpty() ? "" : ": `" + statement + "`", remedy, relation);
    }
  }

  /** Whether the rules hold for a changeset: from release 1.1 on, whose first changeset finds a database in use. */
  public static boolean holdFor(Traced traced) {
    return traced.file().matches("changelog/(\\d|citus/).*") && !traced.file().startsWith(LAST_FREE_RELEASE);
  }

  /** Every breach of a rule that the changeset's comment does not lift by {@code blocking(<relation>): why}. */
  public static List<Breach> breaches(Traced traced) {
    LiveRules rules = new LiveRules(traced);
    traced.transactions().forEach(rules::checkLocks);
    traced.transactions().forEach(rules::checkWrites);
    traced.transactions().forEach(rules::checkOneTable);
    rules.checkConcurrently();
    if (traced.direction().equals(Traced.UPDATE)) {
      rules.checkClients();
    }
    return rules.breaches.stream().filter(breach -> !traced.lifted().contains(breach.relation())).toList();
  }

  private void report(String relation, String problem, String statement, String remedy) {
    String line = statement.strip().replaceAll("\\s+", " ");
    breaches.add(new Breach(traced.changeSet(), traced.direction(), relation, problem, line.length() > 80 ? line.substring(0, 77) + "..." : line, remedy));
  }

  private void reportLocked(long number, LockMode mode, String problem, String statement, String remedy) {
    report(traced.before().table(number), "is locked (%s), and its %s wait, %s".formatted(mode, mode.waits(), problem), statement, remedy);
  }

  /** A lock for which readers or writers wait is held for an instant: nothing is done to rows from then on. */
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
        reportLocked(number, mode, "while this " + (work.table() == number ? work : traced.words(work)), step.sql(), better(work, number));
      }));
    }
    held.forEach((number, mode) -> {
      if (!reported.contains(number) && transaction.stream().allMatch(step -> !step.alone()) && isUnchanged(number)) {
        Step first = transaction.stream().filter(step -> mode == step.locks().get(number)).findFirst().orElseThrow();
        reportLocked(number, mode, "though nothing of it is changed", first.sql(), "rely on the locks that the statements take");
      }
    });
  }

  private Relation relation(long number) {
    return traced.before().relations().get(number);
  }

  /** Whether neither a table nor an index of it has another definition than before. */
  private boolean isUnchanged(long number) {
    return definitions(traced.before(), number).equals(definitions(traced.after(), number));
  }

  private static Map<Long, String> definitions(Catalog catalog, long table) {
    return catalog.relations().values().stream().filter(relation -> relation.table() == table)
        .collect(Collectors.toMap(Relation::number, relation -> String.valueOf(relation.definition())));
  }

  /** Many rows are written in batches that commit. */
  private void checkWrites(List<Step> transaction) {
    Map<Long, Long> rows = new TreeMap<>();
    for (Step step : transaction) {
      for (Work work : step.work()) {
        if (relation(work.table()).kind() != 'm' && rows.merge(work.table(), work.rows(), Long::sum) > BATCH && rows.put(work.table(), Long.MIN_VALUE / 2) != null) {
          report(traced.before().table(work.table()), "has more rows written in one transaction the larger it is, and whoever writes one of them waits for its end", step.sql(),
              "write them in batches that commit");
        }
      }
    }
  }

  /** Two tables in use are locked in two transactions, since others use both, and in another order. */
  private void checkOneTable(List<Step> transaction) {
    Map<Long, LockMode> held = new TreeMap<>();
    transaction.forEach(step -> step.locks().forEach((number, mode) -> {
      if (relation(number).blocks(mode) && traced.after().relations().containsKey(number) && !traced.lifted().contains(traced.before().table(number))) {
        held.merge(root(number), mode, (one, other) -> one.compareTo(other) > 0 ? one : other);
      }
    }));
    for (long one : held.keySet()) {
      for (long other : held.keySet()) {
        if (one < other && !areJoined(one, other)) {
          report(traced.before().table(other), "is locked (%s) in one transaction with %s (%s), so that who waits for the one waits for the other, or deadlocks"
              .formatted(held.get(other), traced.before().table(one), held.get(one)), "", "give each a changeset of its own, a foreign key too: NOT VALID");
          return;
        }
      }
    }
  }

  /** The whole table of a part. */
  private long root(long number) {
    return traced.before().parts().stream().filter(part -> part.get(0) == number).map(part -> root(part.get(1))).findFirst().orElse(number);
  }

  /** Whether a foreign key between the two comes or goes, which locks both whatever one does. */
  private boolean areJoined(long one, long other) {
    List<Constraint> changed = Catalog.added(traced.before().constraints(), traced.after().constraints());
    changed.addAll(Catalog.added(traced.after().constraints(), traced.before().constraints()));
    return changed.stream().anyMatch(key -> key.kind() == 'f' && (key.relation() == one && key.other() == other || key.relation() == other && key.other() == one));
  }

  /** What PostgreSQL can do without a lock that anybody waits for. */
  private void checkConcurrently() {
    for (Relation index : Catalog.added(traced.after().relations(), traced.before().relations())) {
      Relation table = traced.before().relations().get(index.table());
      boolean ofConstraint = traced.before().constraints().values().stream().anyMatch(constraint -> constraint.index() == index.number() && constraint.relation() == table.number());
      boolean still = traced.after().relations().values().stream().anyMatch(other -> other.file() == index.file() || other.name().equals(index.name()));
      // A column that goes takes its indexes with it, and the table is locked for that anyway.
      boolean withColumn = Catalog.added(traced.after().columns(), traced.before().columns()).stream().anyMatch(column -> column.relation() == index.table());
      if (index.isIndex() && !ofConstraint && !still && !withColumn && traced.after().relations().containsKey(table.number()) && blocks(table.number()) && !isRewritten(table.number())) {
        reportLocked(table.number(), LockMode.ACCESS_EXCLUSIVE, "while its index %s is dropped".formatted(index.name()), "",
            "use, with `runInTransaction: false`, DROP INDEX CONCURRENTLY IF EXISTS " + index.name());
      }
    }
    for (List<Long> part : traced.before().parts()) {
      if (!traced.after().parts().contains(part) && traced.after().relations().containsKey(part.get(0)) && blocks(part.get(1))) {
        String name = traced.before().table(part.get(0));
        reportLocked(part.get(1), LockMode.ACCESS_EXCLUSIVE, "while its part %s is detached".formatted(name), "",
            "use, with `runInTransaction: false`, ALTER TABLE ... DETACH PARTITION %s CONCURRENTLY".formatted(name));
      }
    }
  }

  private boolean blocks(long number) {
    return traced.transactions().stream().flatMap(List::stream).anyMatch(step -> relation(number).blocks(step.locks().getOrDefault(number, LockMode.ACCESS_SHARE)));
  }

  private boolean isRewritten(long number) {
    return traced.transactions().stream().flatMap(List::stream).flatMap(step -> step.work().stream()).anyMatch(work -> work.table() == number && work.kind() == Kind.REWRITES);
  }

  /** What clients that knew the schema before rely on. */
  private void checkClients() {
    Catalog before = traced.before();
    Catalog after = traced.after();
    for (Relation old : before.relations().values()) {
      if (!old.isIndex() && after.named(old.name()) == null) {
        report(old.name(), "is gone, and the clients that still use it fail", "", NEXT_RELEASE);
      }
    }
    before.columns().forEach((key, old) -> {
      Column column = after.columns().get(key);
      Relation relation = after.named(before.table(old.relation()));
      if (relation == null) {
        return;
      } else if (after.columns().values().stream().noneMatch(other -> other.relation() == relation.number() && other.name().equals(old.name()))) {
        report(relation.name(), "has no column %s any more, and the clients that still use it fail".formatted(old.name()), "", NEXT_RELEASE);
      } else if (column != null && old.required() && !column.required()) {
        report(relation.name(), "may have nulls in its column %s, which clients that read it do not expect".formatted(old.name()), "", "first a release whose clients do");
      }
    });
    after.columns().forEach((key, column) -> {
      if (!before.columns().containsKey(key) && before.relations().containsKey(column.relation())) {
        String relation = after.table(column.relation());
        if (column.required() && !column.filled()) {
          report(relation, "requires its new column %s, so that the INSERTs of clients that do not know it fail".formatted(column.name()), "", "give a default");
        }
        if (column.type().equals("json")) {
          report(relation, "gets the column %s of type json, which has no equality, so that DISTINCT, GROUP BY and UNION of its rows fail".formatted(column.name()), "", "use jsonb");
        }
      }
    });
    before.labels().forEach((number, label) -> {
      if (!after.labels().containsValue(label)) {
        report(label.replaceFirst("\\..*", ""), "has no value %s any more, and the clients that still write it fail".formatted(label.replaceFirst("[^.]*\\.", "")), "",
            "add the new one, and keep the old one for a release");
      }
    });
    before.routines().forEach((number, routine) -> {
      if (!after.routines().containsValue(routine)) {
        report(routine.replaceFirst("\\(.*", ""), "is no more called with %s, and the clients that still do so fail".formatted(routine.replaceFirst("[^(]*", "")), "", NEXT_RELEASE);
      }
    });
    before.triggers().forEach((key, state) -> {
      if (!state.equals("D") && "D".equals(after.triggers().get(key))) {
        report(before.table((Long) key.get(0)), "has its trigger %s disabled, which misses what clients write meanwhile".formatted(key.get(1)), "", "replace its function instead");
      }
    });
  }

  /** How the same is done while nobody waits. */
  private String better(Work work, long locked) {
    if (work.table() != locked) {
      return "do that in a changeset of its own";
    }
    Catalog before = traced.before();
    Catalog after = traced.after();
    List<Constraint> constraints = Catalog.added(before.constraints(), after.constraints()).stream().filter(constraint -> constraint.relation() == locked).toList();
    boolean required = before.columns().entrySet().stream().anyMatch(old -> old.getValue().relation() == locked && !old.getValue().required()
        && after.columns().containsKey(old.getKey()) && after.columns().get(old.getKey()).required());
    boolean retyped = before.columns().entrySet().stream().anyMatch(old -> old.getValue().relation() == locked
        && after.columns().containsKey(old.getKey()) && !after.columns().get(old.getKey()).type().equals(old.getValue().type()));
    boolean added = Catalog.added(before.columns(), after.columns()).stream().anyMatch(column -> column.relation() == locked);
    switch (work.kind()) {
      case REFRESHES:
        return "use REFRESH MATERIALIZED VIEW CONCURRENTLY";
      case EMPTIES:
        return "delete the rows in batches that commit";
      case REWRITES:
        return retyped ? "add a column of the new type, fill it in batches that commit, and drop the old one a release later"
            : added ? "add the column without a value, fill it in batches that commit, and give new rows their default"
            : "leave that to an operator";
      case BUILDS:
        Constraint of = constraints.stream().filter(constraint -> constraint.index() != 0 && after.relations().get(constraint.index()).name().equals(work.index())).findFirst().orElse(null);
        return of != null && of.kind() == 'x' ? "EXCLUDE has no other way: have a new table with it, or a time when nobody writes"
            : of != null ? "build a unique index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX"
            : before.relations().values().stream().anyMatch(index -> index.name().equals(work.index())) ? "use, with `runInTransaction: false`, REINDEX INDEX CONCURRENTLY " + work.index()
            : "use, with `runInTransaction: false`, DROP INDEX CONCURRENTLY IF EXISTS %1$s; CREATE INDEX CONCURRENTLY %1$s".formatted(work.index());
      case READS:
        return required ? "first ADD CONSTRAINT ... CHECK (... IS NOT NULL) NOT VALID, in the next changeset VALIDATE CONSTRAINT, then SET NOT NULL reads nothing"
            : constraints.stream().anyMatch(Constraint::validated) ? "add the constraint NOT VALID, and VALIDATE CONSTRAINT in the next changeset"
            : "do that in a changeset of its own";
      default:
        return "write the rows in a changeset of its own, in batches that commit";
    }
  }
}
