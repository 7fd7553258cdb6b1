package io.mycelium.migrations.testing;

import io.mycelium.migrations.Resource;

/** SQL that is too long for Java, in a file of {@code src/test/resources}. */
public final class SqlFile {

  private SqlFile() {}

  /**
   * The statements of a file, between which blank lines stand.
   *
   * @param beside the class in whose package the file stands
   */
  public static String[] statements(Class<?> beside, String name) {
    return Resource.text(beside, name).strip().split("\n\n");
  }
}
