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
import java.util.Comparator;
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
 * A schema, object by object, as pgCodeKeeper knows it: read from a database or from the files of an earlier one,
 * compared with another, and with the SQL that makes the one of the other. The same schema is the same on PostgreSQL 15
 * to 18, since what belongs to an installation is left out of the comparison or marked as {@link Difference#foreign}.
 */
public final class Schema {

  private static final CoreSettings SETTINGS = settings();
  private static final Pattern LIQUIBASE = Pattern.compile("databasechangelog(lock)?");

  /** What pg_dump sets as well, so that a definition reads the same whatever its reader or its database prefers. */
  private static final String READABLE = """
      set local quote_all_identifiers = off; set local datestyle = iso; set local intervalstyle = postgres;
      set local extra_float_digits = 3; set local bytea_output = hex; set local standard_conforming_strings = on""";

  /** What pgCodeKeeper does not read: each by its name, the SQL that makes it, the SQL that undoes it, whether it is the installation's. */
  private static final String BESIDES = """
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

  /** What it does not read of a database on Citus: a table that the entry point of Citus ought to have distributed. */
  private static final String NOT_DISTRIBUTED = """
      union all
      select 'place of table ' || name, 'all its rows are on this server, and not distributed', format('CALL %I.distribute_by_workflow()', current_schema()),
             'table ' || name, false
        from unnest(array['workflow_states', 'task_states', 'workflow_state_history', 'coordination_events']) name
        where to_regprocedure(format('%I.distribute_by_workflow()', current_schema())) is not null
          and not exists (select from pg_dist_partition where logicalrelid = to_regclass(format('%I.%I', current_schema(), name)) and partmethod = 'h')
      """;

  /** The parts of distributed tables, which are tables too where this server holds some. */
  private static final String SHARDS = "select (parse_ident(name))[array_length(parse_ident(name), 1)] from pg_dist_shard, shard_name(logicalrelid, shardid) name";

  /** The file of what pgCodeKeeper does not read, and how each stands there. */
  private static final String BESIDES_FILE = "DATABASE.sql";
  private static final Pattern BESIDES_ENTRY = Pattern.compile("-- (.*)\n(.*);\n-- undone by: (.*);\n");

  /**
   * An object.
   *
   * @param definition the SQL that makes it, without what is an object of its own
   * @param whole the SQL that makes it with them
   * @param undo the SQL that undoes it; null where pgCodeKeeper knows
   * @param relation the table or view that it is part of; null if none
   * @param installations whether it is the installation's own business
   */
  private record Item(String definition, String whole, String undo, String relation, boolean installations) {

    static Item besides(String definition, String undo, String relation, boolean installations) {
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
   * @param foreign whether it is none of ours: an object beside ours, or what an installation decides for itself
   * @param installations whether it is the latter
   */
  public record Difference(String object, String expected, String found, String relation, boolean foreign, boolean installations) {

    /** In words: what is wrong with the object, then both definitions; of one that is different the lines that differ. */
    @Override
    public String toString() {
      String wrong = found == null ? "missing" : expected == null ? "extra" : "different";
      return wrong + ": " + object + side("expected", expected, found) + side("found", found, expected);
    }

    private static String side(String name, String definition, String other) {
      List<String> lines = definition == null ? List.of() : definition.lines().filter(line -> !line.isBlank()).toList();
      List<String> different = other == null ? lines : lines.stream().filter(line -> other.lines().noneMatch(line::equals)).toList();
      return different.isEmpty() ? "" : "\n  " + name + ": " + String.join("\n    ", different).strip();
    }
  }

  private final AbstractDatabase database;
  private final SortedMap<String, Item> items = new TreeMap<>();
  private final SortedMap<String, Item> besides;
  private final List<Object> errors;
  private final Set<String> shards;
  private boolean analyzed;

  private Schema(AbstractDatabase database, SortedMap<String, Item> besides, Set<String> shards, List<Object> errors) {
    this.database = database;
    this.besides = besides;
    this.shards = shards;
    this.errors = errors;
    statements().forEach(this::leaveOutWhatIsTheInstallations);
    statements().forEach(Schema::unqualify);
    statements().forEach(Schema::order);
    statements().forEach(this::add);
    items.putAll(besides);
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
    SortedMap<String, Item> besides = readBesides(connection, citus ? BESIDES + NOT_DISTRIBUTED : BESIDES);
    Set<String> shards = citus ? names(connection, SHARDS) : Set.of();
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute(READABLE);
    }
    JdbcPgLoader loader = new JdbcPgLoader(new Borrowed(connection), "UTC", SETTINGS, new NullMonitor(), only(schema));
    AbstractDatabase database = loader.load();
    connection.rollback(before); // and with it what the loader has set
    return new Schema(database, besides, shards, loader.getErrors());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param folder the folder that it was written to
   * @throws IOException if a file cannot be read
   */
  public static Schema read(Path folder) throws IOException, InterruptedException {
    SortedMap<String, Item> besides = new TreeMap<>();
    Matcher entries = BESIDES_ENTRY.matcher(Files.readString(folder.resolve(BESIDES_FILE)));
    while (entries.find()) {
      besides.put(entries.group(1), Item.besides(entries.group(2), entries.group(3), null, entries.group(1).startsWith("setting ")));
    }
    DatabaseLoader loader = new ProjectLoader(folder.toString(), SETTINGS);
    return new Schema(loader.load(), besides, Set.of(), loader.getErrors());
  }

  /**
   * Writes it, one file an object, its parts (columns, constraints, indexes, triggers, comments) with it.
   *
   * @param folder the folder; what {@link #write} once wrote there is deleted before
   */
  public void write(Path folder) throws IOException, InterruptedException {
    delete(folder);
    List<TreeElement> elements = new ArrayList<>();
    collect(DiffTree.create(SETTINGS, database, null), elements);
    new ModelExporter(folder, database, null, DatabaseType.PG, elements, "UTF-8", SETTINGS).exportProject();
    StringBuilder file = new StringBuilder();
    besides.forEach((name, item) -> file.append("-- %s\n%s;\n-- undone by: %s;\n".formatted(name, item.definition, item.undo)));
    Files.writeString(folder.resolve(BESIDES_FILE), file);
  }

  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      for (Path file : filesFirst(folder)) {
        Files.delete(file);
      }
    }
  }

  /** All that is in a folder, each folder after what is in it. */
  static List<Path> filesFirst(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    }
  }

  /** Each object's kind and name, with the SQL that makes it. */
  public SortedMap<String, String> objects() {
    SortedMap<String, String> objects = new TreeMap<>();
    items.forEach((name, item) -> objects.put(name, item.definition));
    return objects;
  }

  /** The routines whose bodies pgCodeKeeper cannot read: they are compared as text, but what they depend on is not known. */
  public SortedSet<String> unread() {
    return errors.stream().map(error -> error.toString().replaceFirst("(?s) .*", "").replaceFirst(".*/", "")).collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * What another schema would have to change to become this one.
   *
   * @param found the other schema
   * @return an object each, sorted by name; of a table that is missing or extra the table alone. Empty if they are the same
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
        boolean foreign = left == null ? right.installations || relation == null || !items.containsKey(relation) : left.installations && right != null;
        if (!ofAWhole) {
          differences.add(new Difference(name, left == null ? null : right == null ? left.whole : left.definition,
              right == null ? null : left == null ? right.whole : right.definition, relation, foreign, (left == null ? right : left).installations));
        }
      }
    }
    return differences;
  }

  /**
   * The SQL that makes another schema of this one.
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
    ScriptParser script = new ScriptParser("script", new PgDiff(SETTINGS).diff(root, database, to.database, null, null, new IgnoreList()), SETTINGS);
    if (script.getErrorMessage() != null) {
      throw new IOException(script.getErrorMessage());
    }
    List<String> statements = new ArrayList<>(script.batch().stream().map(PgObjLocation::getSql).filter(sql -> !sql.startsWith("SET search_path")).toList());
    statements.addAll(storages(to, wanted));
    for (String name : wanted) {
      Item from = besides.get(name);
      Item wish = to.besides.get(name);
      if (from != null || wish != null) {
        statements.add(wish == null ? from.undo : wish.definition);
      }
    }
    return statements;
  }

  /** Back to the storage of a column's type, for which pgCodeKeeper has but a warning; PostgreSQL 15 has no word for it. */
  private List<String> storages(Schema to, Collection<String> wanted) {
    return statements().filter(PgColumn.class::isInstance).map(PgColumn.class::cast)
        .filter(column -> wanted.contains(name(column)) && column.getStorage() != null)
        .filter(column -> column.getTwin(to.database) instanceof PgColumn twin && twin.getStorage() == null)
        .map(column -> """
            DO $$ BEGIN
                EXECUTE (SELECT format('ALTER TABLE %%s ALTER COLUMN %%I SET STORAGE %%s', attrelid::regclass, attname,
                    CASE typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
                FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
                WHERE attrelid = '%s'::regclass AND attname = '%s');
            END $$""".formatted(column.getParent().getQualifiedName(), column.getName())).toList();
  }

  private static CoreSettings settings() {
    System.setProperty("org.slf4j.simpleLogger.log.org.pgcodekeeper", "off"); // what it could not read, unread() says
    CoreSettings settings = new CoreSettings();
    settings.setKeepNewlines(true);
    settings.setGenerateExists(true);
    settings.setGenerateConstraintNotValid(true);
    settings.setIgnoreColumnOrder(true);
    return settings;
  }

  /** Hides every other schema. */
  private static IgnoreSchemaList only(String schema) {
    IgnoreSchemaList list = new IgnoreSchemaList();
    list.setShow(false);
    list.add(new IgnoredObject(schema, null, true, false, true, false, EnumSet.noneOf(DbObjType.class)));
    return list;
  }

  private static SortedMap<String, Item> readBesides(Connection connection, String query) throws SQLException {
    SortedMap<String, Item> besides = new TreeMap<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        besides.put(rows.getString(1), Item.besides(rows.getString(2), rows.getString(3), rows.getString(4), rows.getBoolean(5)));
      }
    }
    return besides;
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

  /** Every object, without Liquibase's tables and the shards of Citus. */
  Stream<PgStatement> statements() {
    return database.getDescendants().filter(statement -> !isLeftOut(statement)).flatMap(AbstractTable::columnAdder);
  }

  private boolean isLeftOut(PgStatement statement) {
    return statement.getStatementType() == DbObjType.TABLE && (LIQUIBASE.matcher(statement.getName()).matches() || shards.contains(statement.getName()))
        || statement.getParent() != null && isLeftOut(statement.getParent());
  }

  /**
   * Takes from an object what differs from one installation to the next: its owner; the privileges of its roles, which
   * stand among what is besides; an extension's and a schema's comment; lz4, which not every server is built with;
   * pg_attver, a mark of PostgreSQL 17.12 on every column; and the names that only PostgreSQL 18 gives to NOT NULL.
   */
  private void leaveOutWhatIsTheInstallations(PgStatement statement) {
    List<PgPrivilege> privileges = List.copyOf(statement.getPrivileges());
    statement.clearPrivileges();
    statement.setOwner(null);
    for (PgPrivilege privilege : privileges) {
      boolean everyones = privilege.getRole().equals("PUBLIC");
      if (everyones && !(statement.getStatementType() == DbObjType.SCHEMA && privilege.getPermission().equals("USAGE"))) {
        statement.addPrivilege(privilege);
      } else if (!everyones && !privilege.isRevoke()) {
        besides.merge("privileges of %s on %s".formatted(privilege.getRole(), name(statement)),
            Item.besides(privilege.getCreationSQL(), privilege.getDropSQL(), null, true),
            (one, other) -> Item.besides(one.definition + ";\n" + other.definition, one.undo + ";\n" + other.undo, null, true));
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
  private static void unqualify(PgStatement statement) {
    if (statement instanceof AbstractPgView view) {
      view.setQuery(Sql.ofOneRelation((String) field(view, "query")), Sql.ofOneRelation((String) field(view, "normalizedQuery")));
    }
  }

  /** A trigger's columns in the order of the table's; pgCodeKeeper keeps them in none, and writes them as they come. */
  private static void order(PgStatement statement) {
    if (statement instanceof PgTrigger trigger && trigger.getParent() instanceof AbstractTable table) {
      @SuppressWarnings("unchecked")
      Set<String> columns = (Set<String>) field(trigger, "updateColumns");
      List<String> ordered = table.getColumns().stream().map(AbstractColumn::getName).filter(columns::contains).toList();
      setField(trigger, "updateColumns", new LinkedHashSet<>(ordered));
    }
  }

  /** A field that pgCodeKeeper shows to nobody, or lets nobody change. */
  private static Object field(PgStatement statement, String name) {
    try {
      return accessible(statement, name).get(statement);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

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
      items.put(name, new Item(statement instanceof AbstractTable ? withoutColumns(whole) : whole, whole, null, isPart(statement) ? name(statement.getParent()) : null, schema));
    }
  }

  private static boolean isPart(PgStatement statement) {
    return statement.getParent() != null && EnumSet.of(DbObjType.TABLE, DbObjType.VIEW, DbObjType.DOMAIN).contains(statement.getParent().getStatementType());
  }

  private static String name(PgStatement statement) {
    String kind = statement.getTypeName().toLowerCase() + " ";
    if (statement.getStatementType() == DbObjType.INDEX || !isPart(statement)) {
      PgStatement schema = statement.getParent();
      return kind + (schema == null ? statement.getName() : statement.getName().replace(schema.getName() + ".", ""));
    }
    return kind + statement.getParent().getName() + "." + statement.getName();
  }

  /** The SQL that makes it, its parts of their own not among them. */
  static String definition(PgStatement statement) {
    if (statement.getStatementType() == DbObjType.EXTENSION) {
      return "CREATE EXTENSION " + statement.getQualifiedName(); // wherever the installation has it
    }
    SQLScript script = new SQLScript(new CoreSettings());
    statement.getCreationSQL(script);
    return script.getFullScript();
  }

  /** They are objects of their own. */
  private static String withoutColumns(String table) {
    return Stream.of(table.split("\n\n"))
        .filter(statement -> !statement.matches("(?s)(COMMENT ON COLUMN |(GRANT|REVOKE) \\w+ ?\\(|ALTER .*?\\bALTER COLUMN ).*"))
        .map(statement -> statement.startsWith("CREATE ") ? statement.replaceAll("\n\t.*", "") : statement)
        .collect(Collectors.joining("\n\n"));
  }

  /** Finds out what depends on what, which is needed for a script alone. */
  private void analyze() throws IOException, InterruptedException {
    if (!analyzed) {
      FullAnalyze.fullAnalyze(database, new ArrayList<>());
      analyzed = true;
    }
  }

  private void select(TreeElement element, Schema to, Predicate<String> wanted) {
    for (TreeElement child : element.getChildren()) {
      PgStatement statement = child.getPgStatementSide(database, to.database);
      boolean ofAWhole = element.isSelected() && element.getSide() != DiffSide.BOTH && isPart(statement);
      boolean columns = statement instanceof AbstractTable && Stream.of(database, to.database).map(statement::getTwin)
          .filter(Objects::nonNull).flatMap(table -> ((AbstractTable) table).getColumns().stream()).anyMatch(column -> wanted.test(name(column)));
      child.setSelected(ofAWhole || columns || wanted.test(name(statement)));
      select(child, to, wanted);
    }
  }

  /** Those of the tree that are this schema's objects. */
  private void collect(TreeElement element, List<TreeElement> elements) {
    for (TreeElement child : element.getChildren()) {
      if (!isLeftOut(child.getPgStatement(database)) && !child.getName().equals("plpgsql")) {
        elements.add(child);
        collect(child, elements);
      }
    }
  }

  /** A connection for pgCodeKeeper, which would end the transaction and close it. */
  private record Borrowed(Connection connection) implements IJdbcConnector {

    private static final List<String> ITS_OWNERS = List.of("close", "commit", "setAutoCommit");

    @Override
    public Connection getConnection() {
      return (Connection) Proxy.newProxyInstance(Schema.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
        try {
          return ITS_OWNERS.contains(method.getName()) ? null : method.invoke(connection, arguments);
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
