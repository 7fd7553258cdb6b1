package io.mycelium.migrations.schema;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.pgcodekeeper.core.DatabaseType;
import org.pgcodekeeper.core.PgDiff;
import org.pgcodekeeper.core.database.base.jdbc.IJdbcConnector;
import org.pgcodekeeper.core.ignorelist.IgnoreList;
import org.pgcodekeeper.core.ignorelist.IgnoreSchemaList;
import org.pgcodekeeper.core.ignorelist.IgnoredObject;
import org.pgcodekeeper.core.loader.DatabaseLoader;
import org.pgcodekeeper.core.loader.FullAnalyze;
import org.pgcodekeeper.core.loader.ProjectLoader;
import org.pgcodekeeper.core.loader.pg.JdbcPgLoader;
import org.pgcodekeeper.core.model.difftree.DbObjType;
import org.pgcodekeeper.core.model.difftree.DiffTree;
import org.pgcodekeeper.core.model.difftree.TreeElement;
import org.pgcodekeeper.core.model.difftree.TreeElement.DiffSide;
import org.pgcodekeeper.core.model.exporter.ModelExporter;
import org.pgcodekeeper.core.monitor.NullMonitor;
import org.pgcodekeeper.core.parsers.antlr.base.ScriptParser;
import org.pgcodekeeper.core.schema.AbstractColumn;
import org.pgcodekeeper.core.schema.AbstractDatabase;
import org.pgcodekeeper.core.schema.AbstractTable;
import org.pgcodekeeper.core.schema.PgObjLocation;
import org.pgcodekeeper.core.schema.PgPrivilege;
import org.pgcodekeeper.core.schema.PgStatement;
import org.pgcodekeeper.core.schema.pg.AbstractPgView;
import org.pgcodekeeper.core.schema.pg.PgColumn;
import org.pgcodekeeper.core.schema.pg.PgTrigger;
import org.pgcodekeeper.core.script.SQLScript;
import org.pgcodekeeper.core.settings.CoreSettings;

/**
 * A schema, object by object, as pgCodeKeeper reads it from a database or from the files that {@link #write} wrote. It
 * can be compared with another schema, and writes the SQL that turns one into the other.
 *
 * <p>
 * A schema reads the same on PostgreSQL 15 to 18: what an installation may choose is left out of the comparison, or
 * marked as {@link Difference#foreign}.
 */
public final class Schema {

  private static final CoreSettings SETTINGS = settings();
  private static final Pattern LIQUIBASE = Pattern.compile("databasechangelog(lock)?");

  /** Settings under which definitions read the same in every database and for every role; pg_dump sets them as well. */
  private static final String READING_SETTINGS = """
      set local quote_all_identifiers = off; set local datestyle = iso; set local intervalstyle = postgres;
      set local extra_float_digits = 3; set local bytea_output = hex; set local standard_conforming_strings = on""";

  /**
   * Reads what pgCodeKeeper's model does not have. A row is the object's name, the SQL that makes it, the SQL that
   * undoes it, the relation that it is part of, and whether it is the installation's own choice.
   */
  private static final String UNMODELLED =
      """
          select 'setting ' || split_part(setting, '=', 1),
                 format('DO $$ BEGIN EXECUTE format(''ALTER DATABASE %%I SET %s = %%L'', current_database(), %L); END $$', split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)),
                 format('DO $$ BEGIN EXECUTE format(''ALTER DATABASE %%I RESET %s'', current_database()); END $$', split_part(setting, '=', 1)),
                 null, true
            from pg_db_role_setting, unnest(setconfig) setting
            where setdatabase = (select oid from pg_database where datname = current_database()) and setrole = 0
          union all
          select 'replica identity of table ' || relname,
                 format('ALTER TABLE %I.%I REPLICA IDENTITY %s', nspname, relname, case relreplident when 'f' then 'FULL' when 'n' then 'NOTHING'
                   else (select format('USING INDEX %I', i.relname) from pg_index join pg_class i on i.oid = indexrelid where indrelid = c.oid and indisreplident) end),
                 format('ALTER TABLE %I.%I REPLICA IDENTITY DEFAULT', nspname, relname), 'table ' || relname, false
            from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = current_schema() and relkind in ('r', 'p') and relreplident <> 'd'
          union all
          select 'validity of index ' || i.relname, 'its building was broken off, so no query uses it', format('REINDEX INDEX CONCURRENTLY %I.%I', nspname, i.relname),
                 'table ' || t.relname, false
            from pg_index join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid join pg_namespace n on n.oid = i.relnamespace
            where nspname = current_schema() and not indisvalid and i.relkind = 'i'
          union all
          select format('publication %s of table %s', pubname, tablename), format('ALTER PUBLICATION %I ADD TABLE %I.%I', pubname, schemaname, tablename),
                 format('ALTER PUBLICATION %I DROP TABLE %I.%I', pubname, schemaname, tablename), null, true
            from pg_publication_tables where schemaname = current_schema()
          """;

  /** What pgCodeKeeper does not read of a database on Citus: a table that ought to be distributed and is not. */
  private static final String NOT_DISTRIBUTED =
      """
          union all
          select 'place of table ' || name, 'all its rows are on this server, and not distributed', format('CALL %I.distribute_by_workflow()', current_schema()),
                 'table ' || name, false
            from unnest(array['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events']) name
            where to_regprocedure(format('%I.distribute_by_workflow()', current_schema())) is not null
              and not exists (select from pg_dist_partition where logicalrelid = to_regclass(format('%I.%I', current_schema(), name)) and partmethod = 'h')
          """;

  /** The parts of distributed tables. Where this server holds some, they are tables in its catalog, too. */
  private static final String SHARDS =
      "select (parse_ident(name))[array_length(parse_ident(name), 1)] from pg_dist_shard, shard_name(logicalrelid, shardid) name";

  /** The file that {@link #write} puts these objects into, and the form of an entry there. */
  private static final String UNMODELLED_FILE = "DATABASE.sql";
  private static final Pattern UNMODELLED_ENTRY = Pattern.compile("-- (.*)\n(.*);\n-- undone by: (.*);\n");

  /**
   * An object.
   *
   * @param definition the SQL that makes it, without its parts that are objects themselves, such as columns
   * @param whole the SQL that makes it with these parts
   * @param undo the SQL that undoes it; null where pgCodeKeeper writes that itself
   * @param relation the table or view that it is part of; null if none
   * @param installations whether it is the installation's own choice
   */
  private record Item(String definition, String whole, String undo, String relation, boolean installations) {

    static Item unmodelled(String definition, String undo, String relation, boolean installations) {
      return new Item(definition, definition, undo, relation, installations);
    }
  }

  /**
   * An object that is missing, extra or different.
   *
   * @param object its kind and name, such as {@code table agents} or {@code column agents.embedding}
   * @param expected the SQL of what ought to be there; null if nothing ought to
   * @param found the SQL of what is there; null if nothing is
   * @param relation the kind and name of the table or view that it is part of; null if none
   * @param foreign whether the migrations did not make it: another application's object, or an installation's own
   *          choice
   * @param installations whether it is an installation's own choice
   */
  public record Difference(String object, String expected, String found, String relation, boolean foreign,
      boolean installations) {

    /**
     * What is wrong with the object, then both definitions. Of an object that is different, only the lines that differ.
     */
    @Override
    public String toString() {
      String wrong = found == null ? "missing" : expected == null ? "extra" : "different";
      return wrong + ": " + object + side("expected", expected, found) + side("found", found, expected);
    }

    private static String side(String name, String definition, String other) {
      List<String> lines = definition == null ? List.of() : definition.lines().filter(line -> !line.isBlank()).toList();
      List<String> different =
          other == null ? lines : lines.stream().filter(line -> other.lines().noneMatch(line::equals)).toList();
      return different.isEmpty() ? "" : "\n  " + name + ": " + String.join("\n    ", different).strip();
    }
  }

  private final AbstractDatabase database;
  private final SortedMap<String, Item> items = new TreeMap<>();
  private final SortedMap<String, Item> unmodelled;
  private final List<Object> errors;
  private final Set<String> shards;
  private boolean analyzed;

  private Schema(AbstractDatabase database, SortedMap<String, Item> unmodelled, Set<String> shards,
      List<Object> errors) {
    this.database = database;
    this.unmodelled = unmodelled;
    this.shards = shards;
    this.errors = errors;
    statements().forEach(this::leaveOutInstallationChoices);
    statements().forEach(Schema::unqualifyViewColumns);
    statements().forEach(Schema::orderTriggerColumns);
    statements().forEach(this::add);
    items.putAll(unmodelled);
  }

  /**
   * Reads the current schema of a connection.
   *
   * @param connection in a transaction of {@link Snapshot}, or in another one that is REPEATABLE READ
   * @throws IOException if an object cannot be read; the message names it
   */
  public static Schema read(Connection connection) throws IOException, InterruptedException, SQLException {
    String schema = connection.getSchema();
    boolean citus = names(connection, "select extname from pg_extension").contains("citus");
    SortedMap<String, Item> unmodelled = readUnmodelled(connection, citus ? UNMODELLED + NOT_DISTRIBUTED : UNMODELLED);
    Set<String> shards = citus ? names(connection, SHARDS) : Set.of();
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute(READING_SETTINGS);
    }
    JdbcPgLoader loader =
        new JdbcPgLoader(new BorrowedConnection(connection), "UTC", SETTINGS, new NullMonitor(), onlySchema(schema));
    AbstractDatabase database = loader.load();
    connection.rollback(before); // undoes the settings too, the loader's own among them
    return new Schema(database, unmodelled, shards, loader.getErrors());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param folder the folder that it was written to
   * @throws IOException if a file cannot be read
   */
  public static Schema read(Path folder) throws IOException, InterruptedException {
    SortedMap<String, Item> unmodelled = new TreeMap<>();
    Matcher entries = UNMODELLED_ENTRY.matcher(Files.readString(folder.resolve(UNMODELLED_FILE)));
    while (entries.find()) {
      unmodelled.put(entries.group(1),
          Item.unmodelled(entries.group(2), entries.group(3), null, entries.group(1).startsWith("setting ")));
    }
    DatabaseLoader loader = new ProjectLoader(folder.toString(), SETTINGS);
    return new Schema(loader.load(), unmodelled, Set.of(), loader.getErrors());
  }

  /**
   * Writes it, one file an object. The file of a table has its columns, constraints, indexes, triggers and comments
   * too.
   *
   * @param folder the folder; everything in it is deleted before
   */
  public void write(Path folder) throws IOException, InterruptedException {
    FileUtils.deleteDirectory(folder.toFile());
    List<TreeElement> elements = new ArrayList<>();
    collect(DiffTree.create(SETTINGS, database, null), elements);
    new ModelExporter(folder, database, null, DatabaseType.PG, elements, "UTF-8", SETTINGS).exportProject();
    StringBuilder file = new StringBuilder();
    unmodelled.forEach(
        (name, item) -> file.append("-- %s\n%s;\n-- undone by: %s;\n".formatted(name, item.definition, item.undo)));
    Files.writeString(folder.resolve(UNMODELLED_FILE), file);
  }

  /** The SQL that makes each object, by the object's kind and name. */
  public SortedMap<String, String> objects() {
    SortedMap<String, String> objects = new TreeMap<>();
    items.forEach((name, item) -> objects.put(name, item.definition));
    return objects;
  }

  /** What it holds, for people to read. */
  public Contents contents() {
    return Contents.of(this);
  }

  /**
   * The routines whose bodies pgCodeKeeper cannot parse. They are compared as text, but what they depend on is not
   * known.
   */
  public SortedSet<String> unread() {
    return errors.stream()
        .map(error -> error.toString().replaceFirst("(?s) .*", "").replaceFirst(".*/", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * What another schema would have to change to become this one.
   *
   * @param found the other schema
   * @return the objects that differ, sorted by name. Of a table that is missing or extra, only the table itself and not
   *         its parts
   */
  public List<Difference> differences(Schema found) {
    SortedSet<String> names = new TreeSet<>(items.keySet());
    names.addAll(found.items.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      Item left = items.get(name);
      Item right = found.items.get(name);
      if (left == null || right == null || !left.definition.equals(right.definition)) {
        String relation = (left == null ? right : left).relation;
        boolean ofAWhole = relation != null && items.containsKey(relation) != found.items.containsKey(relation);
        boolean foreign = left == null
            ? right.installations || relation == null || !items.containsKey(relation)
            : left.installations && right != null;
        if (!ofAWhole) {
          differences.add(new Difference(name, left == null ? null : right == null ? left.whole : left.definition,
              right == null ? null : left == null ? right.whole : right.definition, relation, foreign,
              (left == null ? right : left).installations));
        }
      }
    }
    return differences;
  }

  /**
   * The SQL that turns this schema into another one.
   *
   * @param to the other schema
   * @param wanted the names of the objects to change, as in {@link Difference#object}
   * @return the statements, without a semicolon, in the order in which they can run
   * @throws IOException if pgCodeKeeper cannot read its own script; the message says where
   */
  public List<String> script(Schema to, Collection<String> wanted) throws IOException, InterruptedException {
    analyze();
    to.analyze();
    TreeElement root = DiffTree.create(SETTINGS, database, to.database);
    select(root, to, wanted::contains);
    ScriptParser script = new ScriptParser("script",
        new PgDiff(SETTINGS).diff(root, database, to.database, null, null, new IgnoreList()), SETTINGS);
    if (script.getErrorMessage() != null) {
      throw new IOException(script.getErrorMessage());
    }
    List<String> statements = new ArrayList<>(
        script.batch().stream().map(PgObjLocation::getSql).filter(sql -> !sql.startsWith("SET search_path")).toList());
    statements.addAll(storageResets(to, wanted));
    for (String name : wanted) {
      Item from = unmodelled.get(name);
      Item wish = to.unmodelled.get(name);
      if (from != null || wish != null) {
        statements.add(wish == null ? from.undo : wish.definition);
      }
    }
    return statements;
  }

  /**
   * Sets columns back to the default storage of their type. pgCodeKeeper only warns of that, and PostgreSQL 15 has no
   * statement for it, so the SQL looks the storage up.
   */
  private List<String> storageResets(Schema to, Collection<String> wanted) {
    return statements().filter(PgColumn.class::isInstance)
        .map(PgColumn.class::cast)
        .filter(column -> wanted.contains(name(column)) && column.getStorage() != null)
        .filter(column -> column.getTwin(to.database) instanceof PgColumn twin && twin.getStorage() == null)
        .map(
            column -> """
                DO $$ BEGIN
                    EXECUTE (SELECT format('ALTER TABLE %%s ALTER COLUMN %%I SET STORAGE %%s', attrelid::regclass, attname,
                        CASE typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
                    FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
                    WHERE attrelid = '%s'::regclass AND attname = '%s');
                END $$"""
                .formatted(column.getParent().getQualifiedName(), column.getName()))
        .toList();
  }

  private static CoreSettings settings() {
    // unread() says what it could not parse
    System.setProperty("org.slf4j.simpleLogger.log.org.pgcodekeeper", "off");
    CoreSettings settings = new CoreSettings();
    settings.setKeepNewlines(true);
    settings.setGenerateExists(true);
    settings.setGenerateConstraintNotValid(true);
    settings.setIgnoreColumnOrder(true);
    return settings;
  }

  /** Hides every other schema from pgCodeKeeper. */
  private static IgnoreSchemaList onlySchema(String schema) {
    IgnoreSchemaList list = new IgnoreSchemaList();
    list.setShow(false);
    list.add(new IgnoredObject(schema, null, true, false, true, false, EnumSet.noneOf(DbObjType.class)));
    return list;
  }

  private static SortedMap<String, Item> readUnmodelled(Connection connection, String query) throws SQLException {
    SortedMap<String, Item> unmodelled = new TreeMap<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        unmodelled.put(rows.getString(1),
            Item.unmodelled(rows.getString(2), rows.getString(3), rows.getString(4), rows.getBoolean(5)));
      }
    }
    return unmodelled;
  }

  private static Set<String> names(Connection connection, String query) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /** Every object but Liquibase's own tables and the shards of Citus. */
  Stream<PgStatement> statements() {
    return database.getDescendants().filter(statement -> !isLeftOut(statement)).flatMap(AbstractTable::columnAdder);
  }

  private boolean isLeftOut(PgStatement statement) {
    return statement.getStatementType() == DbObjType.TABLE
        && (LIQUIBASE.matcher(statement.getName()).matches() || shards.contains(statement.getName()))
        || statement.getParent() != null && isLeftOut(statement.getParent());
  }

  /**
   * Removes from an object what an installation may choose, or what differs between versions of PostgreSQL:
   * <ul>
   * <li>the owner, and the comment of an extension or a schema;
   * <li>the privileges of the installation's roles, which become objects of their own;
   * <li>lz4, which not every server is built with;
   * <li>pg_attver, a mark that PostgreSQL 17.12 puts on every column;
   * <li>the names that only PostgreSQL 18 gives to NOT NULL.
   * </ul>
   */
  private void leaveOutInstallationChoices(PgStatement statement) {
    List<PgPrivilege> privileges = List.copyOf(statement.getPrivileges());
    statement.clearPrivileges();
    statement.setOwner(null);
    for (PgPrivilege privilege : privileges) {
      boolean everyones = privilege.getRole().equals("PUBLIC");
      if (everyones
          && !(statement.getStatementType() == DbObjType.SCHEMA && privilege.getPermission().equals("USAGE"))) {
        statement.addPrivilege(privilege);
      } else if (!everyones && !privilege.isRevoke()) {
        unmodelled.merge("privileges of %s on %s".formatted(privilege.getRole(), name(statement)),
            Item.unmodelled(privilege.getCreationSQL(), privilege.getDropSQL(), null, true), (one, other) -> Item
                .unmodelled(one.definition + ";\n" + other.definition, one.undo + ";\n" + other.undo, null, true));
      }
    }
    if (statement.getStatementType() == DbObjType.SCHEMA || statement.getStatementType() == DbObjType.EXTENSION) {
      statement.setComment(null);
    }
    if (statement instanceof PgColumn column) {
      column.setNotNullConName(null);
      ((Map<?, ?>) field(column, "options")).remove("pg_attver");
      if ("lz4".equals(field(column, "compression"))) {
        column.setCompression(null);
      }
    }
  }

  /** PostgreSQL 15 qualifies the columns of a view's only relation, and later ones do not. */
  private static void unqualifyViewColumns(PgStatement statement) {
    if (statement instanceof AbstractPgView view) {
      view.setQuery(Sql.unqualifiedFromOneRelation((String) field(view, "query")),
          Sql.unqualifiedFromOneRelation((String) field(view, "normalizedQuery")));
    }
  }

  /** Puts a trigger's columns into the order of the table's. pgCodeKeeper keeps them in a set, whose order varies. */
  private static void orderTriggerColumns(PgStatement statement) {
    if (statement instanceof PgTrigger trigger && trigger.getParent() instanceof AbstractTable table) {
      @SuppressWarnings("unchecked")
      Set<String> columns = (Set<String>) field(trigger, "updateColumns");
      List<String> ordered =
          table.getColumns().stream().map(AbstractColumn::getName).filter(columns::contains).toList();
      setField(trigger, "updateColumns", new LinkedHashSet<>(ordered));
    }
  }

  /** The value of a field for which pgCodeKeeper has no getter. */
  private static Object field(PgStatement statement, String name) {
    try {
      return accessible(statement, name).get(statement);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sets a field for which pgCodeKeeper has no setter. */
  private static void setField(PgStatement statement, String name, Object value) {
    try {
      accessible(statement, name).set(statement, value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Field accessible(PgStatement statement, String name) throws NoSuchFieldException {
    Class<?> owner = statement instanceof AbstractPgView ? AbstractPgView.class : statement.getClass();
    Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private void add(PgStatement statement) {
    String name = name(statement);
    boolean schema = statement.getStatementType() == DbObjType.SCHEMA;
    boolean nothingOfOurs = name.equals("extension plpgsql") || schema && statement.getPrivileges().isEmpty();
    if (!nothingOfOurs) {
      String whole = definition(statement);
      items.put(name, new Item(statement instanceof AbstractTable ? withoutColumns(whole) : whole, whole, null,
          isPart(statement) ? name(statement.getParent()) : null, schema));
    }
  }

  private static boolean isPart(PgStatement statement) {
    return statement.getParent() != null && EnumSet.of(DbObjType.TABLE, DbObjType.VIEW, DbObjType.DOMAIN)
        .contains(statement.getParent().getStatementType());
  }

  private static String name(PgStatement statement) {
    String kind = statement.getTypeName().toLowerCase() + " ";
    if (statement.getStatementType() == DbObjType.INDEX || !isPart(statement)) {
      PgStatement schema = statement.getParent();
      return kind + (schema == null ? statement.getName() : statement.getName().replace(schema.getName() + ".", ""));
    }
    return kind + statement.getParent().getName() + "." + statement.getName();
  }

  /** The SQL that makes an object, without those of its parts that are objects themselves. */
  static String definition(PgStatement statement) {
    if (statement.getStatementType() == DbObjType.EXTENSION) {
      // without its schema, which the installation chooses
      return "CREATE EXTENSION " + statement.getQualifiedName();
    }
    SQLScript script = new SQLScript(new CoreSettings());
    statement.getCreationSQL(script);
    return script.getFullScript();
  }

  /** A table's SQL without its columns, which are objects of their own. */
  private static String withoutColumns(String table) {
    return Stream.of(table.split("\n\n"))
        .filter(statement -> !statement
            .matches("(?s)(COMMENT ON COLUMN |(GRANT|REVOKE) \\w+ ?\\(|ALTER .*?\\bALTER COLUMN ).*"))
        .map(statement -> statement.startsWith("CREATE ") ? statement.replaceAll("\n\t.*", "") : statement)
        .collect(Collectors.joining("\n\n"));
  }

  /** Finds out what depends on what. Only a script needs that. */
  private void analyze() throws IOException, InterruptedException {
    if (!analyzed) {
      FullAnalyze.fullAnalyze(database, new ArrayList<>());
      analyzed = true;
    }
  }

  /** Marks what is wanted in the tree of differences, for pgCodeKeeper to write. */
  private void select(TreeElement element, Schema to, Predicate<String> wanted) {
    for (TreeElement child : element.getChildren()) {
      PgStatement statement = child.getPgStatementSide(database, to.database);
      boolean ofAWhole = element.isSelected() && element.getSide() != DiffSide.BOTH && isPart(statement);
      boolean columns = statement instanceof AbstractTable && Stream.of(database, to.database)
          .map(statement::getTwin)
          .filter(Objects::nonNull)
          .flatMap(table -> ((AbstractTable) table).getColumns().stream())
          .anyMatch(column -> wanted.test(name(column)));
      child.setSelected(ofAWhole || columns || wanted.test(name(statement)));
      select(child, to, wanted);
    }
  }

  /** Collects all elements of a tree but Liquibase's tables and plpgsql. */
  private void collect(TreeElement element, List<TreeElement> elements) {
    for (TreeElement child : element.getChildren()) {
      if (!isLeftOut(child.getPgStatement(database)) && !child.getName().equals("plpgsql")) {
        elements.add(child);
        collect(child, elements);
      }
    }
  }

  /** A connection lent to pgCodeKeeper, which can neither close it nor end its transaction. */
  private record BorrowedConnection(Connection connection) implements IJdbcConnector {

    private static final List<String> IGNORED = List.of("close", "commit", "setAutoCommit");

    @Override
    public Connection getConnection() {
      return (Connection) Proxy.newProxyInstance(Schema.class.getClassLoader(), new Class<?>[] {Connection.class},
          (proxy, method, arguments) -> {
            try {
              return IGNORED.contains(method.getName()) ? null : method.invoke(connection, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
    }

    @Override
    public String getBatchDelimiter() {
      return null;
    }

    @Override
    public String getUrl() {
      return "";
    }
  }
}
