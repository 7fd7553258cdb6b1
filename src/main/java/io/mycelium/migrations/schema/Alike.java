package io.mycelium.migrations.schema;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.commons.lang3.reflect.FieldUtils;
import org.pgcodekeeper.core.schema.AbstractColumn;
import org.pgcodekeeper.core.schema.AbstractIndex;
import org.pgcodekeeper.core.schema.AbstractTable;
import org.pgcodekeeper.core.schema.PgStatement;
import org.pgcodekeeper.core.schema.pg.AbstractPgTable;
import org.pgcodekeeper.core.schema.pg.AbstractPgView;
import org.pgcodekeeper.core.schema.pg.PgColumn;
import org.pgcodekeeper.core.schema.pg.PgTrigger;

/** Makes alike what differs between the versions of PostgreSQL, between two servers or two readings. */
final class Alike {

  private Alike() {}

  /** Changes an object of a model, but none of its parts. */
  static void make(PgStatement statement) {
    try {
      if (statement instanceof PgColumn || statement instanceof AbstractTable || statement instanceof AbstractIndex
          || statement instanceof AbstractPgView) {
        replaceKeys(statement, "options", option -> option); // ALTER ... SET puts its options behind the others
      }
      if (statement instanceof PgColumn column) {
        make(column);
      } else if (statement instanceof AbstractPgView view) {
        make(view);
      } else if (statement instanceof PgTrigger trigger && trigger.getParent() instanceof AbstractTable table) {
        make(trigger, table);
      } else if (statement instanceof AbstractPgTable table) {
        make(table);
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void make(PgColumn column) throws IllegalAccessException {
    // PostgreSQL 18 alone gives names to NOT NULL
    column.setNotNullConName(null);
    // not every server is built with lz4
    if ("lz4".equals(field(column, "compression"))) {
      column.setCompression(null);
    }
  }

  /** PostgreSQL 15 qualifies the columns of a view's only relation, and later ones do not. */
  private static void make(AbstractPgView view) throws IllegalAccessException {
    view.setQuery(OneRelation.unqualified((String) field(view, "query")),
        OneRelation.unqualified((String) field(view, "normalizedQuery")));
  }

  /** PgCodeKeeper keeps a trigger's columns in a set, whose order varies. They get the order of the table's. */
  private static void make(PgTrigger trigger, AbstractTable table) throws IllegalAccessException {
    Collection<?> columns = (Collection<?>) field(trigger, "updateColumns");
    Stream<String> ordered = table.getColumns().stream().map(AbstractColumn::getName).filter(columns::contains);
    FieldUtils.writeField(trigger, "updateColumns", new LinkedHashSet<>(ordered.toList()), true);
  }

  /** PgCodeKeeper writes the names of a partition's inherited triggers as they are, so they get their quotes here. */
  private static void make(AbstractPgTable table) throws IllegalAccessException {
    replaceKeys(table, "triggerStates", CodeKeeper::quoted);
  }

  /** Changes the keys of a map, which get into their order. */
  private static void replaceKeys(PgStatement statement, String field, UnaryOperator<String> change)
      throws IllegalAccessException {
    @SuppressWarnings("unchecked")
    Map<String, String> map = (Map<String, String>) field(statement, field);
    Map<String, String> changed = new TreeMap<>();
    map.forEach((key, value) -> changed.put(change.apply(key), value));
    map.clear();
    map.putAll(changed);
  }

  /** The value of a field that has no getter. */
  private static Object field(PgStatement statement, String name) throws IllegalAccessException {
    return FieldUtils.readField(statement, name, true);
  }
}
