package io.mycelium.migrations;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The SQL that makes one schema of another, each statement such that it can be run twice. Liquibase's own generator
 * writes no functions, triggers, views or CHECKs, and loses a vector's dimension and an index's operator class; here
 * everything comes from PostgreSQL's own definitions.
 */
final class SchemaChange {

  /** What has to be there before what else, by kind. */
  private static final List<String> ORDER = List.of("enum", "table", "column", "function", "constraint", "foreign key", "view",
      "materialized view", "index", "trigger");
  private static final Pattern OBJECT = Pattern.compile("(" + String.join("|", ORDER) + "|[a-z ]+?) (.*)", Pattern.DOTALL);
  private static final Pattern COLUMN = Pattern.compile("(?<type>.+?)(?<required> not null)?(?: default (?<default>.*))?");

  private final SortedMap<String, String> original;
  /** What is left of the original, while statements are written that drop objects with others. */
  private final SortedMap<String, String> from;
  private final SortedMap<String, String> to;
  private final List<String> columnOrder;
  private final String schema;
  private final List<String> statements = new ArrayList<>();
  private final List<String> afterFunctions = new ArrayList<>();
  private final List<String> concurrently = new ArrayList<>();
  private final SortedMap<String, String> functions = new TreeMap<>();
  private final List<String> impossible = new ArrayList<>();

  private SchemaChange(Catalog from, Catalog to, List<String> columnOrder, String schema) {
    this.schema = schema;
    this.original = from.objects();
    this.from = new TreeMap<>(original);
    this.to = new TreeMap<>(to.objects());
    this.columnOrder = columnOrder;
  }

  /**
   * Writes it.
   *
   * @param from the schema that is there
   * @param to the schema that shall be there
   * @param columnOrder the columns of {@code to}, as table.column, in their order
   * @param schema the name of both
   */
  static SchemaChange between(Catalog from, Catalog to, List<String> columnOrder, String schema) {
    SchemaChange change = new SchemaChange(from, to, columnOrder, schema);
    change.write();
    return change;
  }

  /** What comes first: what is dropped, then types, tables and columns. */
  List<String> statements() {
    return statements;
  }

  /** What comes after the functions: constraints, views, indexes on new tables, triggers. */
  List<String> afterFunctions() {
    return afterFunctions;
  }

  /** Indexes on tables that were there: their definitions, to be built CONCURRENTLY outside of a transaction. */
  List<String> concurrently() {
    return concurrently;
  }

  /** The functions, by name, with their definitions. */
  SortedMap<String, String> functions() {
    return functions;
  }

  /** What it cannot write, and why. */
  List<String> impossible() {
    return impossible;
  }

  private void write() {
    // A view has no ALTER for its query: it goes, and with it whatever hangs on it, and comes again.
    for (String name : names()) {
      if (name.startsWith("materialized view ") && from.containsKey(name) && !definition(from.get(name)).equals(definition(to.get(name)))) {
        statements.add("DROP MATERIALIZED VIEW IF EXISTS " + bare(name));
        forget(bare(name));
      }
    }
    List<String> names = new ArrayList<>(names());
    names.sort(Comparator.comparingInt(this::rank).reversed());
    for (String name : names) {
      if (from.containsKey(name) && !to.containsKey(name)) {
        drop(name);
      }
    }
    names = new ArrayList<>(names());
    names.sort(Comparator.comparingInt(this::rank));
    for (String name : names) {
      if (to.containsKey(name) && !to.get(name).equals(from.get(name))) {
        create(name);
      }
    }
  }

  private TreeSet<String> names() {
    TreeSet<String> names = new TreeSet<>(from.keySet());
    names.addAll(to.keySet());
    return names;
  }

  private int rank(String name) {
    String kind = kind(name);
    if (isForeignKey(name)) {
      kind = "foreign key";
    } else if (kind.equals("column") && !to.containsKey("table " + table(bare(name))) && !original.containsKey("table " + table(bare(name)))) {
      kind = "index"; // a view's column has but a comment, which comes after the view
    }
    return ORDER.indexOf(kind);
  }

  private boolean isForeignKey(String name) {
    return name.startsWith("constraint ") && to.getOrDefault(name, original.get(name)).startsWith("FOREIGN KEY");
  }

  private void drop(String name) {
    String bare = bare(name);
    switch (kind(name)) {
      case "table" -> {
        statements.add("DROP TABLE IF EXISTS " + bare);
        forget(bare);
      }
      case "view", "enum" -> statements.add("DROP " + (kind(name).equals("enum") ? "TYPE" : "VIEW") + " IF EXISTS " + bare);
      case "column" -> {
        if (from.containsKey("table " + table(bare)) && to.containsKey("table " + table(bare))) {
          statements.add("ALTER TABLE IF EXISTS " + table(bare) + " DROP COLUMN IF EXISTS " + part(bare));
        }
      }
      case "constraint" -> {
        if (to.containsKey("table " + table(bare)) || isForeignKey(name)) {
          statements.add("ALTER TABLE IF EXISTS " + table(bare) + " DROP CONSTRAINT IF EXISTS " + part(bare));
        }
      }
      case "trigger" -> statements.add("DROP TRIGGER IF EXISTS " + part(bare) + " ON " + table(bare));
      case "index" -> {
        if (!isOfAConstraint(bare, from)) {
          statements.add("DROP INDEX IF EXISTS " + bare);
        }
      }
      case "function" -> statements.add("DROP ROUTINE IF EXISTS " + bare); // a function or a procedure
      default -> {
        if (!isOfAnIdentity(name, original)) {
          cannot(name, "drop it in words of your own");
        }
      }
    }
  }

  private void create(String name) {
    String bare = bare(name);
    String wanted = definition(to.get(name));
    String present = definition(from.get(name));
    boolean differs = !wanted.equals(present);
    List<String> out = rank(name) > ORDER.indexOf("function") ? afterFunctions : statements;
    switch (kind(name)) {
      case "enum" -> {
        if (present != null) {
          cannot(name, "write ALTER TYPE ... ADD VALUE");
        } else {
          out.add("DO $$ BEGIN CREATE TYPE " + bare + " AS ENUM ('" + wanted.replace(", ", "', '") + "'); EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        }
      }
      case "table" -> createTable(name, wanted, present);
      case "column" -> {
        if (present == null && from.containsKey("table " + table(bare)) && to.containsKey("table " + table(bare))) {
          out.add("ALTER TABLE " + table(bare) + " ADD COLUMN IF NOT EXISTS " + part(bare) + " " + columnDefinition(name));
        } else if (present != null && differs) {
          alterColumn(name, wanted, present);
        }
      }
      case "function" -> {
        if (to.get(name).contains("\n SET search_path TO")) {
          cannot(name, "its SET search_path names a schema; write it as changelog/1.0/agents/refresh_agent_statistics.sql does");
          return;
        }
        functions.put(bare.replaceFirst("\\(.*", ""), unqualified(wanted).strip() + ";\n"
            + (grants(to.get(name)).equals(List.of("no grant to public")) ? "\nREVOKE EXECUTE ON ROUTINE " + bare + " FROM PUBLIC;\n" : "")
            + (comment(name) == null ? "" : "\n" + comment(name) + ";\n"));
        return;
      }
      case "constraint" -> {
        if (differs && (from.containsKey("table " + table(bare)) || isForeignKey(name))) {
          out.add("ALTER TABLE " + table(bare) + " DROP CONSTRAINT IF EXISTS " + part(bare));
          out.add("ALTER TABLE " + table(bare) + " ADD CONSTRAINT " + part(bare) + " " + unqualified(wanted));
        }
      }
      case "index" -> {
        if (isOfAConstraint(bare, to)) {
          return;
        } else if (differs) {
          createIndex(bare, wanted);
          return;
        }
      }
      case "view" -> {
        if (differs) {
          out.add("CREATE OR REPLACE VIEW " + bare + " AS\n" + unqualified(wanted).strip().replaceFirst(";$", ""));
        }
      }
      case "materialized view" -> {
        if (!from.containsKey(name)) {
          out.add("CREATE MATERIALIZED VIEW IF NOT EXISTS " + bare + " AS\n" + unqualified(wanted).strip().replaceFirst(";$", ""));
        }
      }
      case "trigger" -> {
        if (differs) {
          out.add(unqualified(wanted).replaceFirst("^CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"));
        }
      }
      default -> {
        if (!isOfAnIdentity(name, to)) {
          cannot(name, "write it in words of your own");
        }
        return;
      }
    }
    if (!grants(to.get(name)).equals(grants(from.get(name)))) {
      cannot(name, "privileges belong to the roles of an installation, not to a migration");
    }
    String comment = comment(name);
    String before = commentOf(name, from.get(name));
    if (!Objects.equals(comment, before)) {
      out.add(comment == null ? commentOn(name) + "NULL" : comment);
    }
  }

  private void createTable(String name, String wanted, String present) {
    String bare = bare(name);
    if (present == null) {
      List<String> parts = new ArrayList<>();
      columnOrder.stream().filter(column -> table(column).equals(bare))
          .forEach(column -> parts.add("    " + part(column) + " " + columnDefinition("column " + column)));
      to.keySet().stream().filter(constraint -> constraint.startsWith("constraint " + bare + ".") && !isForeignKey(constraint))
          .forEach(constraint -> parts.add("    CONSTRAINT " + part(bare(constraint)) + " " + unqualified(definition(to.get(constraint)))));
      statements.add("CREATE TABLE IF NOT EXISTS " + bare + " (\n" + String.join(",\n", parts) + "\n)" + (wanted.isEmpty() ? "" : " " + wanted));
      if (wanted.contains("unlogged") || wanted.contains("row security")) {
        cannot(name, "it is unlogged, or has row security");
      }
    } else if (!wanted.equals(present)) {
      Matcher options = Pattern.compile("with \\((.*)\\)").matcher(wanted);
      Matcher before = Pattern.compile("with \\((.*)\\)").matcher(present);
      if (!options.replaceAll("").equals(before.replaceAll(""))) {
        cannot(name, "it is or was unlogged, or has or had row security");
      }
      if (before.find(0)) {
        statements.add("ALTER TABLE IF EXISTS " + bare + " RESET (" + before.group(1).replaceAll("=[^,]*", "") + ")");
      }
      if (options.find(0)) {
        statements.add("ALTER TABLE IF EXISTS " + bare + " SET (" + options.group(1) + ")");
      }
    }
  }

  /** The definition as DDL; what cannot be said so is reported. */
  private String columnDefinition(String name) {
    String definition = definition(to.get(name));
    if (definition.contains("generated always as (")) {
      cannot(name, "a generated column's expression is known, but not whether it is STORED");
    } else if (definition.matches(".* (storage [a-z]|compression [a-z0-9]+)\\b.*")) {
      cannot(name, "write ALTER COLUMN ... SET STORAGE, or SET COMPRESSION");
    }
    return definition;
  }

  private void alterColumn(String name, String wanted, String present) {
    Matcher now = COLUMN.matcher(wanted);
    Matcher before = COLUMN.matcher(present);
    if (!now.matches() || !before.matches() || (wanted + present).matches("(?s).* (generated|storage|compression|collate) .*")) {
      cannot(name, "write ALTER COLUMN in words of your own: from " + present + " to " + wanted);
      return;
    }
    String alter = "ALTER TABLE IF EXISTS " + table(bare(name)) + " ALTER COLUMN " + part(bare(name)) + " ";
    if (!now.group("type").equals(before.group("type"))) {
      statements.add(alter + "TYPE " + now.group("type") + " USING " + part(bare(name)) + "::" + now.group("type"));
    }
    if (!Objects.equals(now.group("required"), before.group("required"))) {
      statements.add(alter + (now.group("required") == null ? "DROP" : "SET") + " NOT NULL");
    }
    if (!Objects.equals(now.group("default"), before.group("default"))) {
      statements.add(alter + (now.group("default") == null ? "DROP DEFAULT" : "SET DEFAULT " + now.group("default")));
    }
  }

  private void createIndex(String bare, String wanted) {
    Matcher index = Catalog.INDEX.matcher(wanted);
    if (!index.matches()) {
      cannot("index " + bare, wanted);
      return;
    }
    String definition = index.group("name") + " ON " + index.group("table") + " " + unqualified(index.group("rest"));
    String unique = Objects.toString(index.group("unique"), "");
    String comment = "COMMENT ON INDEX " + bare + " IS " + literal(Objects.requireNonNullElse(text(to.get("index " + bare)), "TODO the query that it serves"));
    if (from.containsKey("table " + index.group("table"))) {
      concurrently.add("DROP INDEX CONCURRENTLY IF EXISTS " + bare + ";\nCREATE " + unique + "INDEX CONCURRENTLY " + definition + ";\n" + comment);
    } else {
      afterFunctions.add("CREATE " + unique + "INDEX IF NOT EXISTS " + definition);
      afterFunctions.add(comment);
    }
  }

  /** What hangs on a relation goes with it. */
  private void forget(String relation) {
    from.entrySet().removeIf(object -> {
      Matcher index = Catalog.INDEX.matcher(object.getValue());
      return bare(object.getKey()).equals(relation) || bare(object.getKey()).startsWith(relation + ".")
          || (index.matches() && index.group("table").equals(relation));
    });
  }

  private static boolean isOfAConstraint(String index, Map<String, String> catalog) {
    return catalog.keySet().stream().anyMatch(name -> name.startsWith("constraint ") && name.endsWith("." + index));
  }

  private static boolean isOfAnIdentity(String sequence, Map<String, String> catalog) {
    return catalog.entrySet().stream().anyMatch(column -> column.getKey().startsWith("column ") && column.getValue().contains("as identity")
        && sequence.equals("sequence " + bare(column.getKey()).replace('.', '_') + "_seq"));
  }

  /** The COMMENT statement that a wanted object needs; columns and tables that have none get one to fill in. */
  private String comment(String name) {
    String statement = commentOf(name, to.get(name));
    boolean required = (name.startsWith("table ") || name.startsWith("column ") || name.startsWith("function ")) && !from.containsKey(name);
    return statement != null || !required ? statement : commentOf(name, "comment: TODO what it means");
  }

  private static String commentOf(String name, String definition) {
    return text(definition) == null ? null : commentOn(name) + literal(text(definition));
  }

  private static String commentOn(String name) {
    String bare = bare(name);
    String object = switch (kind(name)) {
      case "constraint", "trigger" -> part(bare) + " ON " + table(bare);
      default -> bare;
    };
    String kind = kind(name).equals("function") ? "ROUTINE" : kind(name).toUpperCase();
    return "COMMENT ON " + kind + " " + object + " IS ";
  }

  private void cannot(String name, String why) {
    impossible.add(name + ": " + why);
  }

  /** A definition without its grants and its comment. */
  private static String definition(String definition) {
    return definition == null ? null : definition.replaceAll("(?s)(^|\n)comment: .*", "").replaceAll("(?m)^(grant \\S+ to .*|no grant to public)\n?", "").stripTrailing();
  }

  private static List<String> grants(String definition) {
    return definition == null ? List.of() : definition.lines().filter(line -> line.matches("grant \\S+ to .*|no grant to public")).toList();
  }

  /** The text of a comment, or null. */
  private static String text(String definition) {
    Matcher comment = Pattern.compile("(?:^|\n)comment: (.*)", Pattern.DOTALL).matcher(definition == null ? "" : definition);
    return comment.find() ? comment.group(1) : null;
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Without the schema, which is the connection's. */
  private String unqualified(String sql) {
    return sql.replaceAll("\\b" + Pattern.quote(schema) + "\\.", "");
  }

  private static String kind(String name) {
    Matcher object = OBJECT.matcher(name);
    return object.matches() ? object.group(1) : "";
  }

  private static String bare(String name) {
    return name.substring(kind(name).length() + 1);
  }

  private static String table(String bare) {
    return bare.substring(0, bare.indexOf('.'));
  }

  private static String part(String bare) {
    return bare.substring(bare.indexOf('.') + 1);
  }
}
