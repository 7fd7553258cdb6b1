package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.CodeKeeper.Token;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * SQL without parentheses that stand around others: PostgreSQL 17 and 18 write the expressions of an index otherwise.
 */
final class Parentheses {

  private Parentheses() {}

  /** The same SQL, in which one pair stands in place of two that hold the same single expression. */
  static String single(String sql) {
    List<Token> tokens = CodeKeeper.tokens(sql);
    Set<Integer> needless = new HashSet<>();
    Deque<Integer> open = new ArrayDeque<>();
    Set<Integer> lists = new HashSet<>();
    int innerOpen = -1;
    int innerClose = -1;
    for (int i = 0; i < tokens.size(); i++) {
      String text = tokens.get(i).text();
      if (text.equals("(")) {
        open.push(i);
      } else if (text.equals(",") && !open.isEmpty()) {
        lists.add(open.peek());
      } else if (text.equals(")") && !open.isEmpty()) {
        int its = open.pop();
        if (innerOpen == its + 1 && innerClose == i - 1 && !lists.contains(innerOpen)) {
          needless.add(its);
          needless.add(i);
        }
        innerOpen = its;
        innerClose = i;
      }
    }
    StringBuilder single = new StringBuilder();
    for (int i = 0; i < tokens.size(); i++) {
      single.append(needless.contains(i) ? "" : tokens.get(i).text());
    }
    return single.toString();
  }
}
