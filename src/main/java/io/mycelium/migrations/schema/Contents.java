package io.mycelium.migrations.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What a schema holds, as people read it: in the words of its comments, and without the schema's own name before its
 * objects.
 *
 * @param relations its tables by name, then its views
 * @param routines its functions and procedures, by name
 * @param references which table refers to which
 */
public record Contents(List<Relation> relations, List<Routine> routines, List<Reference> references) {

  /** The comment of a view's column. pgCodeKeeper knows a view's columns by their comments alone. */
  private static final Pattern COLUMN_COMMENT = Pattern.compile("COMMENT ON COLUMN .*\\.(.+?) IS ('(?:[^']|'')*');");

  private static final Set<String> ROUTINES = Set.of("function", "procedure", "aggregate");
  private static final List<String> KEYS = List.of("PK", "UK", "FK", "");

  /** By name, constraints by their kind before that. */
  private static final Comparator<Modelled> ORDER =
      Comparator.comparing((Modelled one) -> one.constraint() == null ? 0 : KEYS.indexOf(one.constraint().key()))
          .thenComparing(Modelled::name);

  /**
   * A table or a view.
   *
   * @param kind such as {@code table} or {@code materialized view}
   * @param file the path of its whole definition from the folder that {@link Schema#write} wrote
   */
  public record Relation(String kind, String name, String file, String comment, List<Column> columns,
      List<Part> constraints, List<Part> indexes, List<Part> triggers) {

    /** Whether it is a table. Only the columns of a table have a type here, those of a view have none. */
    public boolean isTable() {
      return kind.endsWith("table");
    }
  }

  /**
   * A column.
   *
   * @param type its type; empty in a view
   * @param defaultValue the expression; empty where there is none
   * @param keys {@code PK}, {@code UK} and {@code FK}, as far as it is part of such a key
   */
  public record Column(String name, String type, boolean nullable, String defaultValue, String comment,
      Set<String> keys) {}

  /**
   * A constraint, an index or a trigger, with what stands after its name and, of an index, the query that it serves.
   */
  public record Part(String name, String definition, String comment) {}

  /**
   * A function or a procedure.
   *
   * @param name with the types of its arguments
   * @param file the path of its definition from the folder that {@link Schema#write} wrote
   * @param returns what it returns; empty for a procedure
   */
  public record Routine(String name, String file, String returns, String comment) {}

  /**
   * That rows of a table refer to rows of another one.
   *
   * @param from the table that is referred to
   * @param to the table that refers
   * @param columns the columns of the latter
   * @param enforced whether by a foreign key; else by a column that is called like the other's only key, and of its
   *          type
   */
  public record Reference(String from, String to, String columns, boolean enforced) {}

  /**
   * Reads it.
   *
   * @param schema the schema's name
   * @param objects all that is in it, the columns of a table in their order
   */
  static Contents of(String schema, List<Modelled> objects) {
    Reader reader = new Reader(schema, objects);
    return new Contents(reader.relations(), reader.routines(), List.copyOf(reader.references()));
  }

  private static final class Reader {

    private final String schema;
    private final List<Modelled> tables = new ArrayList<>();
    private final List<Modelled> views = new ArrayList<>();
    private final List<Modelled> routines = new ArrayList<>();
    private final Map<String, List<Modelled>> parts = new HashMap<>();

    Reader(String schema, List<Modelled> objects) {
      this.schema = schema;
      for (Modelled object : objects) {
        if (object.item().relation() != null) {
          parts.computeIfAbsent(object.item().relation(), relation -> new ArrayList<>()).add(object);
        } else if (object.kind().endsWith("table")) {
          tables.add(object);
        } else if (object.kind().endsWith("view")) {
          views.add(object);
        } else if (ROUTINES.contains(object.kind())) {
          routines.add(object);
        }
      }
      List.of(tables, views, routines).forEach(list -> list.sort(ORDER));
    }

    List<Relation> relations() {
      List<Relation> relations = new ArrayList<>();
      tables.forEach(table -> relations.add(relation(table, columns(table))));
      views.forEach(view -> relations.add(relation(view, commentedColumns(view))));
      return relations;
    }

    private Relation relation(Modelled relation, List<Column> columns) {
      return new Relation(relation.kind(), relation.name(), relation.file(), text(relation.comment()), columns,
          parts(relation, "constraint", constraint -> constraint.constraint().definition()),
          parts(relation, "index", Reader::indexed),
          parts(relation, "trigger", trigger -> after(trigger.name(), trigger)));
    }

    private List<Part> parts(Modelled relation, String kind, Function<Modelled, String> definition) {
      return parts(relation, kind).stream()
          .sorted(ORDER)
          .map(part -> new Part(part.name(), sql(definition.apply(part)), text(part.comment())))
          .toList();
    }

    private static String indexed(Modelled index) {
      return (index.item().whole().startsWith("CREATE UNIQUE ") ? "UNIQUE " : "") + after(" USING ", index);
    }

    private List<Column> columns(Modelled table) {
      List<Column> columns = new ArrayList<>();
      for (Modelled part : parts(table, "column")) {
        Modelled.Column column = part.column();
        columns.add(new Column(part.name(), sql(column.type()), column.nullable(), sql(column.defaultValue()),
            text(part.comment()), keys(table, part.name())));
      }
      return columns;
    }

    private Set<String> keys(Modelled table, String column) {
      Set<String> keys = new TreeSet<>();
      for (Modelled part : parts(table, "constraint")) {
        if (part.constraint().columns().contains(column)) {
          keys.add(part.constraint().key());
        }
      }
      keys.remove("");
      return keys;
    }

    private static List<Column> commentedColumns(Modelled view) {
      return COLUMN_COMMENT.matcher(view.item().whole())
          .results()
          .map(column -> new Column(column.group(1), "", true, "", text(column.group(2)), Set.of()))
          .toList();
    }

    List<Routine> routines() {
      List<Routine> read = new ArrayList<>();
      for (Modelled routine : routines) {
        read.add(new Routine(sql(routine.name()), routine.file(), sql(routine.returns()), text(routine.comment())));
      }
      return read;
    }

    Collection<Reference> references() {
      Map<String, Reference> references = new TreeMap<>();
      for (Modelled table : tables) {
        for (Modelled part : parts(table, "constraint")) {
          Modelled.Constraint constraint = part.constraint();
          String columns = String.join(", ", constraint.columns());
          if (constraint.key().equals("FK")) {
            add(references, new Reference(constraint.foreignTable(), table.name(), columns, true));
          } else if (!constraint.key().isEmpty() && columns.endsWith("_id")) {
            addImplied(references, table, columns);
          }
        }
      }
      return references.values();
    }

    /** Adds the references to the key of a table by columns of its name and type that are in no foreign key. */
    private void addImplied(Map<String, Reference> references, Modelled table, String key) {
      for (Modelled other : tables) {
        String type = type(other, key);
        if (!other.equals(table) && type != null && type.equals(type(table, key)) && !keys(other, key).contains("FK")) {
          add(references, new Reference(table.name(), other.name(), key, false));
        }
      }
    }

    private static void add(Map<String, Reference> references, Reference reference) {
      references.put(reference.from + " " + reference.to + " " + reference.columns, reference);
    }

    /** The type of a column; null if there is no such column. */
    private String type(Modelled table, String name) {
      for (Modelled column : parts(table, "column")) {
        if (column.name().equals(name)) {
          return column.column().type();
        }
      }
      return null;
    }

    private List<Modelled> parts(Modelled relation, String kind) {
      return parts.getOrDefault(relation.item().name(), List.of())
          .stream()
          .filter(part -> part.kind().equals(kind))
          .toList();
    }

    /** What follows a text in the first statement of a definition. */
    private static String after(String text, Modelled part) {
      String definition = part.item().whole().replaceFirst("(?s);\n\n.*|;$", "");
      return definition.substring(definition.indexOf(text) + text.length());
    }

    /** The text of a literal. */
    private static String text(String literal) {
      return literal == null ? "" : inALine(literal.substring(1, literal.length() - 1).replace("''", "'"));
    }

    private String sql(String sql) {
      return sql == null ? "" : inALine(Sql.unqualified(sql.strip(), schema));
    }

    private static String inALine(String text) {
      return text.replaceAll("\\s+", " ");
    }
  }
}
