package io.mycelium.migrations.schema;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Lexer;
import org.pgcodekeeper.core.DatabaseType;
import org.pgcodekeeper.core.PgDiffUtils;
import org.pgcodekeeper.core.database.pg.jdbc.PgJdbcConnector;
import org.pgcodekeeper.core.ignorelist.IgnoreSchemaList;
import org.pgcodekeeper.core.ignorelist.IgnoredObject;
import org.pgcodekeeper.core.loader.DatabaseLoader;
import org.pgcodekeeper.core.loader.FullAnalyze;
import org.pgcodekeeper.core.loader.pg.JdbcPgLoader;
import org.pgcodekeeper.core.model.difftree.DbObjType;
import org.pgcodekeeper.core.model.difftree.DiffTree;
import org.pgcodekeeper.core.model.difftree.TreeElement;
import org.pgcodekeeper.core.model.exporter.ModelExporter;
import org.pgcodekeeper.core.monitor.NullMonitor;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLLexer;
import org.pgcodekeeper.core.schema.AbstractColumn;
import org.pgcodekeeper.core.schema.AbstractConstraint;
import org.pgcodekeeper.core.schema.AbstractDatabase;
import org.pgcodekeeper.core.schema.AbstractTable;
import org.pgcodekeeper.core.schema.IConstraintFk;
import org.pgcodekeeper.core.schema.IConstraintPk;
import org.pgcodekeeper.core.schema.PgPrivilege;
import org.pgcodekeeper.core.schema.PgStatement;
import org.pgcodekeeper.core.schema.pg.AbstractPgFunction;
import org.pgcodekeeper.core.script.SQLScript;
import org.pgcodekeeper.core.settings.CoreSettings;

/**
 * The model of a schema that pgCodeKeeper reads, compares and writes. What pgCodeKeeper does otherwise than we need is
 * put right here, each with the case that it is for.
 *
 * <p>
 * It gives {@link Modelled} objects and SQL to the others. Only this class, {@link Alike}, {@link ScriptWriter} and
 * {@link FilesLoader} name pgCodeKeeper's types.
 */
final class CodeKeeper {

  static final CoreSettings SETTINGS = settings();
  private static final Pattern LIQUIBASE = Pattern.compile("databasechangelog(lock)?");

  private final AbstractDatabase database;
  private final Set<String> shards;
  private final Set<String> catalogs;
  private final SortedSet<String> unread = new TreeSet<>();
  private final SortedMap<String, Item> privileges = new TreeMap<>();
  private final List<PgStatement> statements;
  private final List<Modelled> objects = new ArrayList<>();

  private CodeKeeper(DatabaseLoader loader, Set<String> shards, Set<String> catalogs)
      throws IOException, InterruptedException {
    this.database = loader.load();
    this.catalogs = catalogs;
    this.shards = shards;
    for (Object error : loader.getErrors()) {
      unread.add(error.toString().replaceFirst("(?s) .*", "").replaceFirst(".*/", ""));
    }
    this.statements =
        database.getDescendants().filter(one -> !isLeftOut(one)).flatMap(AbstractTable::columnAdder).toList();
    statements.forEach(this::leaveOutInstallationChoices);
    statements.forEach(Alike::make);
    for (PgStatement statement : statements) {
      boolean nothingOfOurs = statement.getStatementType() == DbObjType.SCHEMA && statement.getPrivileges().isEmpty();
      if (!nothingOfOurs) {
        objects.add(modelled(statement));
      }
    }
  }

  /**
   * Reads the current schema of a connection.
   *
   * @param connection in a transaction, whose settings this changes
   * @param only the identifiers of the objects to read; null for all
   * @param shards the tables to leave out
   * @throws IOException if an object cannot be read; the message names it
   */
  static CodeKeeper read(Connection connection, Set<Long> only, Set<String> shards)
      throws IOException, InterruptedException, SQLException {
    IgnoreSchemaList onlyThisSchema = new IgnoreSchemaList();
    onlyThisSchema.setShow(false);
    onlyThisSchema.add(
        new IgnoredObject(connection.getSchema(), null, true, false, true, false, EnumSet.noneOf(DbObjType.class)));
    Set<String> catalogs = ConcurrentHashMap.newKeySet(); // the loader has threads
    PgJdbcConnector connector = new PgJdbcConnector("jdbc:postgresql:") {
      @Override
      public Connection getConnection() {
        return new ShownCatalogs(only, catalogs).of(connection);
      }
    };
    return new CodeKeeper(new JdbcPgLoader(connector, "UTC", SETTINGS, new NullMonitor(), onlyThisSchema), shards,
        catalogs);
  }

  /** Reads the files that {@link #write} wrote: their texts, by their paths in the folder. */
  static CodeKeeper read(Map<String, String> files) throws IOException, InterruptedException {
    return new CodeKeeper(new FilesLoader(files, SETTINGS), Set.of(), Set.of());
  }

  /** The name of the schema; empty if there is none. */
  String schema() {
    return database.getSchemas().stream().map(PgStatement::getName).sorted().findFirst().orElse("");
  }

  /** Its objects, each before its parts. */
  List<Modelled> objects() {
    return objects;
  }

  /** The names of its objects, without schema and arguments. */
  Set<String> names(Predicate<String> which) {
    return objects.stream()
        .filter(object -> object.item().relation() == null && which.test(object.item().name()))
        .map(object -> object.name().contains("(")
            ? Statement.plain(object.name().substring(0, object.name().indexOf('(')))
            : object.name())
        .collect(Collectors.toSet());
  }

  /** The kinds and names of its objects, without quotes and arguments. */
  Set<String> whole() {
    return objects.stream()
        .filter(object -> object.item().relation() == null)
        .map(object -> object.item().name().replaceFirst("\\(.*", "").replace("\"", ""))
        .collect(Collectors.toSet());
  }

  /** The catalogs in which its objects stood. */
  Set<String> catalogs() {
    return catalogs;
  }

  /** The privileges of the installation's roles, which are not in the model. */
  SortedMap<String, Item> privileges() {
    return privileges;
  }

  /** The routines whose bodies could not be parsed. */
  SortedSet<String> unread() {
    return unread;
  }

  /**
   * Writes it, one file an object.
   *
   * @param folder a folder that does not exist yet
   */
  void write(Path folder) throws IOException, InterruptedException {
    List<TreeElement> elements = new ArrayList<>();
    collect(DiffTree.create(SETTINGS, database, null), elements);
    new ModelExporter(folder, database, null, DatabaseType.PG, elements, "UTF-8", SETTINGS).exportProject();
  }

  private void collect(TreeElement element, List<TreeElement> elements) {
    for (TreeElement child : element.getChildren()) {
      if (!isLeftOut(child.getPgStatement(database))) {
        elements.add(child);
        collect(child, elements);
      }
    }
  }

  /**
   * The SQL that turns this model into another one, without semicolons.
   *
   * @param to the other model
   * @param wanted the names of the items to change; for a column its table's name as well
   */
  List<String> script(CodeKeeper to, Set<String> wanted) throws IOException, InterruptedException {
    analyze();
    to.analyze();
    return new ScriptWriter(database, to.database, statement -> wanted.contains(name(statement))).write();
  }

  /** Finds out what depends on what, which only a script needs. Once that is done, no launcher is left. */
  private void analyze() throws IOException, InterruptedException {
    if (!database.getAnalysisLaunchers().isEmpty()) {
      FullAnalyze.fullAnalyze(database, new ArrayList<>());
    }
  }

  private boolean isLeftOut(PgStatement statement) {
    String name = statement.getName();
    return switch (statement.getStatementType()) {
      case EXTENSION -> name.equals("plpgsql");
      case TABLE -> LIQUIBASE.matcher(name).matches() || shards.contains(name);
      default -> statement.getParent() != null && isLeftOut(statement.getParent());
    };
  }

  private Modelled modelled(PgStatement statement) {
    String whole = definition(statement);
    Item item = new Item(name(statement), statement instanceof AbstractTable ? Sql.withoutColumns(whole) : whole, whole,
        null, isPart(statement) ? name(statement.getParent()) : null, statement.getStatementType() == DbObjType.SCHEMA);
    String file =
        item.relation() == null ? ModelExporter.getRelativeFilePath(statement).toString().replace('\\', '/') : null;
    Modelled.Column column = statement instanceof AbstractColumn one
        ? new Modelled.Column(one.getType(), !one.isNotNull(), one.getDefaultValue())
        : null;
    Modelled.Constraint constraint = statement instanceof AbstractConstraint one
        ? new Modelled.Constraint(key(one), one.getDefinition(), List.copyOf(one.getColumns()),
            one instanceof IConstraintFk foreign ? foreign.getForeignTable() : null)
        : null;
    String returns = statement instanceof AbstractPgFunction routine ? routine.getReturns() : null;
    return new Modelled(item, statement.getTypeName().toLowerCase(Locale.ROOT), statement.getName(),
        statement.getComment(), file, column, constraint, returns);
  }

  private static String key(AbstractConstraint constraint) {
    return constraint.isPrimaryKey() ? "PK"
        : constraint instanceof IConstraintPk ? "UK"
        : constraint instanceof IConstraintFk ? "FK"
        : "";
  }

  /**
   * The SQL that makes an object with its parts. Of an extension without its schema, which the installation chooses.
   */
  private static String definition(PgStatement statement) {
    if (statement.getStatementType() == DbObjType.EXTENSION) {
      return "CREATE EXTENSION " + statement.getQualifiedName();
    }
    SQLScript script = new SQLScript(new CoreSettings());
    statement.getCreationSQL(script);
    return ArrayCasts.ofElements(script.getFullScript());
  }

  private static String name(PgStatement statement) {
    String kind = statement.getTypeName().toLowerCase(Locale.ROOT) + " ";
    if (statement.getStatementType() == DbObjType.INDEX || !isPart(statement)) {
      PgStatement schema = statement.getParent();
      return kind + (schema == null ? statement.getName() : statement.getName().replace(schema.getName() + ".", ""));
    }
    return kind + statement.getParent().getName() + "." + statement.getName();
  }

  static boolean isPart(PgStatement statement) {
    return statement.getParent() != null && EnumSet.of(DbObjType.TABLE, DbObjType.VIEW, DbObjType.DOMAIN)
        .contains(statement.getParent().getStatementType());
  }

  /**
   * The owner, the comment of an extension or a schema, and the privileges of its roles are an installation's choice.
   */
  private void leaveOutInstallationChoices(PgStatement statement) {
    statement.setOwner(null);
    boolean schema = statement.getStatementType() == DbObjType.SCHEMA;
    if (schema || statement.getStatementType() == DbObjType.EXTENSION) {
      statement.setComment(null);
    }
    List<PgPrivilege> all = List.copyOf(statement.getPrivileges());
    statement.clearPrivileges();
    for (PgPrivilege privilege : all) {
      boolean everyones = privilege.getRole().equals("PUBLIC");
      if (everyones && !(schema && privilege.getPermission().equals("USAGE"))) {
        statement.addPrivilege(privilege);
      } else if (!everyones && !privilege.isRevoke()) {
        String name = "privileges of %s on %s".formatted(privilege.getRole(), name(statement));
        Item item = Item.unmodelled(name, privilege.getCreationSQL(), privilege.getDropSQL(), null, true);
        privileges.merge(name, item, Item::and);
      }
    }
  }

  private static CoreSettings settings() {
    // it would print what it could not parse, which unread() says
    System.setProperty("org.slf4j.simpleLogger.log.org.pgcodekeeper", "off");
    CoreSettings settings = new CoreSettings();
    settings.setKeepNewlines(true);
    settings.setGenerateExists(true);
    settings.setGenerateConstraintNotValid(true);
    settings.setIgnoreColumnOrder(true);
    return settings;
  }

  /**
   * A token of SQL.
   *
   * @param text as it stands in the SQL
   * @param body whether it is what stands between dollars, such as a function's body
   * @param blank whether it is white space or a comment
   */
  record Token(String text, boolean body, boolean blank) {}

  /** The tokens of SQL. ANTLR's own text of a token may differ from what stands there, so it is taken from there. */
  static List<Token> tokens(String sql) {
    List<Token> tokens = new ArrayList<>();
    for (var token : new SQLLexer(CharStreams.fromString(sql)).getAllTokens()) {
      int start = sql.offsetByCodePoints(0, token.getStartIndex());
      int end = sql.offsetByCodePoints(0, token.getStopIndex() + 1);
      tokens.add(new Token(sql.substring(start, end), token.getType() == SQLLexer.Text_between_Dollar,
          token.getChannel() != Lexer.DEFAULT_TOKEN_CHANNEL));
    }
    return tokens;
  }

  /** A name in quotes where it needs them. */
  static String quoted(String name) {
    return PgDiffUtils.getQuotedName(name);
  }
}
