package io.mycelium.migrations.changelog;

import io.mycelium.migrations.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import liquibase.ChecksumVersion;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.DatabaseConnection;
import liquibase.database.DatabaseFactory;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.Resource;
import liquibase.resource.ResourceAccessor;
import liquibase.sql.Sql;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.sqlgenerator.SqlGeneratorFactory;
import liquibase.statement.SqlStatement;
import liquibase.ui.LoggerUIService;

/**
 * A changelog, with what Liquibase's own commands do not offer: its changesets, their checksums, its files.
 *
 * @param files the folder or class path at which all paths start
 * @param path the path of the master file
 */
public record Changelog(ResourceAccessor files, String path) {

  private static final String FOLDER = "changelog/";

  /** The entry point of a database on PostgreSQL. */
  public static final String MASTER = FOLDER + "db.changelog-master.yaml";

  /** The entry point of a database on Citus: the same, and what distributes its tables to the workers. */
  public static final String CITUS = FOLDER + "db.changelog-citus.yaml";

  /** A name, such as {@code agents} or {@code uuid-ossp}. */
  private static final Pattern WORD = Pattern.compile("(?U)[\\w$]+(-[\\w$]+)*");

  /** A name in quotes, such as {@code "Agents of mine"}. */
  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\n]|\"\")+)\"");

  /** Liquibase's logger. It is kept here, since it would forget its level with the last reference to it. */
  private static final Logger LIQUIBASE = Logger.getLogger("liquibase");

  static {
    if (LIQUIBASE.getLevel() == null) { // nobody has set how much it logs
      LIQUIBASE.setLevel(Level.WARNING);
    }
  }

  /**
   * A changelog in a folder.
   *
   * @param root the folder that all paths start from
   * @param path the master file's path from there
   */
  public Changelog(Path root, String path) {
    this(folder(root), path);
  }

  /** The changelog that the POM names, for a program that the POM starts. */
  public static Changelog named() {
    return new Changelog(Path.of(System.getProperty("changelog.root")), System.getProperty("changelog.path"));
  }

  /**
   * Whether a master file is one of ours, and not that of another changelog in the same application.
   *
   * @param file its path, as Liquibase takes it; null for a changelog that was read from elsewhere
   */
  public static boolean isOurs(String file) {
    return file != null && (file.endsWith(MASTER) || file.endsWith(CITUS));
  }

  private static ResourceAccessor folder(Path root) {
    try {
      return new DirectoryResourceAccessor(root);
    } catch (IOException e) {
      throw new IllegalArgumentException(root + " is no folder", e);
    }
  }

  /**
   * The folder that all paths start from.
   *
   * @throws Refused if the changelog is in a jar
   */
  public Path root() throws IOException, Refused {
    URI uri = files.getExisting(path).getUri();
    if (!"file".equals(uri.getScheme())) {
      throw new Refused("this needs the changelog in a folder, a checkout of the project; it stands in " + uri);
    }
    Path root = Path.of(uri);
    for (int i = 0; i < Path.of(path).getNameCount(); i++) {
      root = root.getParent();
    }
    return root;
  }

  /** Every changeset, in the order in which they run. */
  public List<ChangeSet> changeSets() throws Exception {
    return ChangeLogParserFactory.getInstance()
        .getParser(path, files)
        .parse(path, new ChangeLogParameters(), files)
        .getChangeSets();
  }

  /**
   * The checksum of every changeset by its id, as Liquibase keeps it in the history; in the order in which they run.
   */
  public Map<String, String> checksums() throws Exception {
    Map<String, String> checksums = new LinkedHashMap<>();
    Scope.child(Scope.Attr.resourceAccessor, files, () -> {
      for (ChangeSet changeSet : changeSets()) {
        checksums.put(changeSet.getId(), changeSet.generateCheckSum(ChecksumVersion.latest()).toString());
      }
    });
    return checksums;
  }

  /** A hash of all ids and checksums. It changes with every changeset that is added, removed or edited. */
  public String fingerprint() throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    for (Map.Entry<String, String> changeSet : checksums().entrySet()) {
      hash.update((changeSet.getKey() + changeSet.getValue()).getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  /**
   * A file's text, with the line ends that it has in the repository: a checkout on Windows may give it others.
   *
   * @param file its path
   * @throws IOException if it is not there
   */
  public String text(String file) throws IOException {
    return text(files.getExisting(file));
  }

  private static String text(Resource file) throws IOException {
    try (InputStream input = file.openInputStream()) {
      return new String(input.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
  }

  /**
   * Every word in the files of the changelog, and of the folder of the master file. The names of all objects that some
   * changeset makes are among them, also where only a function of that changeset spells the name.
   *
   * @throws IOException if a file cannot be read
   */
  public Set<String> words() throws IOException {
    Set<String> folders = new HashSet<>(Set.of(FOLDER));
    folders.add(path.substring(0, path.lastIndexOf('/') + 1));
    folders.remove("");
    Set<String> words = new HashSet<>();
    for (String folder : folders) {
      for (Resource file : files.search(folder, true)) {
        String text = text(file);
        QUOTED.matcher(text).results().forEach(name -> words.add(name.group(1).replace("\"\"", "\"")));
        WORD.matcher(text).results().map(MatchResult::group).forEach(word -> {
          words.add(word);
          words.addAll(List.of(word.split("-")));
        });
      }
    }
    return words;
  }

  /**
   * The SQL of a changeset, as a database gets it, but for what Liquibase notes of itself.
   *
   * @param rollback whether that of its rollback
   * @param database the kind of the database
   * @return the statements, without a semicolon
   */
  public List<String> statements(ChangeSet changeSet, boolean rollback, Database database) throws Exception {
    List<Change> changes = rollback ? changeSet.getRollback().getChanges() : changeSet.getChanges();
    List<String> statements = new ArrayList<>();
    Scope.child(Scope.Attr.resourceAccessor, files, () -> {
      for (Change change : changes) {
        if (change instanceof AbstractSQLChange) {
          for (SqlStatement statement : change.generateStatements(database)) {
            for (Sql sql : SqlGeneratorFactory.getInstance().generateSql(statement, database)) {
              statements.add(modified(sql.toSql(), changeSet, rollback, database).strip());
            }
          }
        }
      }
    });
    return statements;
  }

  /** A statement with what the changeset's {@code modifySql} makes of it. */
  private static String modified(String sql, ChangeSet changeSet, boolean rollback, Database database) {
    String modified = sql;
    for (SqlVisitor visitor : changeSet.getSqlVisitors()) {
      if (!rollback || visitor.isApplyToRollback()) {
        modified = visitor.modifySql(modified, database);
      }
    }
    return modified;
  }

  /** What to do with Liquibase. */
  public interface Step {
    void run(Liquibase liquibase) throws Exception;
  }

  /** Does something with this changelog on a database, without Liquibase's messages, and closes the connection. */
  public void on(DatabaseConnection connection, Step step) throws Exception {
    try (Liquibase liquibase =
        new Liquibase(path, files, DatabaseFactory.getInstance().findCorrectDatabaseImplementation(connection))) {
      liquibase.setShowSummary(UpdateSummaryEnum.OFF);
      Scope.child(Scope.Attr.ui, new LoggerUIService(), () -> step.run(liquibase));
    }
  }
}
