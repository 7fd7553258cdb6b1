package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.locks.LiveRules;
import io.mycelium.migrations.locks.LiveRules.Breach;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.locks.Traced;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Snapshot;
import io.mycelium.migrations.schema.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The steps by which a schema becomes another one on a live database. Each step becomes a changeset, and separates what
 * may not share a transaction or a lock.
 *
 * <p>
 * Every step and its rollback were run twice in a scratch database, as after a killed run, and led to the schemas that
 * they should. The class is long, because a step is made from the schema that the steps before it left.
 */
final class Plan {

  /**
   * A change of a changeset: a file with a routine, or statements in the changeset itself.
   *
   * @param file the name of the file, without its ending; null for statements in the changeset itself
   * @param statements the statements
   */
  record Change(String file, List<String> statements) {}

  /**
   * A step, which becomes a changeset.
   *
   * @param name its intent
   * @param comment its comment, in YAML
   * @param transactional whether it runs in a transaction
   * @param changes its changes
   * @param rollback the statements that undo it
   */
  record Step(String name, String comment, boolean transactional, List<Change> changes, List<String> rollback) {}

  private static final Pattern ADD_CONSTRAINT =
      Pattern.compile("(?s)ALTER TABLE (?:ONLY )?(?<table>\\S+|\".*?\")\\s+ADD CONSTRAINT (?<name>\\S+|\".*?\") "
          + "(?<kind>UNIQUE|PRIMARY KEY)(?<nulls> NULLS NOT DISTINCT)? (?<rest>.*)");
  private static final Pattern VALIDATE =
      Pattern.compile("(?s)ALTER TABLE (?<table>\\S+|\".*?\") VALIDATE CONSTRAINT (?<name>.*)");
  private static final Pattern NOT_NULL =
      Pattern.compile("(?s)ALTER TABLE (?<table>\\S+|\".*?\")\\s+ALTER COLUMN (?<column>\\S+|\".*?\") SET NOT NULL");
  private static final Pattern INDEX =
      Pattern.compile("(?s)CREATE (?<unique>UNIQUE )?INDEX (?:IF NOT EXISTS )?(?<name>\\S+|\".*?\") "
          + "ON (?<table>\\S+|\".*?\") (?<rest>USING .*)");
  private static final Pattern DROP_INDEX =
      Pattern.compile("DROP INDEX (?:IF EXISTS )?(?<name>(?:\\w+\\.|\".*?\"\\.)?(?:\\w+|\".*?\"))");
  private static final Pattern DROP = Pattern
      .compile("(?s)ALTER TABLE (?:ONLY )?(?<table>\\S+|\".*?\")\\s+DROP COLUMN (?<column>.*)|DROP TABLE (?<whole>.*)");
  private static final Pattern ROUTINE =
      Pattern.compile("(?s)CREATE OR REPLACE (?<kind>FUNCTION|PROCEDURE) (?<name>[^(]+)\\(.*");
  private static final Pattern SEARCH_PATH =
      Pattern.compile("\n\\s*SET search_path TO '(?<schema>[^']*)'(?<rest>[^\n]*)");

  private final Connection scratch;
  private final Schema goal;
  private final String schema;
  private final String name;
  private final Autogenerate.Asked asked;
  private final Schema start;
  private Schema now;
  private final List<Step> steps = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private Plan(Connection scratch, Schema goal, String schema, String name, Autogenerate.Asked asked) throws Exception {
    this.scratch = scratch;
    this.goal = goal;
    this.schema = schema;
    this.name = name;
    this.asked = asked;
    this.start = read();
    this.now = start;
  }

  /**
   * Makes a plan.
   *
   * @param scratch a database that has the schema to start from; every step is tried in it
   * @param goal the schema to reach
   * @param schema the name of the schema, of both
   * @param name the intent
   * @param asked what may be dropped, and what is renamed
   * @throws Refused if it would lose what nobody asked to drop, or cannot be written; the message says what
   */
  static Plan make(Connection scratch, Schema goal, String schema, String name, Autogenerate.Asked asked)
      throws Exception {
    Plan plan = new Plan(scratch, goal, schema, name, asked);
    plan.addRenames();
    plan.refuseDrops();
    plan.addNewObjects();
    for (String table : plan.changedTables()) {
      plan.addSteps(plan.steps.isEmpty() ? name : name + "-on-" + slug(table),
          difference -> table.equals(plan.relation(difference)));
    }
    plan.addSteps(plan.nextName("rest"), difference -> true);
    plan.differences().forEach(difference -> plan.notes.add("not written: " + difference));
    plan.noteTriggersThatMissAColumn();
    if (!goal.others().isEmpty()) {
      plan.notes.add("left out, since another role has made it, or it is no part of the schema: "
          + String.join(", ", Names.some(goal.others())));
    }
    return plan;
  }

  List<Step> steps() {
    return steps;
  }

  /** What could not be written, and what a person has to think of. */
  List<String> notes() {
    return notes;
  }

  private List<Difference> differences() {
    return now.differences(goal).stream().filter(difference -> !difference.installations()).toList();
  }

  private Schema read() throws Exception {
    return Snapshot.of(scratch, Schema::read);
  }

  private void addRenames() throws Exception {
    for (Map.Entry<String, String> rename : asked.renames().entrySet()) {
      String[] from = rename.getKey().split("\\.");
      String up = from.length == 2
          ? "ALTER TABLE %s RENAME COLUMN %s TO %s".formatted(from[0], from[1], rename.getValue())
          : "ALTER TABLE %s RENAME TO %s".formatted(from[0], rename.getValue());
      String down = from.length == 2
          ? "ALTER TABLE %s RENAME COLUMN %s TO %s".formatted(from[0], rename.getValue(), from[1])
          : "ALTER TABLE %s RENAME TO %s".formatted(rename.getValue(), from[0]);
      addStep(nextName("rename-" + slug(rename.getKey())), true, List.of(up), List.of(), List.of(down));
    }
  }

  /** Refuses what is gone and was not named. It may have been renamed, and a drop and an add would lose its data. */
  private void refuseDrops() throws Refused {
    List<String> gone = differences().stream()
        .filter(difference -> difference.found() == null && difference.object().matches("(column|table) .*"))
        .filter(difference -> !asked.drops().contains(difference.object().replaceFirst("\\w+ ", "")))
        .map(Difference::object)
        .toList();
    if (!gone.isEmpty()) {
      String object = gone.get(0).replaceFirst("\\w+ ", "");
      throw new Refused("no longer there: " + String.join(", ", gone) + ". If it was renamed, say so: -Drename="
          + object + ":new_name." + " If it may be lost, with its data, say so: -Ddrop="
          + gone.stream().map(one -> one.replaceFirst("\\w+ ", "")).collect(Collectors.joining(",")));
    }
  }

  /** Adds the step for what belongs to no existing table: types, routines, new tables. */
  private void addNewObjects() throws Exception {
    addSteps(name, difference -> relation(difference) == null && difference.found() != null
        && !difference.object().matches("(materialized )?view .*"));
  }

  /** The existing tables that differ. */
  private Collection<String> changedTables() {
    return differences().stream()
        .map(this::relation)
        .filter(relation -> relation != null && relation.startsWith("table "))
        .map(relation -> relation.substring("table ".length()))
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .map(table -> "table " + table)
        .toList();
  }

  /** The existing table that an object is, or is a part of; null if none. */
  private String relation(Difference difference) {
    String relation = difference.object().startsWith("table ") ? difference.object() : difference.relation();
    return relation != null && now.objects().containsKey(relation) && goal.objects().containsKey(relation)
        ? relation
        : null;
  }

  private String nextName(String suffix) {
    return steps.isEmpty() ? name : name + "-" + suffix;
  }

  /**
   * Adds the steps for some of the differences: one with all that may share a transaction, then those that need their
   * own.
   */
  private void addSteps(String stepName, Predicate<Difference> which) throws Exception {
    List<Difference> differences = differences().stream().filter(which).toList();
    if (differences.isEmpty()) {
      return;
    }
    List<String> script = now.script(goal, differences.stream().map(Difference::object).toList()).statements();
    refuseLosses(stepName, script, goal);
    Separation separation = new Separation();
    withDefaultsInAddColumn(script).forEach(separation::add);
    separation.dropIndexesLater();
    addStep(stepName, true, separation.together,
        differences.stream().flatMap(difference -> missingComments(difference).stream()).toList(), null);
    for (LaterStep step : separation.later) {
      step.add();
    }
  }

  /** A step that is written only when those before it are, since it depends on the schema that they make. */
  private interface LaterStep {
    void add() throws Exception;
  }

  /**
   * Separates the statements of a script: what may share one transaction, and what needs a step of its own on a table
   * in use.
   */
  private final class Separation {

    private final List<String> together = new ArrayList<>();
    private final List<LaterStep> later = new ArrayList<>();
    /** Where the comment on the latest object goes. */
    private List<String> latest = together;

    void add(String statement) {
      if (statement.startsWith("COMMENT ON ")) {
        latest.add(statement);
        return;
      }
      latest = together;
      Matcher index = INDEX.matcher(statement);
      Matcher key = ADD_CONSTRAINT.matcher(statement);
      Matcher validate = VALIDATE.matcher(statement);
      Matcher required = NOT_NULL.matcher(statement);
      if (index.matches() && !isNew(index.group("table"))) {
        addIndex(statement, index.group("name"));
      } else if (key.matches() && !isNew(key.group("table"))) {
        addKey(key);
      } else if (validate.matches() && !isNew(validate.group("table"))) {
        later.add(() -> addValidation(validate.group("table"), validate.group("name")));
      } else if (required.matches() && !isNew(required.group("table"))) {
        addNotNull(statement, required.group("table"), required.group("column"));
      } else if (!(statement.startsWith("UPDATE ") && statement.contains(" = DEFAULT WHERE "))) {
        together.add(statement);
      }
    }

    /** An index is built CONCURRENTLY, which no transaction may do. */
    private void addIndex(String statement, String index) {
      List<String> build = new ArrayList<>(concurrently(statement));
      together.removeIf(("DROP INDEX " + qualified(index))::equals);
      later.add(() -> addStep(nextName("create-" + slug(index)), false, build,
          missingComment("index " + plainName(index)), null));
      latest = build;
    }

    /** The index of a unique or primary key is built CONCURRENTLY. Then the key takes it over, which is an instant. */
    private void addKey(Matcher key) {
      String index = key.group("name");
      List<String> build = List.of("DROP INDEX CONCURRENTLY IF EXISTS " + qualified(index),
          "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s%s".formatted(index, key.group("table"), key.group("rest"),
              key.group("nulls") == null ? "" : key.group("nulls")),
          "COMMENT ON INDEX " + qualified(index) + " IS NULL");
      List<String> attach = new ArrayList<>(List.of("ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %2$s"
          .formatted(key.group("table"), index, key.group("kind"))));
      later.add(() -> addStep(nextName("create-" + slug(index)), false, build, List.of(), null));
      later.add(() -> addStep(nextName("attach-" + slug(index)), true, attach, List.of(), null));
      latest = attach;
    }

    /** A validated CHECK proves that no row has a null. After that, SET NOT NULL reads no row. */
    private void addNotNull(String statement, String table, String column) {
      String alter = "ALTER TABLE " + table;
      String check = plainName(table) + "_" + plainName(column) + "_is_not_null";
      together.add(alter + " ADD CONSTRAINT " + check + " CHECK (" + column + " IS NOT NULL) NOT VALID");
      later.add(() -> addValidation(table, check));
      later.add(() -> addStep(nextName("require-" + slug(column)), true,
          List.of(statement, alter + " DROP CONSTRAINT " + check), List.of(), null));
      notes.add(
          "rows without %s in %s fail its validation: fill them first, in batches".formatted(column, plainName(table)));
    }

    /** An index is dropped CONCURRENTLY too. */
    void dropIndexesLater() {
      for (String drop : together.stream().filter(statement -> DROP_INDEX.matcher(statement).matches()).toList()) {
        together.remove(drop);
        later.add(() -> addStep(nextName("drop-" + slug(plainName(drop.substring("DROP INDEX ".length())))), false,
            concurrently(drop), List.of(), null));
      }
    }
  }

  /**
   * The same statement on an index, CONCURRENTLY so that nobody waits, and after dropping what a killed run may have
   * left.
   */
  private List<String> concurrently(String statement) {
    Matcher create = INDEX.matcher(statement);
    Matcher drop = DROP_INDEX.matcher(statement);
    if (create.matches()) {
      return List.of("DROP INDEX CONCURRENTLY IF EXISTS " + qualified(create.group("name")),
          "CREATE %sINDEX CONCURRENTLY %s ON %s %s".formatted(create.group("unique") == null ? "" : "UNIQUE ",
              create.group("name"), create.group("table"), create.group("rest")));
    }
    return List.of(drop.matches() ? "DROP INDEX CONCURRENTLY IF EXISTS " + drop.group("name") : statement);
  }

  /**
   * Adds a step that validates a constraint. Its rollback makes the constraint anew, not validated; pgCodeKeeper would
   * not write that, since both are the same constraint to it.
   */
  private void addValidation(String table, String constraint) throws Exception {
    List<String> undo = new ArrayList<>(List.of("ALTER TABLE %s DROP CONSTRAINT %s".formatted(table, constraint)));
    undo.addAll(
        List.of(now.objects().get("constraint " + plainName(table) + "." + plainName(constraint)).split(";\n\n|;$")));
    addStep(nextName("validate-" + slug(constraint)), true,
        List.of("ALTER TABLE %s VALIDATE CONSTRAINT %s".formatted(table, constraint)), List.of(), undo);
  }

  /**
   * The script with a constant default in the ADD COLUMN of its column: that costs nothing, and holds for existing rows
   * too.
   */
  private static List<String> withDefaultsInAddColumn(List<String> script) {
    List<String> merged = new ArrayList<>();
    Pattern setDefault = Pattern.compile(
        "(?s)ALTER TABLE ONLY (?<table>.*)\\s+ALTER COLUMN (?<column>\\S+|\".*\") SET DEFAULT (?<value>[^()]*)");
    for (String statement : script) {
      Matcher value = setDefault.matcher(statement);
      String last = merged.isEmpty() ? "" : merged.get(merged.size() - 1);
      if (value.matches() && last.startsWith("ALTER TABLE %s\n\tADD COLUMN IF NOT EXISTS %s "
          .formatted(value.group("table").strip(), value.group("column"))) && !last.contains(" GENERATED ")) {
        merged.set(merged.size() - 1, last + " DEFAULT " + value.group("value"));
      } else {
        merged.add(statement);
      }
    }
    return merged;
  }

  /**
   * Refuses a script that drops and makes anew what both schemas have: pgCodeKeeper writes that where PostgreSQL cannot
   * alter it.
   */
  private void refuseLosses(String what, List<String> script, Schema goal) throws Refused {
    for (String statement : script) {
      Matcher drop = DROP.matcher(statement);
      if (drop.matches()) {
        String object = drop.group("whole") != null
            ? plainName(drop.group("whole"))
            : plainName(drop.group("table")) + "." + drop.group("column");
        String kept = goal.objects().getOrDefault((drop.group("whole") != null ? "table " : "column ") + object, "");
        if (!kept.isEmpty() && !kept.contains(" GENERATED ALWAYS AS (")) {
          throw new Refused(what + " cannot be written so that the data stay: " + object
              + " would be dropped and made anew; write it in steps of your own, with a new column or table");
        }
      }
    }
  }

  /**
   * Tries a step and its rollback in the scratch database, and adds it to the plan.
   *
   * @param stepName the intent
   * @param transactional whether it may run in a transaction
   * @param up the statements
   * @param missingComments statements for comments that a person has to write
   * @param undo the statements of the rollback; null to have them written from the difference of the schemas
   */
  private void addStep(String stepName, boolean transactional, List<String> up, List<String> missingComments,
      List<String> undo) throws Exception {
    List<Change> changes = changes(up.stream()
        .map(this::unqualified)
        .map(statement -> transactional ? Sql.repeatable(statement) : statement)
        .toList());
    if (changes.isEmpty()) {
      return;
    }
    List<String> statements = changes.stream().flatMap(change -> change.statements().stream()).toList();
    List<Breach> breaches = new ArrayList<>(trace(stepName, Traced.UPDATE, transactional, statements));
    run(statements); // the second time, as after a killed run
    Schema after = read();
    List<String> rollback = rollback(stepName, transactional, undo, after);
    breaches.addAll(trace(stepName, Traced.ROLLBACK, transactional, rollback));
    run(rollback);
    List<Difference> left = now.differences(read());
    if (!left.isEmpty()) {
      notes.add("the rollback of " + stepName + " is not whole: "
          + left.stream().map(Difference::toString).collect(Collectors.joining("\n")));
    }
    run(statements);
    if (!missingComments.isEmpty()) {
      changes = new ArrayList<>(changes);
      changes.add(new Change(null, missingComments));
    }
    steps.add(new Step(stepName, comment(breaches), transactional, changes, rollback));
    now = after;
  }

  private List<String> rollback(String stepName, boolean transactional, List<String> undo, Schema after)
      throws Exception {
    List<String> names = now.differences(after).stream().map(Difference::object).toList();
    List<String> script = undo != null ? undo : after.script(now, names).statements();
    refuseLosses("the rollback of " + stepName, script, now);
    return script.stream()
        .flatMap(statement -> transactional ? Stream.of(statement) : concurrently(statement).stream())
        .map(this::unqualified)
        .map(statement -> transactional ? Sql.repeatable(statement) : statement)
        .toList();
  }

  /** Runs statements. The answer is what would make the clients of a live database wait or fail. */
  private List<Breach> trace(String stepName, String direction, boolean transactional, List<String> statements)
      throws Exception {
    try {
      return LiveRules
          .breaches(Trace.of(scratch, null, new Script(stepName, "", direction, transactional, statements)));
    } catch (SQLException e) {
      throw new Refused("cannot be written, since it fails in a scratch database: " + e.getMessage() + "\n"
          + String.join(";\n", statements));
    }
  }

  /** A changeset's comment. It names what the step blocks. */
  private String comment(List<Breach> breaches) {
    if (breaches.isEmpty()) {
      return NewMigration.TODO_COMMENT;
    }
    Map<String, Set<String>> problems = new LinkedHashMap<>();
    for (Breach breach : breaches) {
      if (problems.computeIfAbsent(breach.relation(), relation -> new LinkedHashSet<>()).add(breach.problem())) {
        notes.add("blocking(%s): %s; better: %s".formatted(breach.relation(), breach.problem(), breach.remedy()));
      }
    }
    return "\"%s. %s\"".formatted(problems.entrySet()
        .stream()
        .map(problem -> "blocking(%s): %s".formatted(problem.getKey(), String.join("; ", problem.getValue())))
        .collect(Collectors.joining(". ")), NewMigration.TODO_COMMENT);
  }

  /** Groups statements into changes. A routine, its comment and its privileges become a file. */
  private List<Change> changes(List<String> statements) {
    List<Change> changes = new ArrayList<>();
    for (String statement : statements) {
      Matcher routine = ROUTINE.matcher(statement);
      Change last = changes.isEmpty() ? null : changes.get(changes.size() - 1);
      if (routine.matches()) {
        changes.add(new Change(routine.group("name").replaceAll("[^A-Za-z0-9_]", "_"),
            new ArrayList<>(withItsSchemaInSearchPath(routine, statement))));
      } else if (last != null && (last.file() == null || !Sql.isAtomic(last.statements().get(0))
          && statement.matches("(?s)(COMMENT|REVOKE|GRANT) .* (FUNCTION|PROCEDURE) .*"))) {
        last.statements().add(statement);
      } else {
        changes.add(new Change(null, new ArrayList<>(List.of(statement))));
      }
    }
    return changes;
  }

  /**
   * The routine's statement, and one that sets its search_path to the schema that it is created in, whatever that is
   * called there.
   */
  private List<String> withItsSchemaInSearchPath(Matcher routine, String statement) {
    Matcher path = SEARCH_PATH.matcher(statement);
    List<String> names = goal.objects()
        .keySet()
        .stream()
        .filter(object -> object
            .startsWith(routine.group("kind").toLowerCase(Locale.ROOT) + " " + routine.group("name") + "("))
        .toList();
    if (!path.find() || !path.group("schema").equals(schema) || names.size() != 1) {
      return List.of(statement);
    }
    String signature = names.get(0).substring(routine.group("kind").length() + 1);
    return List.of(path.replaceFirst(""), """
        DO $$
        BEGIN
            EXECUTE format('ALTER %s %s SET search_path = %%I%s', current_schema());
        END $$""".formatted(routine.group("kind"), signature, path.group("rest").replace("'", "")));
  }

  private void run(List<String> statements) throws Refused {
    for (String sql : statements) {
      try (Statement statement = scratch.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new Refused("cannot be written, since it fails in a scratch database: " + e.getMessage() + "\n" + sql);
      }
    }
  }

  /** Statements for the comments that a new object and its parts lack. */
  private List<String> missingComments(Difference difference) {
    if (difference.expected() != null) {
      return List.of();
    }
    List<String> missing = new ArrayList<>(missingComment(difference.object()));
    if (difference.object().startsWith("table ")) {
      goal.objects()
          .keySet()
          .stream()
          .filter(object -> object.startsWith("column " + difference.object().substring("table ".length()) + ".")
              || object.startsWith("index ") && goal.objects()
                  .get(object)
                  .contains(" ON " + schema + "." + difference.object().substring("table ".length()) + " "))
          .forEach(object -> missing.addAll(missingComment(object)));
    }
    return missing;
  }

  /** A statement for the comment of an object, if it lacks one. */
  private List<String> missingComment(String object) {
    Matcher kind =
        Pattern.compile("(table|column|view|materialized view|index|function|procedure) (.*)").matcher(object);
    boolean said = !kind.matches() || goal.objects()
        .getOrDefault(object, "")
        .contains("COMMENT ON " + kind.group(1).toUpperCase(Locale.ROOT) + " ");
    return said
        ? List.of()
        : List.of("COMMENT ON %s %s IS 'TODO what it means'".formatted(kind.group(1).toUpperCase(Locale.ROOT),
            kind.group(2)));
  }

  /** Notes each new column that the table's trigger for updated_at does not know. */
  private void noteTriggersThatMissAColumn() {
    for (Difference added : start.differences(now)) {
      if (added.expected() == null && added.object().startsWith("column ")) {
        String column = added.object().substring("column ".length());
        String table = column.substring(0, column.lastIndexOf('.'));
        now.objects().forEach((object, definition) -> {
          Matcher columns = Pattern.compile("(?s).*BEFORE UPDATE OF (.*?) ON .*touch_updated_at.*").matcher(definition);
          if (object.startsWith("trigger " + table + ".") && columns.matches()
              && !List.of(columns.group(1).split(", ")).contains(column.substring(table.length() + 1))) {
            notes.add(column + " is not in the " + object
                + ": if it describes the row, add it there, so that its edits change updated_at");
          }
        });
      }
    }
  }

  /** Whether a table is made by the plan itself, so that nobody uses it yet; materialized views count as new too. */
  private boolean isNew(String table) {
    return !start.objects().containsKey("table " + plainName(table))
        && !start.objects().containsKey("materialized view " + plainName(table))
        && !goal.objects().containsKey("materialized view " + plainName(table));
  }

  /** A name without its schema and without quotes. */
  private String plainName(String qualified) {
    return Sql.unqualified(qualified, schema).replace("\"", "").strip();
  }

  private String qualified(String index) {
    return schema + "." + index;
  }

  private String unqualified(String statement) {
    return Sql.unqualified(statement, schema);
  }

  /** A name in the form of an intent: lower case with hyphens. */
  private static String slug(String object) {
    return object.replaceFirst("^table ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-|-$", "");
  }
}
