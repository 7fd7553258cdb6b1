package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.Contents.Part;
import io.mycelium.migrations.schema.Contents.Relation;
import java.util.List;

/**
 * The page {@code docs/schema.md}: a diagram of the keys, then each table's columns, constraints, indexes and triggers
 * with their comments. Each heading is a link to the file that has the whole definition.
 */
public final class SchemaPage {

  private final StringBuilder page = new StringBuilder();

  private SchemaPage() {}

  /**
   * The page in Markdown.
   *
   * @param schema the schema whose files stand in the folder {@code schema} beside the page
   */
  public static String of(Schema schema) {
    SchemaPage page = new SchemaPage();
    page.write(schema.contents());
    return page.page.toString();
  }

  private void write(Contents contents) {
    page.append("""
        # The schema

        `mvn -Pdocs` writes this page from a database that has every changeset, and a test keeps it true. The meanings
        are comments in the database, where every client can read them. Each heading leads to the file with the whole
        definition.

        ![%s](%s)

        %s
        """.formatted(Diagram.TITLE, Diagram.PATH.replaceFirst(".*/", ""), Diagram.LEGEND));
    contents.relations().forEach(this::writeRelation);
    line("");
    line("## Functions");
    table(List.of("Call", "Returns", "Does"),
        contents.routines()
            .stream()
            .map(routine -> List.of(link(code(routine.name()), routine.file()), code(routine.returns()),
                cell(routine.comment())))
            .toList());
  }

  private void writeRelation(Relation relation) {
    line("");
    line("## " + link(relation.name(), relation.file()));
    line("");
    line(relation.comment());
    if (relation.isTable()) {
      table(List.of("Column", "Type", "Null", "Default", "Meaning"),
          relation.columns()
              .stream()
              .map(column -> List.of(code(column.name()), code(column.type()), column.nullable() ? "yes" : "",
                  code(column.defaultValue()), cell(column.comment())))
              .toList());
    } else {
      table(List.of("Column", "Meaning"),
          relation.columns().stream().map(column -> List.of(code(column.name()), cell(column.comment()))).toList());
    }
    table(List.of("Constraint", "Rule"), relation.constraints().stream().map(SchemaPage::nameAndDefinition).toList());
    table(List.of("Index", "On", "Serves"),
        relation.indexes()
            .stream()
            .map(index -> List.of(code(index.name()), code(index.definition()), cell(index.comment())))
            .toList());
    table(List.of("Trigger", "Fires"), relation.triggers().stream().map(SchemaPage::nameAndDefinition).toList());
  }

  private static List<String> nameAndDefinition(Part part) {
    return List.of(code(part.name()), code(part.definition()));
  }

  private static String link(String text, String file) {
    return "[" + text + "](schema/" + file + ")";
  }

  private static String code(String sql) {
    return sql.isEmpty() ? "" : "`" + cell(sql) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  private void table(List<String> header, List<List<String>> rows) {
    if (!rows.isEmpty()) {
      line("");
      line("| " + String.join(" | ", header) + " |");
      line("|" + "---|".repeat(header.size()));
      rows.forEach(row -> line("| " + String.join(" | ", row) + " |"));
    }
  }

  private void line(String text) {
    page.append(text).append('\n');
  }
}
