package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.locks.LiveRules;
import io.mycelium.migrations.locks.LiveRules.Breach;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.locks.Traced;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Schema.Difference;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a schema becomes another one on a live database: in steps, each a changeset, that hold apart what may not share a
 * transaction or a lock. Every step has been run twice in a scratch database, and its rollback too, and both led where
 * they ought to.
 */
final class Plan {

  /**
   * Statements that stand together.
   *
   * @param file the name of the file of a routine, without its ending; null for what stands in the changeset itself
   * @param statements the statements
   */
  record Part(String file, List<String> statements) {}

  /**
   * A changeset.
   *
   * @param name its intent
   * @param comment its comment, in YAML
   * @param transactional whether it runs in a transaction
   * @param parts what it does
   * @param down what undoes it
   */
  record Step(String name, String comment, boolean transactional, List<Part> parts, List<String> down) {}

  /** A statement that belongs to a relation that was there before. */
  private static final Pattern ADD_CONSTRAINT = Pattern.compile("(?s)ALTER TABLE (?:ONLY )?(?<table>\\S+|\".*?\")\\s+ADD CONSTRAINT (?<name>\\S+|\".*?\") (?<kind>UNIQUE|PRIMARY KEY)(?<nulls> NULLS NOT DISTINCT)? (?<rest>.*)");
  private static final Pattern VALIDATE = Pattern.compile("(?s)ALTER TABLE (?<table>\\S+|\".*?\") VALIDATE CONSTRAINT (?<name>.*)");
  private static final Pattern NOT_NULL = Pattern.compile("(?s)ALTER TABLE (?<table>\\S+|\".*?\")\\s+ALTER COLUMN (?<column>\\S+|\".*?\") SET NOT NULL");
  private static final Pattern INDEX = Pattern.compile("(?s)CREATE (?<unique>UNIQUE )?INDEX (?:IF NOT EXISTS )?(?<name>\\S+|\".*?\") ON (?<table>\\S+|\".*?\") (?<rest>USING .*)");
  private static final Pattern DROP_INDEX = Pattern.compile("DROP INDEX (?:IF EXISTS )?(?<name>(?:\\w+\\.|\".*?\"\\.)?(?:\\w+|\".*?\"))");
  private static final Pattern DROP = Pattern.compile("(?s)ALTER TABLE (?:ONLY )?(?<table>\\S+|\".*?\")\\s+DROP COLUMN (?<column>.*)|DROP TABLE (?<whole>.*)");
  private static final Pattern ROUTINE = Pattern.compile("(?s)CREATE OR REPLACE (?<kind>FUNCTION|PROCEDURE) (?<name>[^(]+)\\(.*");
  private static final Pattern SEARCH_PATH = Pattern.compile("\n\\s*SET search_path TO '(?<schema>[^']*)'(?<rest>[^\n]*)");

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
   * Makes it.
   *
   * @param scratch a database that has the schema to start from, to try every step in
   * @param goal the schema to come to
   * @param schema the name of both
   * @param name the intent
   * @param asked what may be dropped, and what is renamed
   * @throws Refused if it would lose what nobody asked to drop, or cannot be written; the message says what
   */
  static Plan make(Connection scratch, Schema goal, String schema, String name, Autogenerate.Asked asked) throws Exception {
    Plan plan = new Plan(scratch, goal, schema, name, asked);
    plan.rename();
    plan.refuseDrops();
    plan.newObjects();
    for (String table : plan.tables()) {
      plan.change(plan.steps.isEmpty() ? name : name + "-on-" + words(table), difference -> table.equals(plan.relation(difference)));
    }
    plan.change(plan.nextName("rest"), difference -> true);
    plan.differences().forEach(difference -> plan.notes.add("not written: " + difference));
    plan.say();
    return plan;
  }

  List<Step> steps() {
    return steps;
  }

  /** What was not written, and what is to be thought of. */
  List<String> notes() {
    return notes;
  }

  private List<Difference> differences() {
    return now.differences(goal).stream().filter(difference -> !difference.installations()).toList();
  }

  private Schema read() throws Exception {
    return Snapshot.of(scratch, Schema::read);
  }

  private void rename() throws Exception {
    for (Map.Entry<String, String> rename : asked.renames().entrySet()) {
      String[] from = rename.getKey().split("\\.");
      String up = from.length == 2 ? "ALTER TABLE %s RENAME COLUMN %s TO %s".formatted(from[0], from[1], rename.getValue())
          : "ALTER TABLE %s RENAME TO %s".formatted(from[0], rename.getValue());
      String down = from.length == 2 ? "ALTER TABLE %s RENAME COLUMN %s TO %s".formatted(from[0], rename.getValue(), from[1])
          : "ALTER TABLE %s RENAME TO %s".formatted(rename.getValue(), from[0]);
      step(nextName("rename-" + words(rename.getKey())), true, List.of(up), List.of(), List.of(down));
    }
  }

  /** A rename cannot be told from a drop and an add, which lose the data. */
  private void refuseDrops() throws Refused {
    List<String> gone = differences().stream().filter(difference -> difference.found() == null && difference.object().matches("(column|table) .*"))
        .filter(difference -> !asked.drops().contains(difference.object().replaceFirst("\\w+ ", ""))).map(Difference::object).toList();
    if (!gone.isEmpty()) {
      String object = gone.get(0).replaceFirst("\\w+ ", "");
      throw new Refused("no longer there: " + String.join(", ", gone) + ". What was renamed say so: -Drename=" + object + ":new_name."
          + " What may be lost, with its data, say so: -Ddrop=" + gone.stream().map(one -> one.replaceFirst("\\w+ ", "")).collect(Collectors.joining(",")));
    }
  }

  /** What hangs on no table that is there already: types, routines, new tables. */
  private void newObjects() throws Exception {
    change(name, difference -> relation(difference) == null && difference.found() != null && !difference.object().matches("(materialized )?view .*"));
  }

  /** The tables that are there already, and differ. */
  private Collection<String> tables() {
    return differences().stream().map(this::relation).filter(relation -> relation != null && relation.startsWith("table "))
        .map(relation -> relation.substring("table ".length())).collect(Collectors.toCollection(TreeSet::new)).stream().map(table -> "table " + table).toList();
  }

  /** The table that is there already and that an object is, or is a part of; else null. */
  private String relation(Difference difference) {
    String relation = difference.object().startsWith("table ") ? difference.object() : difference.relation();
    return relation != null && now.objects().containsKey(relation) && goal.objects().containsKey(relation) ? relation : null;
  }

  private String nextName(String suffix) {
    return steps.isEmpty() ? name : name + "-" + suffix;
  }

  private void change(String stepName, Predicate<Difference> which) throws Exception {
    List<Difference> differences = differences().stream().filter(which).toList();
    if (differences.isEmpty()) {
      return;
    }
    List<String> script = now.script(goal, differences.stream().map(Difference::object).toList());
    refuseLosses(stepName, script, goal);
    List<String> main = new ArrayList<>();
    List<Later> later = new ArrayList<>();
    List<String> target = main;
    for (String statement : merged(script)) {
      Matcher index = INDEX.matcher(statement);
      Matcher key = ADD_CONSTRAINT.matcher(statement);
      Matcher validate = VALIDATE.matcher(statement);
      Matcher required = NOT_NULL.matcher(statement);
      if (statement.startsWith("COMMENT ON ")) {
        target.add(statement);
        continue;
      }
      target = main;
      if (index.matches() && !isNew(index.group("table"))) {
        List<String> own = new ArrayList<>(concurrently(statement));
        main.removeIf(("DROP INDEX " + qualified(index.group("name")))::equals);
        later.add(() -> step(nextName("create-" + words(index.group("name"))), false, own, todo("index " + bare(index.group("name"))), null));
        target = own;
      } else if (key.matches() && !isNew(key.group("table"))) {
        String rest = key.group("rest");
        List<String> own = new ArrayList<>(List.of("DROP INDEX CONCURRENTLY IF EXISTS " + qualified(key.group("name")),
            "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s%s".formatted(key.group("name"), key.group("table"), rest, key.group("nulls") == null ? "" : key.group("nulls")),
            "COMMENT ON INDEX " + qualified(key.group("name")) + " IS NULL"));
        List<String> attach = new ArrayList<>(List.of("ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %2$s".formatted(key.group("table"), key.group("name"), key.group("kind"))));
        later.add(() -> step(nextName("create-" + words(key.group("name"))), false, own, List.of(), null));
        later.add(() -> step(nextName("attach-" + words(key.group("name"))), true, attach, List.of(), null));
        target = attach;
      } else if (validate.matches() && !isNew(validate.group("table"))) {
        later.add(() -> validate(validate.group("table"), validate.group("name")));
      } else if (required.matches() && !isNew(required.group("table"))) {
        String alter = "ALTER TABLE " + required.group("table");
        String check = bare(required.group("table")).replace("\"", "") + "_" + bare(required.group("column")).replace("\"", "") + "_is_not_null";
        main.add(alter + " ADD CONSTRAINT " + check + " CHECK (" + required.group("column") + " IS NOT NULL) NOT VALID");
        later.add(() -> validate(required.group("table"), check));
        later.add(() -> step(nextName("require-" + words(required.group("column"))), true, List.of(statement, alter + " DROP CONSTRAINT " + check), List.of(), null));
        notes.add("rows without %s in %s fail its validation: fill them first, in batches".formatted(required.group("column"), bare(required.group("table"))));
      } else if (!(statement.startsWith("UPDATE ") && statement.contains(" = DEFAULT WHERE "))) {
        main.add(statement);
      }
    }
    for (String drop : main.stream().filter(statement -> DROP_INDEX.matcher(statement).matches()).toList()) {
      main.remove(drop);
      later.add(() -> step(nextName("drop-" + words(bare(drop.substring("DROP INDEX ".length())))), false, concurrently(drop), List.of(), null));
    }
    step(stepName, true, main, differences.stream().flatMap(difference -> missingComments(difference).stream()).toList(), null);
    for (Later step : later) {
      step.run();
    }
  }

  /** The same statement on an index, so that nobody waits, and that mends what a killed run has left. */
  private List<String> concurrently(String statement) {
    Matcher create = INDEX.matcher(statement);
    Matcher drop = DROP_INDEX.matcher(statement);
    if (create.matches()) {
      return List.of("DROP INDEX CONCURRENTLY IF EXISTS " + qualified(create.group("name")),
          "CREATE %sINDEX CONCURRENTLY %s ON %s %s".formatted(create.group("unique") == null ? "" : "UNIQUE ", create.group("name"), create.group("table"), create.group("rest")));
    }
    return List.of(drop.matches() ? "DROP INDEX CONCURRENTLY IF EXISTS " + drop.group("name") : statement);
  }

  /** Checks the rows that are there; undone by the constraint anew, which pgCodeKeeper takes for the same. */
  private void validate(String table, String constraint) throws Exception {
    List<String> undo = new ArrayList<>(List.of("ALTER TABLE %s DROP CONSTRAINT %s".formatted(table, constraint)));
    undo.addAll(List.of(now.objects().get("constraint " + bare(table) + "." + bare(constraint)).split(";\n\n|;$")));
    step(nextName("validate-" + words(constraint)), true, List.of("ALTER TABLE %s VALIDATE CONSTRAINT %s".formatted(table, constraint)), List.of(), undo);
  }

  /** A step that can be written only when those before it are. */
  private interface Later {
    void run() throws Exception;
  }

  /** A constant default with its column: at no cost, and for the rows that are there too. */
  private static List<String> merged(List<String> script) {
    List<String> merged = new ArrayList<>();
    Pattern setDefault = Pattern.compile("(?s)ALTER TABLE ONLY (?<table>.*)\\s+ALTER COLUMN (?<column>\\S+|\".*\") SET DEFAULT (?<value>[^()]*)");
    for (String statement : script) {
      Matcher value = setDefault.matcher(statement);
      String last = merged.isEmpty() ? "" : merged.get(merged.size() - 1);
      if (value.matches() && last.startsWith("ALTER TABLE %s\n\tADD COLUMN IF NOT EXISTS %s ".formatted(value.group("table").strip(), value.group("column"))) && !last.contains(" GENERATED ")) {
        merged.set(merged.size() - 1, last + " DEFAULT " + value.group("value"));
      } else {
        merged.add(statement);
      }
    }
    return merged;
  }

  /** Where PostgreSQL cannot alter a thing, pgCodeKeeper drops it and makes it anew, which loses what both schemas hold. */
  private void refuseLosses(String what, List<String> script, Schema goal) throws Refused {
    for (String statement : script) {
      Matcher drop = DROP.matcher(statement);
      if (drop.matches()) {
        String object = drop.group("whole") != null ? bare(drop.group("whole")) : bare(drop.group("table")) + "." + drop.group("column");
        String kept = goal.objects().getOrDefault((drop.group("whole") != null ? "table " : "column ") + object, "");
        if (!kept.isEmpty() && !kept.contains(" GENERATED ALWAYS AS (")) {
          throw new Refused(what + " cannot be written so that the data stay: " + object
              + " would be dropped and made anew; write it in steps of your own, with a new column or table");
        }
      }
    }
  }

  /** Runs a step twice, and its rollback, and keeps it. */
  private void step(String stepName, boolean transactional, List<String> up, List<String> todo, List<String> undo) throws Exception {
    List<Part> parts = parts(up.stream().map(this::unqualified).map(statement -> transactional ? Sql.twice(statement) : statement).toList());
    if (parts.isEmpty()) {
      return;
    }
    List<String> statements = parts.stream().flatMap(part -> part.statements().stream()).toList();
    List<Breach> breaches = new ArrayList<>(traced(stepName, Traced.UPDATE, transactional, statements));
    run(statements);
    Schema after = read();
    List<String> names = now.differences(after).stream().map(Difference::object).toList();
    List<String> script = undo != null ? undo : after.script(now, names);
    refuseLosses("the rollback of " + stepName, script, now);
    List<String> down = script.stream().flatMap(statement -> transactional ? Stream.of(statement) : concurrently(statement).stream()).map(this::unqualified)
        .map(statement -> transactional ? Sql.twice(statement) : statement).toList();
    breaches.addAll(traced(stepName, Traced.ROLLBACK, transactional, down));
    run(down);
    List<Difference> left = now.differences(read());
    if (!left.isEmpty()) {
      notes.add("the rollback of " + stepName + " is not whole: " + left.stream().map(Difference::toString).collect(Collectors.joining("\n")));
    }
    run(statements);
    if (!todo.isEmpty()) {
      parts = new ArrayList<>(parts);
      parts.add(new Part(null, todo));
    }
    steps.add(new Step(stepName, comment(breaches), transactional, parts, down));
    now = after;
  }

  /** Runs statements, and gives back what makes the clients of a live database wait or fail. */
  private List<Breach> traced(String stepName, String direction, boolean transactional, List<String> statements) throws Exception {
    try {
      return LiveRules.breaches(Trace.of(scratch, null, new Script(stepName, "", direction, transactional, statements)));
    } catch (SQLException e) {
      throw new Refused("cannot be written, since it fails in a scratch database: " + e.getMessage() + "\n" + String.join(";\n", statements));
    }
  }

  /** What cannot be done otherwise is said. */
  private String comment(List<Breach> breaches) {
    if (breaches.isEmpty()) {
      return NewMigration.WHY;
    }
    Map<String, Set<String>> problems = new LinkedHashMap<>();
    for (Breach breach : breaches) {
      if (problems.computeIfAbsent(breach.relation(), relation -> new LinkedHashSet<>()).add(breach.problem())) {
        notes.add("blocking(%s): %s; better: %s".formatted(breach.relation(), breach.problem(), breach.remedy()));
      }
    }
    return "\"%s. %s\"".formatted(problems.entrySet().stream().map(problem -> "blocking(%s): %s".formatted(problem.getKey(), String.join("; ", problem.getValue())))
        .collect(Collectors.joining(". ")), NewMigration.WHY);
  }

  /** A routine and what is said of it become a file. */
  private List<Part> parts(List<String> statements) {
    List<Part> parts = new ArrayList<>();
    for (String statement : statements) {
      Matcher routine = ROUTINE.matcher(statement);
      Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
      if (routine.matches()) {
        parts.add(new Part(routine.group("name").replaceAll("[^A-Za-z0-9_]", "_"), new ArrayList<>(ofWhateverSchema(routine, statement))));
      } else if (last != null && (last.file() == null || !Sql.isAtomic(last.statements().get(0)) && statement.matches("(?s)(COMMENT|REVOKE|GRANT) .* (FUNCTION|PROCEDURE) .*"))) {
        last.statements().add(statement);
      } else {
        parts.add(new Part(null, new ArrayList<>(List.of(statement))));
      }
    }
    return parts;
  }

  /** A search path that names the schema is set to whatever the schema is called where it runs. */
  private List<String> ofWhateverSchema(Matcher routine, String statement) {
    Matcher path = SEARCH_PATH.matcher(statement);
    List<String> names = goal.objects().keySet().stream().filter(object -> object.startsWith(routine.group("kind").toLowerCase() + " " + routine.group("name") + "(")).toList();
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

  /** What people shall read of an object that has no comment. */
  private List<String> missingComments(Difference difference) {
    if (difference.expected() != null) {
      return List.of();
    }
    List<String> missing = new ArrayList<>(todo(difference.object()));
    if (difference.object().startsWith("table ")) {
      goal.objects().keySet().stream().filter(object -> object.startsWith("column " + difference.object().substring("table ".length()) + ".")
          || object.startsWith("index ") && goal.objects().get(object).contains(" ON " + schema + "." + difference.object().substring("table ".length()) + " "))
          .forEach(object -> missing.addAll(todo(object)));
    }
    return missing;
  }

  private List<String> todo(String object) {
    Matcher kind = Pattern.compile("(table|column|view|materialized view|index|function|procedure) (.*)").matcher(object);
    boolean said = !kind.matches() || goal.objects().getOrDefault(object, "").contains("COMMENT ON " + kind.group(1).toUpperCase() + " ");
    return said ? List.of() : List.of("COMMENT ON %s %s IS 'TODO what it means'".formatted(kind.group(1).toUpperCase(), kind.group(2)));
  }

  /** Columns that a trigger of the table does not know. */
  private void say() {
    for (Difference added : start.differences(now)) {
      if (added.expected() == null && added.object().startsWith("column ")) {
        String column = added.object().substring("column ".length());
        String table = column.substring(0, column.lastIndexOf('.'));
        now.objects().forEach((object, definition) -> {
          Matcher columns = Pattern.compile("(?s).*BEFORE UPDATE OF (.*?) ON .*touch_updated_at.*").matcher(definition);
          if (object.startsWith("trigger " + table + ".") && columns.matches() && !List.of(columns.group(1).split(", ")).contains(column.substring(table.length() + 1))) {
            notes.add(column + " is not in the " + object + ": if it describes the row, add it there, so that its edits change updated_at");
          }
        });
      }
    }
  }

  private boolean isNew(String table) {
    return !start.objects().containsKey("table " + bare(table)) && !start.objects().containsKey("materialized view " + bare(table))
        && !goal.objects().containsKey("materialized view " + bare(table));
  }

  private String bare(String qualified) {
    return Sql.unqualified(qualified, schema).replace("\"", "").strip();
  }

  private String qualified(String index) {
    return schema + "." + index;
  }

  private String unqualified(String statement) {
    return Sql.unqualified(statement, schema);
  }

  /** As an intent is written. */
  private static String words(String object) {
    return object.replaceFirst("^table ", "").toLowerCase().replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
