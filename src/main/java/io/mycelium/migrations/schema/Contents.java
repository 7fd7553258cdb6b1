package io.mycelium.migrations.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgcodekeeper.core.model.difftree.DbObjType;
import org.pgcodekeeper.core.model.exporter.ModelExporter;
import org.pgcodekeeper.core.schema.AbstractColumn;
import org.pgcodekeeper.core.schema.AbstractConstraint;
import org.pgcodekeeper.core.schema.AbstractFunction;
import org.pgcodekeeper.core.schema.AbstractTable;
import org.pgcodekeeper.core.schema.IConstraintFk;
import org.pgcodekeeper.core.schema.IConstraintPk;
import org.pgcodekeeper.core.schema.PgStatement;
import org.pgcodekeeper.core.schema.PgStatementContainer;
import org.pgcodekeeper.core.schema.pg.AbstractPgFunction;

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

  private static final List<String> KINDS = List.of("PK", "UK", "FK", "");

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

  /** Reads it. */
  static Contents of(Schema schema) {
    List<PgStatement> statements = schema.statements()
        .filter(statement -> !(statement instanceof AbstractColumn))
        .sorted(Comparator.comparing(PgStatement::getName))
        .toList();
    Reader reader = new Reader(statements,
        statements.stream().filter(AbstractTable.class::isInstance).map(AbstractTable.class::cast).toList(),
        statements.stream()
            .filter(statement -> statement.getStatementType() == DbObjType.SCHEMA)
            .findFirst()
            .map(PgStatement::getName)
            .orElse(""));
    return new Contents(reader.relations(), reader.routines(), List.copyOf(reader.references()));
  }

  private record Reader(List<PgStatement> statements, List<AbstractTable> tables, String schemaName) {

    List<Relation> relations() {
      return Stream
          .concat(tables.stream(),
              statements.stream()
                  .filter(statement -> statement.getStatementType() == DbObjType.VIEW)
                  .map(PgStatementContainer.class::cast))
          .map(this::relation)
          .toList();
    }

    private Relation relation(PgStatementContainer relation) {
      List<Column> columns = relation instanceof AbstractTable table
          ? table.getColumns()
              .stream()
              .map(column -> new Column(column.getName(), sql(column.getType()), !column.isNotNull(),
                  sql(column.getDefaultValue()), comment(column), keys(table, column)))
              .toList()
          : COLUMN_COMMENT.matcher(Schema.definition(relation))
              .results()
              .map(column -> new Column(column.group(1), "", true, "", text(column.group(2)), Set.of()))
              .toList();
      return new Relation(relation.getTypeName().toLowerCase(), relation.getName(), file(relation), comment(relation),
          columns,
          relation.getConstraints()
              .stream()
              .sorted(Comparator.comparing((AbstractConstraint constraint) -> KINDS.indexOf(kind(constraint)))
                  .thenComparing(PgStatement::getName))
              .map(constraint -> part(constraint, constraint.getDefinition()))
              .toList(),
          sorted(relation.getIndexes())
              .map(index -> part(index,
                  (Schema.definition(index).startsWith("CREATE UNIQUE ") ? "UNIQUE " : "") + after(" USING ", index)))
              .toList(),
          sorted(relation.getTriggers()).map(trigger -> part(trigger, after(trigger.getName(), trigger))).toList());
    }

    private Part part(PgStatement statement, String definition) {
      return new Part(statement.getName(), sql(definition), comment(statement));
    }

    List<Routine> routines() {
      return statements.stream()
          .filter(AbstractFunction.class::isInstance)
          .map(AbstractPgFunction.class::cast)
          .map(routine -> new Routine(sql(routine.getName()), file(routine), sql(routine.getReturns()),
              comment(routine)))
          .toList();
    }

    Collection<Reference> references() {
      Map<String, Reference> references = new TreeMap<>();
      for (AbstractTable table : tables) {
        for (AbstractConstraint constraint : table.getConstraints()) {
          String column = String.join(", ", constraint.getColumns());
          if (constraint instanceof IConstraintFk key) {
            add(references, new Reference(key.getForeignTable(), table.getName(), column, true));
          } else if (constraint instanceof IConstraintPk && column.endsWith("_id")) {
            tables.stream()
                .filter(other -> other != table && other.containsColumn(column) && !isForeignKey(other, column)
                    && other.getColumn(column).getType().equals(table.getColumn(column).getType()))
                .forEach(other -> add(references, new Reference(table.getName(), other.getName(), column, false)));
          }
        }
      }
      return references.values();
    }

    private static void add(Map<String, Reference> references, Reference reference) {
      references.put(reference.from + " " + reference.to + " " + reference.columns, reference);
    }

    private static boolean isForeignKey(AbstractTable table, String column) {
      return table.getConstraints()
          .stream()
          .anyMatch(key -> key instanceof IConstraintFk && key.containsColumn(column));
    }

    private static Set<String> keys(AbstractTable table, AbstractColumn column) {
      return new TreeSet<>(table.getConstraints()
          .stream()
          .filter(key -> key.containsColumn(column.getName()))
          .map(Reader::kind)
          .filter(kind -> !kind.isEmpty())
          .toList());
    }

    private static String kind(AbstractConstraint constraint) {
      return constraint.isPrimaryKey() ? "PK"
          : constraint instanceof IConstraintPk ? "UK"
          : constraint instanceof IConstraintFk ? "FK"
          : "";
    }

    private static <T extends PgStatement> Stream<T> sorted(Collection<T> statements) {
      return statements.stream().sorted(Comparator.comparing(PgStatement::getName));
    }

    /** What follows a text in the first statement of a definition. */
    private static String after(String text, PgStatement statement) {
      String definition = Schema.definition(statement).replaceFirst("(?s);\n\n.*|;$", "");
      return definition.substring(definition.indexOf(text) + text.length());
    }

    private static String file(PgStatement statement) {
      return ModelExporter.getRelativeFilePath(statement).toString().replace('\\', '/');
    }

    private static String comment(PgStatement statement) {
      return text(statement.getComment());
    }

    /** The text of a literal. */
    private static String text(String literal) {
      return literal == null ? "" : inALine(literal.substring(1, literal.length() - 1).replace("''", "'"));
    }

    private String sql(String sql) {
      return sql == null ? "" : inALine(Sql.unqualified(sql.strip(), schemaName));
    }

    private static String inALine(String text) {
      return text.replaceAll("\\s+", " ");
    }
  }
}
