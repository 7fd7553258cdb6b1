package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes SQL as a text. It goes by tokens where literals, comments and the bodies of functions have to stay as they
 * are.
 */
public final class Sql {

  /** What a statement takes away, the gravest first, and the pattern of such statements. */
  private static final Map<String, Pattern> LOSSES = new LinkedHashMap<>();
  private static final String OF_DATA = "LOSES DATA";

  static {
    LOSSES.put(OF_DATA,
        Pattern.compile("(?is)DROP (FOREIGN )?(TABLE|SEQUENCE|TYPE|DOMAIN|SCHEMA|EXTENSION|SERVER|OWNED)\\b.*"
            + "|(UPDATE|DELETE|TRUNCATE)\\b.*"
            + "|ALTER (FOREIGN )?TABLE .*(\\bDROP (COLUMN|IDENTITY)|\\bDETACH PARTITION|\\bSET EXPRESSION"
            + "|\\bALTER COLUMN (\"[^\"]*\"|\\S+) (SET DATA )?TYPE)\\b.*"
            + "|ALTER TYPE .*\\b(DROP|ALTER) ATTRIBUTE\\b.*"));
    LOSSES.put("CHANGES RIGHTS",
        Pattern.compile("(?is)(REVOKE|(DROP|ALTER) POLICY)\\b.*|ALTER TABLE .* ROW LEVEL SECURITY"));
    LOSSES.put("DROPS OR REBUILDS",
        Pattern.compile("(?is)(DROP|REINDEX|REFRESH|CLUSTER)\\b.*"
            + "|ALTER (FOREIGN )?(TABLE|DOMAIN) .*\\bDROP CONSTRAINT\\b.*|ALTER OPERATOR .*\\bDROP\\b.*"
            + "|ALTER (TABLE|MATERIALIZED VIEW|INDEX) .*\\bSET (LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD"
            + "|WITHOUT CLUSTER)\\b.*"));
  }

  /** Statements that PostgreSQL runs in no transaction block. */
  private static final Pattern ALONE =
      Pattern.compile("(?is)(REINDEX \\w+|CREATE( UNIQUE)? INDEX|DROP INDEX) CONCURRENTLY .*|CALL .*");

  private static final String CLAUSE = "(?:WHERE|GROUP|HAVING|WINDOW|ORDER|LIMIT|OFFSET)";

  /** A query without another one in it, and with a single name after its FROM. */
  private static final Pattern ONE_RELATION = Pattern.compile("(?is)(?!.*\\bSELECT\\b.*\\bSELECT\\b).*\\bFROM\\s+"
      + "(?:\\w+\\.)?(?<relation>\\w+)(?: (?<alias>(?!" + CLAUSE + ")\\w+))?\\s*(?:" + CLAUSE + "\\b.*)?;?\\s*");

  /** A statement on a column of a table: its comment, its privileges, its options. */
  private static final Pattern OF_A_COLUMN =
      Pattern.compile("(?s)(COMMENT ON COLUMN |(GRANT|REVOKE) \\w+ ?\\(|ALTER .*?\\bALTER COLUMN ).*");

  /** Statements that have a form of which a second run finds nothing to do, with that form. */
  private static final Map<Pattern, String> REPEATABLE_FORMS = new LinkedHashMap<>();

  static {
    REPEATABLE_FORMS.put(Pattern.compile("^DROP (MATERIALIZED VIEW|FOREIGN TABLE|EVENT TRIGGER|TEXT SEARCH \\w+"
        + "|OPERATOR (?:CLASS|FAMILY)|\\w+) (?!IF EXISTS)"), "DROP $1 IF EXISTS ");
    REPEATABLE_FORMS.put(Pattern.compile("^ALTER TABLE (?!IF EXISTS)"), "ALTER TABLE IF EXISTS ");
    REPEATABLE_FORMS.put(Pattern.compile("(?<=\\s)DROP (COLUMN|CONSTRAINT) (?!IF EXISTS)"), "DROP $1 IF EXISTS ");
    REPEATABLE_FORMS.put(Pattern.compile("^CREATE (VIEW|TRIGGER|RULE|AGGREGATE) "), "CREATE OR REPLACE $1 ");
    REPEATABLE_FORMS.put(Pattern.compile("(?<=\\s)ADD VALUE (?!IF NOT EXISTS)"), "ADD VALUE IF NOT EXISTS ");
  }

  /** Statements that have no such form. */
  private static final Pattern WITHOUT_REPEATABLE_FORM =
      Pattern.compile("(?s)CREATE (TYPE|DOMAIN|POLICY|CAST|OPERATOR|CONSTRAINT TRIGGER|TEXT SEARCH) .*"
          + "|ALTER TABLE .*\\s(ADD CONSTRAINT|ADD GENERATED|RENAME|ATTACH|DETACH|INHERIT)\\s.*"
          + "|ALTER (DOMAIN|TYPE|INDEX) .*\\s(ADD CONSTRAINT|RENAME|ATTACH)\\s.*");

  private Sql() {}

  /** Whether a statement deletes or rewrites data. */
  public static boolean losesData(String statement) {
    return OF_DATA.equals(loss(statement));
  }

  /** What a statement takes away: data, rights, or an object, perhaps to build it anew; null if nothing. */
  static String loss(String statement) {
    return LOSSES.entrySet()
        .stream()
        .filter(loss -> loss.getValue().matcher(statement).matches())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** Whether a statement can run outside of a transaction block only. */
  static boolean runsAlone(String statement) {
    return ALONE.matcher(statement).matches();
  }

  /**
   * Whether a statement is a routine with BEGIN ATOMIC. Its body is not quoted, so the JDBC driver takes it for several
   * statements where another statement follows.
   */
  public static boolean isAtomic(String statement) {
    return statement.matches("(?is)CREATE .*\\bBEGIN ATOMIC\\b.*");
  }

  /**
   * The same statement in a form that can run a second time. That happens after a run that was killed before Liquibase
   * had written the changeset into its history.
   *
   * @param statement a statement of a schema's script
   */
  public static String repeatable(String statement) {
    String repeatable = statement;
    for (Map.Entry<Pattern, String> rule : REPEATABLE_FORMS.entrySet()) {
      repeatable = rule.getKey().matcher(repeatable).replaceFirst(rule.getValue());
    }
    if (WITHOUT_REPEATABLE_FORM.matcher(repeatable).matches()) {
      return """
          DO $twice$ BEGIN
          %s    ;
          EXCEPTION WHEN duplicate_object OR duplicate_table OR duplicate_function \
          OR undefined_table OR undefined_column OR wrong_object_type
              OR invalid_table_definition OR object_not_in_prerequisite_state THEN NULL; -- it was done before
          END $twice$""".formatted(repeatable.indent(4)).replace("\n    ;", ";");
    }
    return repeatable;
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
    for (int i = 0; i < tokens.size(); i++) {
      String text = text(tokens, i);
      if (text.equals(name) && text(tokens, i + 1).equals(".")) {
        i++;
      } else if (text(tokens, i + 1).equals("::") && text(tokens, i + 2).matches("(?i)reg\\w+")) {
        // a name, written as a literal
        result.append(text.replace("'" + name + ".", "'"));
      } else if (tokens.get(i).body() && sql.startsWith("DO ")) {
        result.append(unqualified(text, schema)); // statements themselves
      } else {
        result.append(text.replaceFirst("^\t$", "    "));
      }
    }
    return result.toString();
  }

  private static String text(List<Token> tokens, int i) {
    return i < tokens.size() ? tokens.get(i).text() : "";
  }

  /** A query without the relation's name before the columns, if it has only one relation; any other query as it is. */
  static String unqualifiedFromOneRelation(String query) {
    Matcher from = ONE_RELATION.matcher(query);
    return from.matches()
        ? unqualified(query, from.group("alias") == null ? from.group("relation") : from.group("alias"))
        : query;
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
