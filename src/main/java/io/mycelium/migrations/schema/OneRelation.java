package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A view's query without the relation's name before the columns, where it reads a single one. PostgreSQL 15 writes that
 * name, and later ones do not. Both write it in a query within the query.
 */
final class OneRelation {

  private static final Set<String> QUERIES = Set.of("SELECT", "WITH", "VALUES");
  private static final Set<String> SETS = Set.of("UNION", "INTERSECT", "EXCEPT");
  private static final Set<String> CLAUSES = Set.of("", ";", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT",
      "OFFSET", "FETCH", "FOR", "TABLESAMPLE", "WITH");

  private final List<Token> tokens;
  /** How many queries within the query each token stands in. */
  private final int[] queries;
  /** How many parentheses each token stands in. */
  private final int[] parentheses;
  private int relationStart = -1;
  private int relationEnd;
  private String relation = "";

  private OneRelation(String query) {
    this.tokens = CodeKeeper.tokens(query);
    this.queries = new int[tokens.size()];
    this.parentheses = new int[tokens.size()];
    measure(0, 0, 0);
  }

  /** The query without that name; a query of several relations as it is. */
  static String unqualified(String query) {
    OneRelation one = new OneRelation(query);
    return one.find() ? one.withoutName() : query;
  }

  /** Measures how deep each token stands, up to the end of a parenthesis. The answer is that end. */
  private int measure(int start, int parenthesis, int query) {
    int i = start;
    while (i < tokens.size() && !is(i, ")")) {
      parentheses[i] = parenthesis;
      queries[i] = query;
      if (is(i, "(")) {
        i = measure(i + 1, parenthesis + 1, query + (QUERIES.contains(word(after(i))) ? 1 : 0));
        if (i < tokens.size()) {
          parentheses[i] = parenthesis;
          queries[i] = query;
        }
      }
      i++;
    }
    return i;
  }

  /** Finds the only relation. */
  private boolean find() {
    for (int i = 0; i < tokens.size(); i++) {
      if (parentheses[i] == 0 && SETS.contains(word(i))) {
        return false;
      }
      if (parentheses[i] == 0 && is(i, "FROM") && !is(before(i), "DISTINCT") && relationStart < 0) {
        relationStart = i;
      }
    }
    return relationStart >= 0 && readRelation();
  }

  private boolean readRelation() {
    int i = after(relationStart);
    if (is(i, "ONLY")) {
      i = after(i);
    }
    if (is(i, "(")) {
      if (!QUERIES.contains(word(after(i)))) {
        return false; // a join
      }
      i = afterParenthesis(i);
    } else {
      relation = text(i);
      i = after(i);
      while (is(i, ".")) {
        relation = text(after(i));
        i = after(after(i));
      }
      i = is(i, "(") ? afterParenthesis(i) : i;
    }
    if (!CLAUSES.contains(word(i))) {
      i = is(i, "AS") ? after(i) : i;
      relation = text(i);
      i = is(after(i), "(") ? afterParenthesis(after(i)) : after(i);
    }
    relationEnd = i;
    return CLAUSES.contains(word(i)) && !relation.isEmpty();
  }

  private String withoutName() {
    Set<String> results = results();
    StringBuilder result = new StringBuilder();
    boolean ordered = false;
    for (int i = 0; i < tokens.size(); i++) {
      ordered |= parentheses[i] == 0 && is(i, "ORDER");
      boolean ofAColumn = queries[i] == 0 && (i < relationStart || i >= relationEnd) && text(i).equals(relation)
          && is(i + 1, ".") && isColumn(i) && !(ordered && results.contains(text(i + 2)));
      if (ofAColumn) {
        i++;
      } else {
        result.append(text(i));
      }
    }
    return result.toString();
  }

  /** Whether a column's name follows the name and its point, and not a whole row, a function, a type or an operator. */
  private boolean isColumn(int name) {
    String column = text(name + 2);
    return (column.startsWith("\"") || column.matches("\\w+")) && !is(after(name + 2), "(") && !is(before(name), "::")
        && !is(before(name), "COLLATE") && !is(before(name), ".");
  }

  /** What the query calls its results. ORDER BY takes such a name for the result's. */
  private Set<String> results() {
    Set<String> results = new HashSet<>();
    for (int i = 0; i < relationStart; i++) {
      if (parentheses[i] == 0 && is(i, "AS")) {
        results.add(text(after(i)));
      }
    }
    return results;
  }

  private int afterParenthesis(int open) {
    int i = open + 1;
    while (i < tokens.size() && !(is(i, ")") && parentheses[i] == parentheses[open])) {
      i++;
    }
    return after(i);
  }

  private int after(int i) {
    int next = i + 1;
    while (next < tokens.size() && tokens.get(next).blank()) {
      next++;
    }
    return next;
  }

  private int before(int i) {
    int last = i - 1;
    while (last >= 0 && tokens.get(last).blank()) {
      last--;
    }
    return last;
  }

  private boolean is(int i, String word) {
    return word(i).equals(word);
  }

  private String word(int i) {
    return text(i).toUpperCase(Locale.ROOT);
  }

  private String text(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).text() : "";
  }
}
