package io.mycelium.migrations.testing;

import io.mycelium.migrations.Resource;
import java.util.List;

/** A form of the schema that Alembic left behind, made from the files in {@code src/test/resources/alembic}. */
public enum AlembicForm {

  FIRST(384, List.of("agents", "agents_first", "usage", "coordination_first"),
      List.of("agents_rows", "usage_rows", "coordination_first_rows")),
  LATER(1536, List.of("agents", "agents_later", "coordination_later"),
      List.of("agents_rows", "coordination_later_rows")),
  LATER_AT_ITS_HEAD(384, List.of("agents", "agents_later", "agents_head", "usage", "coordination_later"),
      List.of("agents_rows", "usage_rows", "coordination_later_rows"));

  private final int dimensions;
  private final List<String> schema;
  private final List<String> rows;

  AlembicForm(int dimensions, List<String> schema, List<String> rows) {
    this.dimensions = dimensions;
    this.schema = schema;
    this.rows = rows;
  }

  /** Makes it in an empty database. */
  public TestDatabase in(TestDatabase database) {
    schema.forEach(file -> database.execute(read(file)));
    return database;
  }

  /** Makes it, with rows in every table. */
  public TestDatabase withRowsIn(TestDatabase database) {
    in(database);
    rows.forEach(file -> database.execute(read(file)));
    database.execute("""
        update agents set embedding = (select array_agg(n + length(agent_id))::vector from generate_series(1, %s) n)
        where agent_id <> 'nulls'""".formatted(dimensions));
    return database;
  }

  private static String read(String file) {
    return Resource.text(AlembicForm.class, "/alembic/" + file + ".sql");
  }
}
