package io.mycelium.migrations.plan;

import io.mycelium.migrations.Names;
import io.mycelium.migrations.Refused;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.schema.Difference;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.Snapshot;
import io.mycelium.migrations.schema.Sql;
import io.mycelium.migrations.schema.Statement;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The steps by which a schema becomes another one on a live database. Each step becomes a changeset, and separates what
 * may not share a transaction or a lock.
 */
public final class Plan {

  private final Schema goal;
  private final Asked asked;
  private final Schema start;
  private final Set<String> names;
  private final Set<String> concerned;
  private final Steps steps;

  private Plan(Connection scratch, Set<String> names, Set<String> concerned, Schema goal, String schema, String name,
      Asked asked) throws Exception {
    this.goal = goal;
    this.asked = asked;
    this.names = names;
    this.start = read(scratch);
    this.concerned = concerned;
    concerned.addAll(start.objects().keySet());
    Trace.only(scratch, names);
    this.steps = new Steps(this::read, scratch, start, goal, schema, name);
  }

  /**
   * Makes a plan.
   *
   * @param scratch a database that has the schema to start from, which has the goal's afterwards
   * @param changed the database that has the schema to reach
   * @param name the intent
   * @param asked what may be dropped, and what is renamed
   * @throws Refused if it would lose what nobody asked to drop, or cannot be written; the message says what
   */
  public static Plan make(Connection scratch, Connection changed, String name, Asked asked) throws Exception {
    Schema all = Snapshot.of(scratch, Schema::read);
    Set<String> ours = new HashSet<>(all.names());
    ours.addAll(asked.renames().values());
    Schema goal = Snapshot.of(changed, snapshot -> Schema.readWithByHand(snapshot, ours));
    Set<String> concerned = new HashSet<>();
    for (Difference difference : all.differences(goal)) {
      concerned.add(difference.object());
      concerned.add(String.valueOf(difference.relation()));
    }
    // of perhaps very many objects only these, what they need and what needs them
    Set<String> names = new HashSet<>(asked.renames().values());
    asked.renames().keySet().forEach(renamed -> names.add(renamed.replaceFirst("\\..*", "")));
    names.addAll(all.names(concerned));
    names.addAll(goal.names(concerned));
    Set<String> around = new HashSet<>(names);
    for (Connection connection : List.of(scratch, changed)) {
      around.addAll(Snapshot.of(connection, snapshot -> Schema.readAround(snapshot, names)).names());
    }
    Plan plan = new Plan(scratch, around, concerned, goal, scratch.getSchema(), name, asked);
    plan.addRenames();
    plan.refuseDrops();
    plan.addSteps();
    plan.noteTriggersThatMissAColumn();
    return plan;
  }

  /** The steps, in the order in which they run. */
  public List<Step> steps() {
    return steps.all();
  }

  /** What a person has to think of. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>(steps.notes());
    if (!goal.others().isEmpty()) {
      notes.add("left out, since another role has made it, or it is no part of the schema: "
          + String.join(", ", Names.some(goal.others())));
    }
    return notes;
  }

  /**
   * What a database lacks for the goal, but for comments that a person has to fill in.
   *
   * @param connection to a database in which the steps were applied, or this was tried
   */
  public List<String> lacks(Connection connection) throws Exception {
    List<String> lacks = new ArrayList<>();
    for (Difference difference : left(read(connection))) {
      if (difference.expected() == null || difference.found() == null
          || !Comments.without(difference.expected()).equals(Comments.without(difference.found()))) {
        lacks.add("not written: " + difference);
      }
    }
    return lacks;
  }

  /** Reads of a schema what the plan may change. */
  private Schema read(Connection connection) throws Exception {
    return Snapshot.of(connection, snapshot -> Schema.read(snapshot, names));
  }

  /** What is asked for by name. */
  Asked asked() {
    return asked;
  }

  /** The tables that differ before or after it, without quotes. */
  Set<String> tables() {
    Set<String> tables = new TreeSet<>();
    for (Difference difference : start.differences(goal)) {
      for (String object : List.of(difference.object(), String.valueOf(difference.relation()))) {
        if (object.startsWith("table ")) {
          tables.add(object.substring("table ".length()));
        }
      }
    }
    return tables;
  }

  private List<Difference> left(Schema reached) {
    return reached.differences(goal)
        .stream()
        .filter(difference -> !difference.installations())
        .filter(difference -> concerned.contains(difference.object()) || concerned.contains(difference.relation()))
        .toList();
  }

  private void addRenames() throws Exception {
    for (Map.Entry<String, String> rename : asked.renames().entrySet()) {
      String[] from = rename.getKey().split("\\.");
      String table = "ALTER TABLE " + Sql.quoted(from[0]) + " RENAME ";
      String to = Sql.quoted(rename.getValue());
      String up = from.length == 2 ? table + "COLUMN " + Sql.quoted(from[1]) + " TO " + to : table + "TO " + to;
      String down = from.length == 2
          ? table + "COLUMN " + to + " TO " + Sql.quoted(from[1])
          : "ALTER TABLE " + to + " RENAME TO " + Sql.quoted(from[0]);
      steps.add(Draft.inATransaction("rename-" + rename.getKey(), up).undoneBy(List.of(down)));
    }
  }

  /** Refuses what is gone and was not named. It may have been renamed, and a drop and an add would lose its data. */
  private void refuseDrops() throws Refused {
    List<String> gone = new ArrayList<>();
    List<String> named = new ArrayList<>();
    for (Difference difference : left(steps.now())) {
      String object = difference.object();
      if (difference.found() == null && (object.startsWith("column ") || object.startsWith("table "))) {
        String name = object.substring(object.indexOf(' ') + 1);
        if (!asked.drops().contains(name)) {
          gone.add(object);
          named.add(name);
        }
      }
    }
    if (!gone.isEmpty()) {
      throw new Refused("no longer there: " + String.join(", ", gone) + ". If it was renamed, say so: -Drename="
          + named.get(0) + ":new_name. If it may be lost, with its data, say so: -Ddrop=" + String.join(",", named));
    }
  }

  private void addSteps() throws Exception {
    Schema now = steps.now();
    List<String> differences = left(now).stream().map(Difference::object).toList();
    if (differences.isEmpty()) {
      return;
    }
    List<Statement> script = Columns.kept(steps.statements(now.script(goal, differences).statements()), now);
    String lost = Losses.of(script, now, goal, asked);
    if (lost != null) {
      throw new Refused("cannot be written so that the data stay: " + lost
          + " would be dropped and made anew; write it in steps of your own, with a new column or table: mvn -Pnew");
    }
    for (Draft draft : Separation.of(script, now, goal)) {
      steps.add(draft);
    }
  }

  /** Notes each new column that the table's trigger for updated_at does not know. */
  private void noteTriggersThatMissAColumn() {
    Schema now = steps.now();
    for (Difference added : start.differences(now)) {
      if (added.expected() == null && added.object().startsWith("column ")) {
        String table = added.relation().substring(added.relation().indexOf(' ') + 1);
        String column = added.object().substring("column ".length() + table.length() + 1);
        for (String part : now.parts(added.relation())) {
          Statement trigger = new Statement(now.objects().get(part));
          if (trigger.does("CREATE TRIGGER") && trigger.has("touch_updated_at") && trigger.has("UPDATE", "OF")
              && !new Statement(trigger.from("UPDATE", "OF")).has(Sql.quoted(column))) {
            steps.note(table + "." + column + " is not in the " + part
                + ": if it describes the row, add it there, so that its edits change updated_at");
          }
        }
      }
    }
  }
}
