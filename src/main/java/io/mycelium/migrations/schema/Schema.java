package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.DatabaseReader.Also;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * A schema, object by object, as it was read from a database or from the files that {@link #write} wrote. It can be
 * compared with another schema, and gives the SQL that turns one into the other.
 *
 * <p>
 * A schema reads the same on PostgreSQL 15 to 18: what an installation may choose is left out of the comparison, or
 * marked as {@link Difference#foreign}.
 */
public final class Schema {

  private final CodeKeeper model;
  private final SortedMap<String, Item> unmodelled = new TreeMap<>();
  private final SortedMap<String, Item> items = new TreeMap<>();
  private final SortedMap<String, String> objects = new TreeMap<>();
  private final SortedSet<String> others;
  private final SortedSet<String> uncompared;

  /**
   * A schema of what was read.
   *
   * @param model what pgCodeKeeper has in its model
   * @param unmodelled what it has not
   * @param others the kinds and names of the objects that were not read
   * @param uncompared the kinds and names of the objects that cannot be read
   */
  Schema(CodeKeeper model, List<Item> unmodelled, SortedSet<String> others, SortedSet<String> uncompared) {
    this.model = model;
    this.others = others;
    this.uncompared = uncompared;
    model.objects().forEach(object -> items.put(object.item().name(), object.item()));
    unmodelled.forEach(item -> this.unmodelled.put(item.name(), item));
    this.unmodelled.putAll(model.privileges());
    items.putAll(this.unmodelled);
    items.forEach((name, item) -> objects.put(name, item.definition()));
  }

  /**
   * Reads the current schema of a connection, whatever is in it.
   *
   * @param connection in a transaction of {@link Snapshot}, or in another one that is REPEATABLE READ
   * @throws IOException if an object cannot be read; the message names it
   */
  public static Schema read(Connection connection) throws IOException, InterruptedException, SQLException {
    return DatabaseReader.read(connection, null, Also.NOTHING);
  }

  /**
   * Reads of the current schema of a connection the objects that have one of these names, their parts and what they
   * need. All others are {@link #others}.
   *
   * @param connection in a transaction of {@link Snapshot}, or in another one that is REPEATABLE READ
   * @param names the names, without schema and arguments
   * @throws IOException if an object cannot be read; the message names it
   */
  public static Schema read(Connection connection, Collection<String> names)
      throws IOException, InterruptedException, SQLException {
    return DatabaseReader.read(connection, names, Also.NOTHING);
  }

  /**
   * Reads, beside those, what depends on them: views over a table, other tables with foreign keys to it, functions
   * whose signature has its type. Who changes or drops an object has to know these.
   *
   * @param connection in a transaction of {@link Snapshot}, or in another one that is REPEATABLE READ
   * @param names the names, without schema and arguments
   * @throws IOException if an object cannot be read; the message names it
   */
  public static Schema readAround(Connection connection, Collection<String> names)
      throws IOException, InterruptedException, SQLException {
    return DatabaseReader.read(connection, names, Also.DEPENDENTS);
  }

  /**
   * Reads, beside those, what else the owner of the history has made in the schema: what somebody changed by hand. What
   * another role made, and what is another server's, are {@link #others}.
   *
   * @param connection in a transaction of {@link Snapshot}, or in another one that is REPEATABLE READ
   * @param names the names, without schema and arguments
   * @throws IOException if an object cannot be read; the message names it
   */
  public static Schema readWithByHand(Connection connection, Collection<String> names)
      throws IOException, InterruptedException, SQLException {
    return DatabaseReader.read(connection, names, Also.MADE_BY_HAND);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param files the texts of the files that it was written to, by their paths in the folder
   */
  static Schema read(Map<String, String> files) throws IOException, InterruptedException {
    return SchemaFolder.read(files);
  }

  /**
   * Writes it, one file an object. The file of a table has its columns, constraints, indexes, triggers and comments
   * too.
   *
   * @param folder the folder; everything in it is deleted before
   */
  public void write(Path folder) throws IOException, InterruptedException {
    SchemaFolder.write(this, folder);
  }

  /** The SQL that makes each object, by the object's kind and name. */
  public SortedMap<String, String> objects() {
    return Collections.unmodifiableSortedMap(objects);
  }

  /** The statements that make an object. */
  public List<String> statements(String object) {
    return List.of(items.get(object).whole().split(";\n\n|;$"));
  }

  /** The kinds and names of what is part of a table or view. */
  public List<String> parts(String relation) {
    return items.values().stream().filter(item -> relation.equals(item.relation())).map(Item::name).toList();
  }

  /** The names of its objects, without schema and arguments. */
  public Set<String> names() {
    return model.names(object -> true);
  }

  /** The names, without schema and arguments, of those of these objects that it has, such as {@code table agents}. */
  public Set<String> names(Collection<String> objects) {
    return model.names(objects::contains);
  }

  /** The kinds and names of the objects that were not read, since they are another application's. */
  public SortedSet<String> others() {
    return others;
  }

  /** The kinds and names of the objects of which nothing is known but that, since pgCodeKeeper does not read them. */
  public SortedSet<String> uncompared() {
    return uncompared;
  }

  /** What it holds, for people to read. */
  public Contents contents() {
    return Contents.of(model.schema(), model.objects());
  }

  /**
   * The routines whose bodies pgCodeKeeper cannot parse. They are compared as text, but what they depend on is not
   * known.
   */
  public SortedSet<String> unread() {
    return model.unread();
  }

  /**
   * What another schema would have to change to become this one.
   *
   * @param found the other schema
   * @return the objects that differ, sorted by name. Of a table that is missing or extra, only the table itself and not
   *         its parts
   */
  public List<Difference> differences(Schema found) {
    return Difference.between(items, found.items);
  }

  /**
   * The SQL that turns this schema into another one.
   *
   * @param to the other schema
   * @param wanted the names of the objects to change, as in {@link Difference#object}
   */
  public Script script(Schema to, Collection<String> wanted) throws InterruptedException {
    return Script.of(this, to, wanted);
  }

  /** The SQL that makes it in an empty database, but for an installation's own choices. */
  List<String> creation() throws IOException, InterruptedException {
    List<String> names = items.values().stream().filter(item -> !item.installations()).map(Item::name).toList();
    return SchemaFolder.empty().script(this, names).statements();
  }

  CodeKeeper model() {
    return model;
  }

  /** What is not in pgCodeKeeper's model, by name. */
  SortedMap<String, Item> unmodelled() {
    return unmodelled;
  }

  /** All that is compared, by name. */
  SortedMap<String, Item> items() {
    return items;
  }
}
