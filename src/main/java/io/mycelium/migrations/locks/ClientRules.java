package io.mycelium.migrations.locks;

import io.mycelium.migrations.changelog.Rule;
import io.mycelium.migrations.locks.Catalog.Column;
import io.mycelium.migrations.locks.Catalog.Relation;
import java.util.HashSet;
import java.util.Set;

/** Nothing disappears that clients rely on which know the schema before the changeset. */
final class ClientRules {

  private final Catalog before;
  private final Catalog after;
  private final Report report;

  private ClientRules(Traced traced, Report report) {
    this.before = traced.before();
    this.after = traced.after();
    this.report = report;
  }

  /** Where a breach goes: its rule, the relation whose clients fail, what happens to it, and by which statement. */
  interface Report {
    void breach(Rule rule, String relation, String problem, String statement, Object... names);
  }

  /** Reports the breaches. */
  static void check(Traced traced, Report report) {
    ClientRules rules = new ClientRules(traced, report);
    rules.checkRelations();
    rules.checkColumns();
    rules.checkNewColumns();
    rules.checkValuesAndRoutines();
    rules.checkTriggers();
  }

  private void report(Rule rule, String relation, String problem, Object... names) {
    report.breach(rule, relation, problem.formatted(names), "");
  }

  private void checkRelations() {
    for (Relation old : before.relations().values()) {
      if (!old.isIndex() && after.named(old.name()) == null) {
        report(Rule.KEEP_FOR_A_RELEASE, old.name(), "is gone, and the clients that still use it fail");
      }
    }
  }

  private void checkColumns() {
    Set<String> names = new HashSet<>();
    after.columns().values().forEach(column -> names.add(column.relation() + "." + column.name()));
    before.columns().forEach((key, old) -> {
      Column column = after.columns().get(key);
      Relation relation = after.named(before.table(old.relation()));
      if (relation != null && !names.contains(relation.number() + "." + old.name())) {
        report(Rule.KEEP_FOR_A_RELEASE, relation.name(),
            "has no column %s any more, and the clients that still use it fail", old.name());
      } else if (relation != null && column != null && old.required() && !column.required()) {
        report(Rule.KEEP_NOT_NULL, relation.name(),
            "may have nulls in its column %s, which clients that read it do not expect", old.name());
      }
    });
  }

  private void checkNewColumns() {
    after.columns().forEach((key, column) -> {
      if (!before.columns().containsKey(key) && before.relations().containsKey(column.relation())) {
        String relation = after.table(column.relation());
        if (column.required() && !column.filled()) {
          report(Rule.DEFAULT_FOR_A_NEW_COLUMN, relation,
              "requires its new column %s, so that the INSERTs of clients that do not know it fail", column.name());
        }
        if (column.type().equals("json")) {
          report(Rule.JSONB, relation, "gets the column %s of type json, which has no equality,"
              + " so that DISTINCT, GROUP BY and UNION of its rows fail", column.name());
        }
      }
    });
  }

  private void checkValuesAndRoutines() {
    before.labels().forEach((number, label) -> {
      if (!after.labels().containsValue(label)) {
        report(Rule.KEEP_VALUES, label.replaceFirst("\\..*", ""),
            "has no value %s any more, and the clients that still write it fail", label.replaceFirst("[^.]*\\.", ""));
      }
    });
    before.routines().forEach((number, routine) -> {
      if (!after.routines().containsValue(routine)) {
        report(Rule.KEEP_FOR_A_RELEASE, routine.replaceFirst("\\(.*", ""),
            "is no more called with %s, and the clients that still do so fail", routine.replaceFirst("[^(]*", ""));
      }
    });
  }

  private void checkTriggers() {
    before.triggers().forEach((key, state) -> {
      if (!state.equals("D") && "D".equals(after.triggers().get(key))) {
        report(Rule.KEEP_TRIGGERS, before.table((Long) key.get(0)),
            "has its trigger %s disabled, which misses what clients write meanwhile", key.get(1));
      }
    });
  }
}
