package io.mycelium.migrations.plan;

import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A step as a changeset has it.
 *
 * @param changes the list of changes, in YAML
 * @param rollback the list of changes of the rollback, in YAML
 * @param files the texts of the files with routines, by their names
 */
public record Artefact(String changes, String rollback, Map<String, String> files) {

  /**
   * Writes a step.
   *
   * @param step the step
   * @param folder the name of the folder of the files, beside the changeset's
   * @param taken whether the folder has a file of a name already
   */
  public static Artefact of(Step step, String folder, Predicate<String> taken) {
    Writer writer = new Writer(folder, taken);
    String changes = writer.write(step.statements(), true);
    return new Artefact(changes, writer.write(step.rollback(), false), writer.files);
  }

  private static final class Writer {

    private final String folder;
    private final Predicate<String> taken;
    private final Map<String, String> files = new LinkedHashMap<>();
    private final StringBuilder yaml = new StringBuilder();
    private final List<String> together = new ArrayList<>();

    Writer(String folder, Predicate<String> taken) {
      this.folder = folder;
      this.taken = taken;
    }

    String write(List<String> statements, boolean routinesInFiles) {
      yaml.setLength(0);
      for (String sql : statements) {
        Statement statement = new Statement(sql);
        boolean routine = routinesInFiles && statement.does("CREATE FUNCTION", "CREATE PROCEDURE");
        if (routine) {
          endOfGroup();
          String file = free(Statement.plain(statement.object()).replaceAll("[^A-Za-z0-9_]", "_"));
          files.put(file, sql + ";\n");
          yaml.append("- sqlFile: {path: %s/%s, relativeToChangelogFile: true, splitStatements: false}\n"
              .formatted(folder, file));
        } else if (!canBeSplit(sql)) {
          endOfGroup();
          yaml.append("- sql:\n    splitStatements: false\n    sql: |\n").append(sql.indent(6));
        } else {
          together.add(sql);
        }
      }
      endOfGroup();
      return yaml.toString();
    }

    /** Ends a change with statements that Liquibase parts at their semicolons. */
    private void endOfGroup() {
      if (!together.isEmpty()) {
        yaml.append("- sql:\n    sql: |\n").append(together.stream().collect(Collectors.joining(";\n")).indent(6));
        together.clear();
      }
    }

    /** A name at which no file stands yet. */
    private String free(String name) {
      String file = name + ".sql";
      for (int i = 2; taken.test(file) || files.containsKey(file); i++) {
        file = name + "_" + String.valueOf(i) + ".sql";
      }
      return file;
    }
  }

  /**
   * Whether Liquibase, which goes by characters, finds the same statement in it: it parts at semicolons and at lines
   * with a slash or GO, and knows comments and quotes less well than PostgreSQL.
   */
  private static boolean canBeSplit(String sql) {
    return List.of(";", "$", "--", "/*", "\\", "\n/", "\nGO", "\ngo").stream().noneMatch(sql::contains);
  }
}
