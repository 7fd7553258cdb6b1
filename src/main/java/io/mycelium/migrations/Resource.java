package io.mycelium.migrations;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads the files that stand beside a class, such as long SQL. */
public final class Resource {

  private Resource() {}

  /**
   * The text of a file.
   *
   * @param beside the class in whose package the file stands
   * @param name the file's name, or its path from the root of the resources if it starts with a slash
   * @throws UncheckedIOException if there is no such file, or it cannot be read
   */
  public static String text(Class<?> beside, String name) {
    try (InputStream file = beside.getResourceAsStream(name)) {
      if (file == null) {
        throw new FileNotFoundException(name + " beside " + beside.getName());
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
