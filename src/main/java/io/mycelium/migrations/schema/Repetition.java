package io.mycelium.migrations.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The second run of a statement that has no form with IF EXISTS or the like. */
final class Repetition {

  /** Statements that have no form of which a second run finds nothing to do, and how that run fails. */
  private static final Map<String, String> REPETITIONS = new LinkedHashMap<>();

  static {
    String made = "duplicate_object OR duplicate_function OR duplicate_table";
    for (String kind : List.of("TYPE", "DOMAIN", "POLICY", "CAST", "OPERATOR", "CONSTRAINT TRIGGER", "TEXT",
        "COLLATION", "CONVERSION")) {
      REPETITIONS.put("CREATE " + kind, made);
    }
    for (String altered : List.of("TABLE", "DOMAIN")) {
      REPETITIONS.put("ALTER " + altered + " ADD CONSTRAINT",
          made + " OR invalid_table_definition OR object_not_in_prerequisite_state");
    }
    for (String altered : List.of("TABLE", "DOMAIN", "TYPE", "INDEX", "VIEW", "MATERIALIZED VIEW", "SEQUENCE")) {
      REPETITIONS.put("ALTER " + altered + " RENAME",
          "undefined_table OR undefined_column OR undefined_object OR invalid_parameter_value");
    }
    REPETITIONS.put("ALTER TABLE ALTER COLUMN ADD GENERATED", "object_not_in_prerequisite_state OR duplicate_table");
    REPETITIONS.put("ALTER TABLE ATTACH PARTITION", "wrong_object_type OR duplicate_table");
    REPETITIONS.put("ALTER TABLE DETACH PARTITION", "undefined_table OR wrong_object_type");
    REPETITIONS.put("ALTER TABLE INHERIT", "duplicate_table");
    REPETITIONS.put("ALTER TABLE NO INHERIT", "undefined_table OR undefined_object");
    REPETITIONS.put("ALTER INDEX ATTACH PARTITION", "object_not_in_prerequisite_state");
    REPETITIONS.put("ALTER TYPE ADD ATTRIBUTE", "duplicate_column");
  }

  private Repetition() {}

  /**
   * A statement such that its second run does nothing.
   *
   * @param statement what it does
   * @param sql its text
   */
  static String allowed(Statement statement, String sql) {
    for (Map.Entry<String, String> repetition : REPETITIONS.entrySet()) {
      if (statement.does(repetition.getKey())) {
        return unless(repetition.getValue(), sql);
      }
    }
    return sql;
  }

  /** The statement in a block that takes these failures for a sign that it was done before. */
  static String unless(String conditions, String sql) {
    String quote = "$twice$";
    while (sql.contains(quote)) {
      quote = quote.replaceFirst("\\$$", "_\\$");
    }
    return "DO %s BEGIN\n%s;\nEXCEPTION WHEN %s THEN NULL; -- it was done before\nEND %s".formatted(quote, sql,
        conditions, quote);
  }
}
