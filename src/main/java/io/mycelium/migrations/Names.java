package io.mycelium.migrations;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Names in a message, of which an application can have very many. */
public final class Names {

  private static final int MOST = 100;

  private Names() {}

  /** The first of them, and how many more there are. */
  public static List<String> some(Collection<String> names) {
    List<String> some = new ArrayList<>(names.stream().limit(MOST).toList());
    if (names.size() > MOST) {
      some.add("and " + (names.size() - MOST) + " more");
    }
    return some;
  }
}
