package io.mycelium.migrations.schema;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Working;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.embedded.EmbeddedPostgres;
import io.mycelium.migrations.embedded.ScratchDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.Resource;

/**
 * The schema that applied migrations define. For a database at the head of the changelog it is read from
 * {@code docs/schema}. For any other one, or when {@code docs/schema} is of an older changelog, the migrations make it
 * in a scratch database.
 */
public final class AppliedSchema {

  /**
   * The folder of the schema at the head, as {@link Schema#write} wrote it. Its path starts where the changelog's paths
   * do.
   */
  public static final String HEAD = "docs/schema";

  /** The files that the entry point of Citus makes differently from those, and the files that it makes besides. */
  public static final String ON_CITUS = "docs/schema-citus";

  /** The file with the fingerprint of the changelog that made it. */
  private static final String FINGERPRINT = "/changelog.sha256";

  private AppliedSchema() {}

  /**
   * Where in a database the objects stand.
   *
   * @param schema the schema of the tables
   * @param extensions the schema of each extension that the changelog needs, by the extension's name; of those that are
   *          not there, the schema of the tables
   */
  public record Place(String schema, SortedMap<String, String> extensions) {

    private static final Place USUAL =
        new Place("public", new TreeMap<>(Map.of("uuid-ossp", "public", "vector", "public")));

    /** Reads it from a database. */
    public static Place of(Connection connection) throws SQLException {
      SortedMap<String, String> extensions = new TreeMap<>(USUAL.extensions);
      String schema = connection.getSchema();
      extensions.replaceAll((name, usual) -> schema);
      try (Statement statement = connection.createStatement(); ResultSet there = statement.executeQuery("""
          select extname, nspname from pg_extension join pg_namespace n on n.oid = extnamespace""")) {
        while (there.next()) {
          extensions.replace(there.getString(1), there.getString(2));
        }
      }
      return new Place(schema, extensions);
    }
  }

  /**
   * The schema that the changelog defines, without its pending changesets.
   *
   * @param changelog the changelog
   * @param pending the changesets to leave out
   * @param place where to make it
   * @throws Refused if it needs a scratch database, and none starts; the message says why
   */
  public static Schema of(Changelog changelog, List<ChangeSet> pending, Place place) throws Exception {
    String fingerprint = folder(changelog) + FINGERPRINT;
    boolean head = pending.isEmpty() && place.equals(Place.USUAL) && changelog.files().get(fingerprint).exists()
        && changelog.text(fingerprint).strip().equals(changelog.fingerprint());
    return head ? readHead(changelog) : makeInScratch(changelog, pending, place);
  }

  private static String folder(Changelog changelog) {
    return changelog.path().equals(Changelog.CITUS) ? ON_CITUS : HEAD;
  }

  /**
   * Makes the schema at the head in a scratch database, and writes it to {@code docs/schema} or, for Citus,
   * {@code docs/schema-citus}.
   */
  public static Schema writeHead(Changelog changelog) throws Exception {
    Schema schema = makeInScratch(changelog, List.of(), Place.USUAL);
    writeHead(schema, changelog, changelog.root().resolve(folder(changelog)));
    return schema;
  }

  /**
   * Writes a schema as {@link #HEAD} or {@link #ON_CITUS} has it.
   *
   * @param schema what the whole changelog makes
   * @param changelog the changelog
   * @param folder the folder to write
   */
  public static void writeHead(Schema schema, Changelog changelog, Path folder) throws Exception {
    schema.write(folder);
    if (folder(changelog).equals(ON_CITUS)) {
      deleteSame(folder, changelog.root().resolve(HEAD));
    }
    Files.createDirectories(folder); // which is gone if Citus makes nothing differently
    Files.writeString(folder.resolve(FINGERPRINT.substring(1)), changelog.fingerprint() + "\n");
  }

  /** Deletes from a folder each file that another folder has as well, then the folders that are empty. */
  private static void deleteSame(Path folder, Path other) throws IOException {
    List<Path> filesFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      filesFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : filesFirst) {
      Path same = other.resolve(folder.relativize(file));
      boolean needless = Files.isDirectory(file)
          ? file.toFile().list().length == 0
          : Files.exists(same) && Files.mismatch(file, same) < 0;
      if (needless) {
        Files.delete(file);
      }
    }
  }

  /** Reads {@code docs/schema}, which may stand in a jar. What Citus makes differently takes the place of its files. */
  static Schema readHead(Changelog changelog) throws IOException, InterruptedException {
    Map<String, String> files = new HashMap<>();
    for (String part : new LinkedHashSet<>(List.of(HEAD, folder(changelog)))) {
      for (Resource file : changelog.files().search(part, true)) {
        String path = file.getPath().replaceFirst(".*" + part + "/", "");
        files.put(path, changelog.text(part + "/" + path));
      }
    }
    return Schema.read(files);
  }

  private static Schema makeInScratch(Changelog changelog, List<ChangeSet> pending, Place place) throws Exception {
    return inScratch(changelog, pending, place, connection -> Snapshot.of(connection, Schema::read));
  }

  /**
   * Does something in a scratch database to which the changelog was applied, without its pending changesets.
   *
   * @param changelog the changelog
   * @param pending the changesets to leave out
   * @param place where to make the schema
   * @param use what to do
   * @return what that gave
   * @throws Refused if the scratch database does not start; the message says why
   */
  public static <T> T inScratch(Changelog changelog, List<ChangeSet> pending, Place place, Snapshot.Reading<T> use)
      throws Exception {
    if (!hasScratch(changelog)) {
      throw new Refused(
          "what the migrations define at this point is to be made in a scratch database, which needs a checkout"
              + " of the project, and Node: run mvn -Pdrift there"
              + (pending.isEmpty() ? "" : "; or apply first what is pending, from " + pending.get(0).getId()));
    }
    Working.at("making the expected schema in a scratch database", "");
    try (ScratchDatabase scratch = ScratchDatabase.start(changelog.root()); Connection connection = scratch.connect()) {
      createSchemas(connection, place);
      Connection own = scratch.connect(); // for Liquibase, which closes the connection that it is given
      createSchemas(own, place);
      changelog.on(new JdbcConnection(own), liquibase -> {
        Scope.getCurrentScope()
            .getSingleton(ChangeLogHistoryServiceFactory.class)
            .getChangeLogService(liquibase.getDatabase())
            .init();
        markAsApplied(connection, pending);
        liquibase.update(new Contexts());
      });
      return use.from(connection);
    } finally {
      Working.done();
    }
  }

  /**
   * Does something in an empty scratch database.
   *
   * @param changelog the changelog
   * @param place where its schema and its extensions stand
   * @param use what to do
   * @return what that gave
   * @throws Refused if the scratch database does not start; the message says why
   */
  public static <T> T inEmptyScratch(Changelog changelog, Place place, Snapshot.Reading<T> use) throws Exception {
    if (!hasScratch(changelog)) {
      throw new Refused("a scratch database needs a checkout of the project, and Node");
    }
    Working.at("trying the SQL that mends the drift in a scratch database", "");
    try (ScratchDatabase scratch = ScratchDatabase.start(changelog.root()); Connection connection = scratch.connect()) {
      createSchemas(connection, place);
      return use.from(connection);
    } finally {
      Working.done();
    }
  }

  private static boolean hasScratch(Changelog changelog) throws Exception {
    return changelog.files().get(EmbeddedPostgres.SCRIPT).exists();
  }

  /**
   * Makes the schemas with their extensions and sets the search_path to them. The path ends in pg_catalog: without
   * that, the changelog could take it for one that Liquibase's defaultSchemaName has set, and refuse it.
   */
  private static void createSchemas(Connection connection, Place place) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String schema = statement.enquoteIdentifier(place.schema, true);
      statement.execute("create schema if not exists " + schema);
      Set<String> path = new LinkedHashSet<>(List.of(schema));
      for (Map.Entry<String, String> extension : place.extensions.entrySet()) {
        String its = statement.enquoteIdentifier(extension.getValue(), true);
        statement.execute("create schema if not exists " + its);
        path.add(its);
        if (!its.equals(schema)) { // else the changelog makes it
          statement.execute("create extension if not exists %s schema %s"
              .formatted(statement.enquoteIdentifier(extension.getKey(), true), its));
        }
      }
      statement.execute("set search_path = " + String.join(", ", path) + ", pg_catalog");
    }
  }

  /** Writes changesets into the history, so that Liquibase does not apply them. */
  private static void markAsApplied(Connection connection, List<ChangeSet> changeSets) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("""
        insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype)
          values (?, ?, ?, now(), 0, 'EXECUTED')""")) {
      for (ChangeSet changeSet : changeSets) {
        statement.setString(1, changeSet.getId());
        statement.setString(2, changeSet.getAuthor());
        statement.setString(3, changeSet.getFilePath());
        statement.executeUpdate();
      }
    }
  }
}
