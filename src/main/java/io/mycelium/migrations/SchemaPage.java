package io.mycelium.migrations;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The documentation that a database at the head of the changelog gives of itself: {@code docs/schema.md} from its
 * comments, and {@code docs/catalog.txt}. SchemaCrawler needs a script engine for a Mermaid diagram, and knows
 * neither a vector's dimension nor an index's comment.
 */
public final class SchemaPage {

  private static final String TABLES = """
      select relname, obj_description(oid, 'pg_class')
      from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'm') and relname not like 'databasechangelog%'
      order by relkind desc, relname""";

  private static final String COLUMNS = """
      select attname, format_type(atttypid, atttypmod), case when attnotnull then '' else 'yes' end,
             coalesce(pg_get_expr(adbin, adrelid), ''), col_description(attrelid, attnum)
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = ?::regclass and attnum > 0 and not attisdropped
      order by attnum""";

  private static final String CONSTRAINTS = """
      select conname, pg_get_constraintdef(oid) from pg_constraint
      where conrelid = ?::regclass and contype <> 'n' order by array_position('{p,u,f,c}', contype::text), conname""";

  private static final String INDEXES = """
      select relname, regexp_replace(pg_get_indexdef(oid), '^CREATE (UNIQUE )?INDEX \\S+ ON \\S+ USING ', '\\1'), obj_description(oid, 'pg_class')
      from pg_class join pg_index on indexrelid = oid
      where indrelid = ?::regclass and not exists (select from pg_constraint where conindid = indexrelid)
      order by relname""";

  private static final String TRIGGERS = """
      select tgname, regexp_replace(pg_get_triggerdef(oid), '^CREATE TRIGGER \\S+ (.*) ON \\S+ (.*)$', '\\1 \\2')
      from pg_trigger where tgrelid = ?::regclass and not tgisinternal order by tgname""";

  private static final String ROUTINES = """
      select oid::regprocedure::text, coalesce(pg_get_function_result(oid), ''), obj_description(oid, 'pg_proc')
      from pg_proc
      where pronamespace = current_schema()::regnamespace
        and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
      order by 1""";

  /** Each table's key columns: for the diagram, in which all columns would be too many. */
  private static final String KEYS = """
      select relname, attname, split_part(format_type(atttypid, atttypmod), ' ', 1), string_agg(distinct upper(contype::text) || 'K', ', ')
      from pg_constraint join pg_class on pg_class.oid = conrelid join pg_attribute on attrelid = conrelid and attnum = any (conkey)
      where relnamespace = current_schema()::regnamespace and contype in ('p', 'u', 'f') and relname not like 'databasechangelog%'
      group by relname, attname, atttypid, atttypmod, attnum
      order by relname, attnum""";

  /** Foreign keys, and columns that are called like another table's key, of its type, without one. */
  private static final String RELATIONS = """
      select confrelid::regclass::text, '||--o{', conrelid::regclass::text, attname
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and connamespace = current_schema()::regnamespace
      union
      select key.attrelid::regclass::text, '||..o{', attribute.attrelid::regclass::text, attribute.attname
      from pg_constraint join pg_attribute key on key.attrelid = conrelid and key.attnum = conkey[1]
      join pg_attribute attribute on attribute.attname = key.attname and attribute.atttypid = key.atttypid and attribute.attrelid <> key.attrelid
      join pg_class on pg_class.oid = attribute.attrelid and relkind = 'r'
      where contype in ('p', 'u') and cardinality(conkey) = 1 and connamespace = current_schema()::regnamespace
        and relnamespace = connamespace and key.attname like '%\\_id'
        and not exists (select from pg_constraint where contype = 'f' and conrelid = attribute.attrelid and attribute.attnum = any (conkey))
      order by 1, 3, 4""";

  private final Connection connection;
  private final StringBuilder page = new StringBuilder();

  private SchemaPage(Connection connection) {
    this.connection = connection;
  }

  /**
   * Writes both files, from the schema that the whole changelog makes in a scratch database.
   *
   * @param arguments none; the POM names the changelog
   * @throws Exception if the scratch database does not start, or a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Changelog changelog = Changelog.named();
    Path docs = changelog.root().resolve("docs");
    AppliedSchema.without(changelog, List.of(), "public", connection -> {
      Files.writeString(docs.resolve("schema.md"), of(connection));
      Files.writeString(docs.resolve("catalog.txt"), Catalog.read(connection).portable().text());
      return null;
    });
    System.out.println("wrote docs/schema.md and docs/catalog.txt");
  }

  /** The page for the current schema of a connection. */
  static String of(Connection connection) throws SQLException {
    SchemaPage schema = new SchemaPage(connection);
    schema.write();
    return schema.page.toString();
  }

  private void write() throws SQLException {
    line("# The schema");
    line("");
    line("Generated from a database at the head of the changelog by `mvn -Pdocs`; a test keeps it true. The comments stand");
    line("in the database itself, for every client to read. [catalog.txt](catalog.txt) is the same in full.");
    line("");
    writeDiagram();
    for (List<String> table : query(TABLES)) {
      writeTable(table.get(0), table.get(1));
    }
    section("## Functions", query(ROUTINES), "Call", "Returns", "Does");
  }

  private void writeDiagram() throws SQLException {
    line("```mermaid");
    line("erDiagram");
    String open = null;
    for (List<String> key : query(KEYS)) {
      if (!key.get(0).equals(open)) {
        line((open == null ? "" : "    }\n") + "    " + key.get(0) + " {");
        open = key.get(0);
      }
      line("        " + key.get(2) + " " + key.get(1) + " " + key.get(3));
    }
    line("    }");
    for (List<String> relation : query(RELATIONS)) {
      line("    " + String.join(" ", relation.subList(0, 3)) + " : " + relation.get(3));
    }
    line("```");
    line("");
    line("Key columns alone. A dotted line is a reference without a foreign key, since the one outlives the other.");
  }

  private void writeTable(String table, String comment) throws SQLException {
    line("");
    line("## " + table);
    line("");
    line(comment);
    section("", query(COLUMNS, table), "Column", "Type", "Null", "Default", "Meaning");
    section("", query(CONSTRAINTS, table), "Constraint", "Rule");
    section("", query(INDEXES, table), "Index", "On", "Serves");
    section("", query(TRIGGERS, table), "Trigger", "Fires");
  }

  /** A Markdown table; all its columns but the last are code, as is a last one of two. */
  private void section(String title, List<List<String>> rows, String... header) {
    if (rows.isEmpty()) {
      return;
    }
    if (!title.isEmpty()) {
      line("");
      line(title);
    }
    line("");
    line("| " + String.join(" | ", header) + " |");
    line("|" + "---|".repeat(header.length));
    for (List<String> row : rows) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i).replaceAll("\\s*\\n\\s*", " ").replace("|", "\\|");
        boolean code = !cell.isEmpty() && !header[i].equals("Null") && (i < row.size() - 1 || row.size() == 2);
        cells.add(code ? "`" + cell + "`" : cell);
      }
      line("| " + String.join(" | ", cells) + " |");
    }
  }

  private void line(String text) {
    page.append(text).append('\n');
  }

  private List<List<String>> query(String sql, String... parameters) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            String value = result.getString(i);
            row.add(value == null ? "" : value);
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }
}
