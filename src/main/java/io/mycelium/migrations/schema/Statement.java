package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A statement, and what it does to which object. It is read by its tokens, so that no value, no name and no body is
 * taken for a word of SQL.
 */
public final class Statement {

  /** The words that can follow the first word of a kind, such as VIEW in MATERIALIZED VIEW. */
  private static final Set<String> TWO_WORDS = Set.of("MATERIALIZED", "FOREIGN", "EVENT", "CONSTRAINT", "ACCESS");
  /** What a statement's verb is followed by, before the kind of object. */
  private static final List<String> BEFORE_THE_KIND = List.of("OR", "REPLACE", "UNIQUE", "UNLOGGED", "RECURSIVE");
  /** The actions of ALTER TABLE that name a part of the table. */
  private static final Set<String> PARTS = Set.of("COLUMN", "CONSTRAINT", "ATTRIBUTE", "VALUE", "PARTITION", "TRIGGER");

  private static final Set<String> OF_A_TABLE = Set.of("TRIGGER", "CONSTRAINT TRIGGER", "POLICY", "RULE");

  private final String sql;
  private final List<String> words = new ArrayList<>();
  /** Where each word begins in the SQL. */
  private final List<Integer> places = new ArrayList<>();
  private int next;
  private String what;
  private String object = "";
  private String part = "";
  private int objectAt;
  private int partAt;
  private int afterNames;
  private boolean conditional;
  private boolean conditionalPart;

  /**
   * Reads it.
   *
   * @param sql one statement, without a semicolon
   */
  public Statement(String sql) {
    this.sql = sql;
    int place = 0;
    for (Token token : CodeKeeper.tokens(sql)) {
      if (!token.blank()) {
        words.add(token.text());
        places.add(place);
      }
      place += token.text().length();
    }
    this.what = readWhat();
  }

  /** Its text. */
  public String sql() {
    return sql;
  }

  /**
   * What it does: its words of SQL without names, such as {@code CREATE INDEX}, {@code ALTER TABLE ADD COLUMN} or
   * {@code ALTER TABLE ALTER COLUMN SET NOT NULL}. OR REPLACE, UNIQUE, IF EXISTS and the like are left out.
   */
  public String what() {
    return what;
  }

  /** Whether {@link #what} is one of these, or begins with one of them. */
  public boolean does(String... actions) {
    for (String action : actions) {
      if (what.equals(action) || what.startsWith(action + " ")) {
        return true;
      }
    }
    return false;
  }

  /** The object that it makes, changes or drops, as it stands in the SQL; of an index or a trigger that one itself. */
  public String object() {
    return object;
  }

  /** The table of an index or a trigger that it makes, or the column or constraint that it is about; else empty. */
  public String part() {
    return part;
  }

  /** What stands behind these names. */
  public String rest() {
    return afterNames < places.size() ? sql.substring(places.get(afterNames)) : "";
  }

  /** Whether these words stand in it, one behind the other, outside of names, values and bodies. */
  public boolean has(String... expected) {
    return find(expected) >= 0;
  }

  /** The place among the words at which these stand; negative if they do not. */
  private int find(String... expected) {
    for (int i = 0; i + expected.length <= words.size(); i++) {
      int found = 0;
      while (found < expected.length && is(i + found, expected[found])) {
        found++;
      }
      if (found == expected.length) {
        return i;
      }
    }
    return -1;
  }

  /** What begins with these words, outside of names, values and bodies; empty if they do not stand in it. */
  public String from(String... expected) {
    int place = find(expected);
    return place < 0 ? "" : sql.substring(places.get(place));
  }

  /** The statement without these words, where they stand first. */
  public String without(String... expected) {
    int place = find(expected);
    if (place < 0) {
      return sql;
    }
    int end = place + expected.length;
    return sql.substring(0, places.get(place)).stripTrailing()
        + (end < places.size() ? " " + sql.substring(places.get(end)) : "");
  }

  /** A name as PostgreSQL keeps it: without quotes, and without the schema before it. */
  public static String plain(String name) {
    List<Token> tokens = CodeKeeper.tokens(name);
    String last = tokens.isEmpty() ? "" : tokens.get(tokens.size() - 1).text();
    return last.startsWith("\"")
        ? last.substring(1, last.length() - 1).replace("\"\"", "\"")
        : last.toLowerCase(Locale.ROOT);
  }

  /**
   * The same statement in a form that can run a second time. That happens after a run that was killed before Liquibase
   * had written the changeset into its history.
   */
  public String repeatable() {
    String result = sql;
    if (does("ALTER TABLE DROP COLUMN", "ALTER TABLE DROP CONSTRAINT", "ALTER FOREIGN TABLE DROP COLUMN",
        "ALTER DOMAIN DROP CONSTRAINT", "ALTER TYPE DROP ATTRIBUTE") && !conditionalPart) {
      result = insert(result, partAt, "IF EXISTS ");
    } else if (does("ALTER TYPE ADD VALUE") && !conditionalPart) {
      result = insert(result, partAt, "IF NOT EXISTS ");
    }
    if (does("DROP", "ALTER TABLE") && !does("DROP OWNED") && !conditional) {
      result = insert(result, objectAt, "IF EXISTS ");
    } else if (does("CREATE VIEW", "CREATE TRIGGER", "CREATE RULE", "CREATE AGGREGATE") && !has("OR", "REPLACE")) {
      result = insert(result, 1, "OR REPLACE ");
    }
    return Repetition.allowed(this, result);
  }

  /**
   * The same statement in a block in which a second run may fail.
   *
   * @param conditions how it may fail: PostgreSQL's names of conditions, with OR between them
   */
  public String repeatable(String conditions) {
    return Repetition.unless(conditions, repeatable());
  }

  private String insert(String into, int word, String text) {
    return new StringBuilder(into).insert(places.get(word), text).toString();
  }

  @Override
  public String toString() {
    return sql;
  }

  private String readWhat() {
    if (words.isEmpty()) {
      return "";
    }
    String verb = word();
    if (!Set.of("CREATE", "ALTER", "DROP").contains(verb)) {
      afterNames = next;
      if (Set.of("UPDATE", "CALL").contains(verb)) {
        object = name();
        afterNames = next;
      }
      return verb;
    }
    while (BEFORE_THE_KIND.stream().anyMatch(word -> is(next, word))) {
      next++;
    }
    String read = verb + " " + kind();
    skip("CONCURRENTLY");
    conditional = skipCondition();
    objectAt = next;
    skip("ONLY");
    object = name();
    if (read.equals("CREATE INDEX")) {
      skip("ON");
      skip("ONLY");
      part = name();
    } else if (OF_A_TABLE.contains(read.substring(verb.length() + 1))) {
      part = tableOfAPart(read);
    }
    afterNames = next;
    return verb.equals("ALTER") && next < words.size() ? read + " " + action() : read;
  }

  private String kind() {
    String kind = word();
    if (TWO_WORDS.contains(kind)) {
      kind += " " + word();
    } else if (kind.equals("TEXT")) {
      kind += " " + word() + " " + word(); // TEXT SEARCH PARSER
    } else if (kind.equals("OPERATOR") && (is(next, "CLASS") || is(next, "FAMILY"))) {
      kind += " " + word();
    }
    return kind.equals("FOREIGN DATA") ? kind + " " + word() : kind;
  }

  /** What ALTER does to the object, and to which part of it. */
  private String action() {
    StringBuilder action = new StringBuilder(word());
    if (next < words.size() && PARTS.contains(words.get(next).toUpperCase(Locale.ROOT))) {
      action.append(' ').append(word());
      conditionalPart = skipCondition();
      partAt = next;
      part = name();
      afterNames = next;
    }
    while (next < words.size() && words.get(next).matches("[A-Za-z_]+") && action.length() < 40) {
      action.append(' ').append(word());
    }
    return action.toString();
  }

  /** The table that a trigger, a policy or a rule is on. */
  private String tableOfAPart(String read) {
    int after = next;
    while (after < words.size() && !is(after, read.equals("CREATE RULE") ? "TO" : "ON")) {
      after++;
    }
    int resume = next;
    next = after + 1;
    String table = name();
    next = resume;
    return table;
  }

  /** A name with its schema; of a routine without its arguments. */
  private String name() {
    StringBuilder name = new StringBuilder(next < words.size() ? words.get(next++) : "");
    while (is(next, ".") && next + 1 < words.size()) {
      name.append('.').append(words.get(next + 1));
      next += 2;
    }
    return name.toString();
  }

  private String word() {
    return next < words.size() ? words.get(next++).toUpperCase(Locale.ROOT) : "";
  }

  private boolean is(int i, String word) {
    return i < words.size() && words.get(i).equalsIgnoreCase(word);
  }

  private boolean skip(String... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (!is(next + i, expected[i])) {
        return false;
      }
    }
    next += expected.length;
    return true;
  }

  private boolean skipCondition() {
    return skip("IF", "NOT", "EXISTS") || skip("IF", "EXISTS");
  }
}
