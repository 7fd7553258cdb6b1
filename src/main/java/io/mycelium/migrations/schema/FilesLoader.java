package io.mycelium.migrations.schema;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.pgcodekeeper.core.DatabaseType;
import org.pgcodekeeper.core.WorkDirs;
import org.pgcodekeeper.core.loader.DatabaseLoader;
import org.pgcodekeeper.core.loader.PgDumpLoader;
import org.pgcodekeeper.core.model.difftree.DbObjType;
import org.pgcodekeeper.core.schema.AbstractDatabase;
import org.pgcodekeeper.core.settings.ISettings;

/**
 * Reads the files of a schema from memory. pgCodeKeeper's own loader reads a folder on disk; ours stand in a jar, in a
 * container where no file can be written.
 */
final class FilesLoader extends DatabaseLoader {

  private static final List<String> FOLDERS = WorkDirs.getDirectoryNames(DatabaseType.PG);
  private static final List<DbObjType> KINDS = List.copyOf(WorkDirs.getDirLoadOrder());

  private final Map<String, String> files;
  private final ISettings settings;

  /**
   * Takes the files.
   *
   * @param files their texts, by their paths in the folder of the schema
   * @param settings how to read them
   */
  FilesLoader(Map<String, String> files, ISettings settings) {
    this.files = files;
    this.settings = settings;
  }

  @Override
  public AbstractDatabase load() throws IOException, InterruptedException {
    AbstractDatabase database = createDb(settings);
    List<String> paths = files.keySet()
        .stream()
        .filter(path -> path.contains("/"))
        .sorted(Comparator.comparingInt(FilesLoader::order).thenComparing(Comparator.naturalOrder()))
        .toList();
    for (String path : paths) {
      byte[] text = files.get(path).getBytes(StandardCharsets.UTF_8);
      PgDumpLoader loader = new PgDumpLoader(() -> new ByteArrayInputStream(text), path, settings);
      loader.loadDatabase(database, antlrTasks);
      launchedLoaders.add(loader);
    }
    finishLoaders();
    return database;
  }

  /** The place of a file in the order of pgCodeKeeper's own loader: a schema comes before its objects. */
  private static int order(String path) {
    String[] folders = path.split("/");
    int kind = folders.length < 4 ? 0 : 1 + KINDS.indexOf(DbObjType.valueOf(folders[2]));
    return FOLDERS.indexOf(folders[0]) * (1 + KINDS.size()) + kind;
  }
}
