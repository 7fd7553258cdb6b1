package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Changes SQL as a text. It goes by tokens where literals, comments and the bodies of functions have to stay as they
 * are.
 */
public final class Sql {

  private static final String OF_DATA = "LOSES DATA";

  /** What a statement takes away, the gravest first, and what such statements do. */
  private static final Map<String, String[]> LOSSES = new LinkedHashMap<>();

  static {
    LOSSES.put(OF_DATA,
        new String[] {"DROP TABLE", "DROP FOREIGN TABLE", "DROP SEQUENCE", "DROP TYPE", "DROP DOMAIN", "DROP SCHEMA",
            "DROP EXTENSION", "DROP SERVER", "DROP OWNED", "UPDATE", "DELETE", "TRUNCATE", "ALTER TABLE DROP COLUMN",
            "ALTER FOREIGN TABLE DROP COLUMN", "ALTER TABLE DETACH", "ALTER TABLE ALTER COLUMN DROP IDENTITY",
            "ALTER TABLE ALTER COLUMN SET EXPRESSION", "ALTER TABLE ALTER COLUMN TYPE",
            "ALTER TABLE ALTER COLUMN SET DATA TYPE", "ALTER TYPE DROP ATTRIBUTE", "ALTER TYPE ALTER ATTRIBUTE"});
    LOSSES.put("CHANGES RIGHTS", new String[] {"REVOKE", "DROP POLICY", "ALTER POLICY", "ALTER TABLE ENABLE ROW",
        "ALTER TABLE DISABLE ROW", "ALTER TABLE FORCE ROW", "ALTER TABLE NO FORCE ROW"});
    LOSSES.put("DROPS OR REBUILDS",
        new String[] {"DROP", "REINDEX", "REFRESH", "CLUSTER", "ALTER TABLE DROP CONSTRAINT",
            "ALTER FOREIGN TABLE DROP CONSTRAINT", "ALTER DOMAIN DROP CONSTRAINT", "ALTER OPERATOR FAMILY DROP",
            "ALTER TABLE SET LOGGED", "ALTER TABLE SET UNLOGGED", "ALTER TABLE SET TABLESPACE",
            "ALTER TABLE SET ACCESS METHOD", "ALTER TABLE SET WITHOUT CLUSTER",
            "ALTER MATERIALIZED VIEW SET TABLESPACE", "ALTER MATERIALIZED VIEW SET ACCESS METHOD",
            "ALTER MATERIALIZED VIEW SET WITHOUT CLUSTER", "ALTER INDEX SET TABLESPACE"});
  }

  /** A statement on a column of a table: its comment, its privileges, its options. */
  private static final Pattern OF_A_COLUMN =
      Pattern.compile("(?s)(COMMENT ON COLUMN |(GRANT|REVOKE) \\w+ ?\\(|ALTER .*?\\bALTER COLUMN ).*");

  /** What stands before the name of an object, and never before that of a column. */
  private static final Set<String> BEFORE_AN_OBJECT = Set.of("", "::", "FROM", "JOIN", "INTO", "UPDATE", "ONLY",
      "TABLE", "VIEW", "INDEX", "TYPE", "DOMAIN", "SEQUENCE", "FUNCTION", "PROCEDURE", "AGGREGATE", "COLUMN", "ON",
      "TO", "OF", "REFERENCES", "EXISTS", "COLLATE", "STATISTICS", "RETURNS", "SETOF", "AS");

  /** How many bytes PostgreSQL keeps of a name. */
  private static final int LONGEST_NAME = 63;

  private Sql() {}

  /** A name as SQL has it, in quotes where it needs them. */
  public static String quoted(String name) {
    return CodeKeeper.quoted(name);
  }

  /** A name with an ending, of at most the 63 bytes that PostgreSQL keeps. */
  public static String shortened(String name, String ending) {
    int length = name.length();
    while (name.substring(0, length).getBytes(StandardCharsets.UTF_8).length + ending.length() > LONGEST_NAME) {
      length = name.offsetByCodePoints(length, -1);
    }
    return name.substring(0, length) + ending;
  }

  /** Whether a statement deletes or rewrites data. */
  public static boolean losesData(String statement) {
    return OF_DATA.equals(loss(statement));
  }

  /** What a statement takes away: data, rights, or an object, perhaps to build it anew; null if nothing. */
  static String loss(String statement) {
    Statement read = new Statement(statement);
    return LOSSES.entrySet()
        .stream()
        .filter(loss -> read.does(loss.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** Whether a statement can run outside of a transaction block only. */
  static boolean runsAlone(String statement) {
    Statement read = new Statement(statement);
    return read.does("CALL") || read.does("REINDEX", "CREATE INDEX", "DROP INDEX") && read.has("CONCURRENTLY");
  }

  /**
   * The same statement without a schema's name before its objects. It is to run while that schema is the current one.
   *
   * @param sql the statement
   * @param schema the schema's name
   */
  public static String unqualified(String sql, String schema) {
    String name = CodeKeeper.quoted(schema);
    StringBuilder result = new StringBuilder();
    List<Token> tokens = CodeKeeper.tokens(sql);
    boolean ambiguous = isRelationToo(name, tokens);
    for (int i = 0; i < tokens.size(); i++) {
      String text = text(tokens, i);
      if (text.equals(name) && text(tokens, i + 1).equals(".") && !(ambiguous && isOfAColumn(tokens, i))) {
        i++;
      } else if (text(tokens, i + 1).equals("::") && text(tokens, i + 2).matches("(?i)reg\\w+")) {
        // a name, written as a literal
        result.append(text.replace("'" + name.replace("'", "''") + ".", "'"));
      } else if (tokens.get(i).body() && sql.startsWith("DO ")) {
        result.append(unqualified(text, schema)); // statements themselves
      } else {
        result.append(text.replaceFirst("^\t$", "    "));
      }
    }
    return result.toString();
  }

  /** Whether a relation is called like the schema, so that the name can stand before a column as well. */
  private static boolean isRelationToo(String name, List<Token> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      if (text(tokens, i).equals(name) && !text(tokens, i + 1).equals(".")) {
        return true;
      }
    }
    return false;
  }

  /** Whether what follows a name is a column, and neither a relation nor a type nor a function. */
  private static boolean isOfAColumn(List<Token> tokens, int name) {
    int before = name - 1;
    while (before >= 0 && tokens.get(before).blank()) {
      before--;
    }
    return !text(tokens, name + 3).equals("(")
        && !BEFORE_AN_OBJECT.contains(text(tokens, before).toUpperCase(Locale.ROOT));
  }

  private static String text(List<Token> tokens, int i) {
    return i < tokens.size() ? tokens.get(i).text() : "";
  }

  /** A table's SQL without its columns. */
  static String withoutColumns(String table) {
    List<String> statements = new ArrayList<>();
    for (String statement : table.split("\n\n")) {
      if (!OF_A_COLUMN.matcher(statement).matches()) {
        statements.add(statement.startsWith("CREATE ") ? statement.replaceAll("\n\t.*", "") : statement);
      }
    }
    return String.join("\n\n", statements);
  }
}
