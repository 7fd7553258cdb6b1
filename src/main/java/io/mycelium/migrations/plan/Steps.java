package io.mycelium.migrations.plan;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.locks.LiveRules;
import io.mycelium.migrations.locks.LiveRules.Breach;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.locks.Trace.Script;
import io.mycelium.migrations.locks.Traced;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Sql;
import io.mycelium.migrations.schema.Statement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the steps of a plan. A step's rollback follows from the schemas before and after it, so each is run. */
final class Steps {

  private final Connection scratch;
  private final Conversion conversion;
  private final Reader reader;
  private final Schema goal;
  private final String schema;
  private final String name;
  private final List<Step> all = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Schema now;

  Steps(Reader reader, Connection scratch, Schema start, Schema goal, String schema, String name) {
    this.reader = reader;
    this.scratch = scratch;
    this.conversion = new Conversion(scratch);
    this.now = start;
    this.goal = goal;
    this.schema = schema;
    this.name = name;
  }

  /** Reads of a schema what the steps may change. */
  interface Reader {
    Schema read(Connection connection) throws Exception;
  }

  List<Step> all() {
    return all;
  }

  List<String> notes() {
    return notes;
  }

  void note(String note) {
    notes.add(note);
  }

  /** The schema after the steps so far. */
  Schema now() {
    return now;
  }

  /** Makes a step of a draft, and runs it. */
  void add(Draft draft) throws Exception {
    String intent = intent(draft);
    List<String> up = up(draft);
    Set<Breach> breaches = new LinkedHashSet<>(trace(intent, Traced.UPDATE, draft.transactional(), up));
    Schema after = reader.read(scratch);
    List<Difference> made = now.differences(after);
    List<String> rollback = rollback(draft, after, made);
    boolean undoable = true;
    try {
      if (!draft.isUndoneAsAWhole()) {
        breaches.addAll(trace(intent, Traced.ROLLBACK, draft.transactional(), rollback));
        run(draft.transactional(), up);
      }
    } catch (Refused e) {
      undoable = false;
      String reason = e.getMessage().replaceFirst(" \\(" + Pattern.quote(intent) + " changes .*", "");
      rollback = List.of(raise(intent + " cannot be undone: " + reason));
      note("the rollback of " + intent + " cannot be written, and says so: " + reason);
    }
    if (draft.filled() != null) {
      note("rows without " + draft.filled() + " fail its validation: fill them first, in batches");
    }
    List<String> statements = new ArrayList<>(up);
    statements.addAll(Comments.missing(made, after, goal));
    all.add(new Step(intent, comment(breaches), draft.transactional(), statements, rollback, undoable, casts(draft),
        draft.filled()));
    now = after;
  }

  private static Map<String, String> casts(Draft draft) {
    Map<String, String> casts = new LinkedHashMap<>();
    for (Statement statement : draft.statements()) {
      if (Conversion.isOne(statement)) {
        casts.put(Statement.plain(statement.object()) + "." + Statement.plain(statement.part()),
            Conversion.type(statement));
      }
    }
    return casts;
  }

  private List<String> up(Draft draft) throws SQLException {
    List<Statement> statements = new ArrayList<>();
    for (Statement statement : draft.statements()) {
      for (Statement one : conversion.of(statement)) {
        statements.addAll(Routine.withItsSchemaInSearchPath(one, schema, goal.objects().keySet()));
      }
    }
    return repeatable(draft, statements, now, goal);
  }

  private List<String> repeatable(Draft draft, List<Statement> statements, Schema from, Schema to) throws SQLException {
    Set<String> stay = new HashSet<>(from.objects().keySet());
    stay.retainAll(to.objects().keySet());
    return draft.transactional()
        ? Order.byTrying(scratch, Rights.kept(statements, stay)).stream().map(Statement::repeatable).toList()
        : statements.stream().map(Statement::sql).toList();
  }

  private List<String> rollback(Draft draft, Schema after, List<Difference> made) throws Exception {
    List<String> script = undo(draft, after, made);
    List<Statement> statements = new ArrayList<>();
    for (Statement statement : Columns.kept(statements(script), after)) {
      statements.addAll(draft.transactional() ? conversion.of(statement) : concurrently(statement));
    }
    String lost = Losses.of(statements, after, now, new Asked(Set.of(), Map.of()));
    return lost != null
        ? List.of(raise(lost + " would be dropped and made anew"))
        : repeatable(draft, statements, after, now);
  }

  /** The statements of a script, without the schema's name. */
  List<Statement> statements(List<String> script) {
    return script.stream().map(sql -> new Statement(Sql.unqualified(sql, schema))).toList();
  }

  private List<String> undo(Draft draft, Schema after, List<Difference> made) throws InterruptedException {
    Statement first = draft.statements().get(0);
    if (draft.undo() != null) {
      return draft.undo();
    } else if (first.does("ALTER TABLE VALIDATE CONSTRAINT")) {
      // to pgCodeKeeper both are the same constraint
      List<String> undo = new ArrayList<>();
      undo.add("ALTER TABLE " + first.object() + " DROP CONSTRAINT " + first.part());
      undo.addAll(
          now.statements("constraint " + Statement.plain(first.object()) + "." + Statement.plain(first.part())));
      return undo;
    }
    return after.script(now, made.stream().map(Difference::object).toList()).statements();
  }

  private static List<Statement> concurrently(Statement statement) {
    String index = statement.object();
    if (statement.does("DROP INDEX")) {
      return List.of(new Statement("DROP INDEX CONCURRENTLY IF EXISTS " + index));
    } else if (statement.does("CREATE INDEX")) {
      return Draft.index(statement).statements();
    }
    return List.of(statement);
  }

  private static String raise(String message) {
    return "DO $refuse$ BEGIN\nRAISE EXCEPTION USING MESSAGE = '" + message.replace("'", "''") + "';\nEND $refuse$";
  }

  /** Runs statements. The answer is what would make the clients of a live database wait or fail. */
  private List<Breach> trace(String intent, String direction, boolean transactional, List<String> statements)
      throws Exception {
    try {
      return LiveRules.breaches(Trace.of(scratch, null, new Script(intent, "", direction, transactional, statements)));
    } catch (SQLException e) {
      throw new Refused(Failure.words(e) + " (" + intent + " changes " + changed(statements)
          + "). Nothing was written; write it by hand: mvn -Pnew");
    }
  }

  private void run(boolean transactional, List<String> statements) throws SQLException {
    scratch.setAutoCommit(!transactional);
    try (var statement = scratch.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
      if (transactional) {
        scratch.commit();
      }
    } finally {
      scratch.setAutoCommit(true);
    }
  }

  /** The objects that statements change. */
  private static String changed(List<String> statements) {
    return statements.stream()
        .map(sql -> new Statement(sql).object())
        .filter(object -> !object.isEmpty())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** A changeset's comment: what the step blocks. */
  private String comment(Set<Breach> breaches) {
    Map<String, Set<String>> problems = new LinkedHashMap<>();
    for (Breach breach : breaches) {
      if (problems.computeIfAbsent(breach.relation(), relation -> new LinkedHashSet<>()).add(breach.problem())) {
        note("blocking(%s): %s; better: %s".formatted(breach.relation(), breach.problem(), breach.remedy()));
      }
    }
    return problems.entrySet()
        .stream()
        .map(problem -> "blocking(%s): %s".formatted(problem.getKey(), String.join("; ", problem.getValue())))
        .collect(Collectors.joining(". "));
  }

  /** A name of the step that no other one has, in lower case with hyphens. */
  private String intent(Draft draft) {
    String words = all.isEmpty()
        ? name
        : name + "-" + draft.intent().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String shortened = words.substring(0, Math.min(words.length(), Step.LONGEST_NAME - 3)).replaceAll("-+$", "");
    return Stream.iterate(1, number -> number + 1)
        .map(number -> number == 1 ? shortened : shortened + "-" + String.valueOf(number))
        .filter(candidate -> all.stream().noneMatch(step -> step.name().equals(candidate)))
        .findFirst()
        .orElseThrow();
  }
}
