package io.mycelium.migrations.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/** The folder of a schema: pgCodeKeeper's files, one an object, and a file with what is not in its model. */
final class SchemaFolder {

  private static final String UNMODELLED = "DATABASE.sql";
  private static final String ENTRY = "-- %s\n%s;\n-- undone by: %s;\n";
  private static final Pattern ENTRIES =
      Pattern.compile(ENTRY.replace("%s;\n--", "((?s:.*?));\n--").replace("%s", "(.*)"));

  private SchemaFolder() {}

  /**
   * Reads a schema.
   *
   * @param files the texts of the files that {@link #write} wrote, by their paths in the folder
   */
  static Schema read(Map<String, String> files) throws IOException, InterruptedException {
    List<Item> unmodelled = new ArrayList<>();
    Matcher entry = ENTRIES.matcher(files.get(UNMODELLED));
    while (entry.find()) {
      String name = entry.group(1);
      unmodelled.add(Item.unmodelled(name, entry.group(2), entry.group(3), null, name.startsWith("setting ")));
    }
    return new Schema(CodeKeeper.read(files), unmodelled, Collections.emptySortedSet(), Collections.emptySortedSet());
  }

  /** A schema with nothing in it. */
  static Schema empty() throws IOException, InterruptedException {
    return read(Map.of(UNMODELLED, ""));
  }

  /**
   * Writes a schema.
   *
   * @param schema the schema
   * @param folder the folder; everything in it is deleted before
   */
  static void write(Schema schema, Path folder) throws IOException, InterruptedException {
    FileUtils.deleteDirectory(folder.toFile());
    schema.model().write(folder);
    StringBuilder unmodelled = new StringBuilder();
    for (Item item : schema.unmodelled().values()) {
      unmodelled.append(ENTRY.formatted(item.name(), item.definition(), item.undo()));
    }
    Files.writeString(folder.resolve(UNMODELLED), unmodelled);
  }
}
