package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * SQL whose arrays are not cast as a whole, but element by element. PostgreSQL turns {@code status IN ('a', 'b')} on a
 * varchar into {@code (ARRAY['a', 'b'])::text[]}; where it reads that again, it casts each element.
 */
final class ArrayCasts {

  private final List<Token> tokens;
  private final StringBuilder result = new StringBuilder();

  private ArrayCasts(String sql) {
    this.tokens = CodeKeeper.tokens(sql);
  }

  /** The same SQL with each element cast. */
  static String ofElements(String sql) {
    return sql.contains("(ARRAY[") ? new ArrayCasts(sql).rewrite() : sql;
  }

  private String rewrite() {
    int i = 0;
    while (i < tokens.size()) {
      int end = is(i, "(") && is(i + 1, "ARRAY") && is(i + 2, "[") ? closing(i + 2) : 0;
      int type = end + 3;
      int typeEnd = type;
      while (end > 0 && typeEnd < tokens.size() && !is(typeEnd, "[") && !is(typeEnd, ",")) {
        typeEnd++;
      }
      if (end > 0 && is(end + 1, ")") && is(end + 2, "::") && is(typeEnd, "[") && is(typeEnd + 1, "]")) {
        addCast(elements(i + 3, end), text(type, typeEnd));
        i = typeEnd + 2;
      } else {
        result.append(tokens.get(i++).text());
      }
    }
    return result.toString();
  }

  private void addCast(List<String> elements, String type) {
    result.append("ARRAY[");
    for (int i = 0; i < elements.size(); i++) {
      result.append(i == 0 ? "(" : ", (").append(elements.get(i)).append(")::").append(type);
    }
    result.append(']');
  }

  private List<String> elements(int start, int end) {
    List<String> elements = new ArrayList<>();
    int first = start;
    int depth = 0;
    for (int i = start; i <= end; i++) {
      depth += is(i, "(") || is(i, "[") ? 1 : is(i, ")") || is(i, "]") ? -1 : 0;
      if (i == end || is(i, ",") && depth == 0) {
        elements.add(text(first, i).strip());
        first = i + 1;
      }
    }
    return elements;
  }

  /** The bracket that closes one. */
  private int closing(int open) {
    int depth = 0;
    int i = open;
    do {
      depth += is(i, "[") ? 1 : is(i, "]") ? -1 : 0;
      i++;
    } while (depth > 0 && i < tokens.size());
    return i - 1;
  }

  private String text(int start, int end) {
    StringBuilder text = new StringBuilder();
    tokens.subList(start, end).forEach(token -> text.append(token.text()));
    return text.toString();
  }

  private boolean is(int i, String text) {
    return i < tokens.size() && tokens.get(i).text().equals(text);
  }
}
