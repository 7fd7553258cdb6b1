package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.Release;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * A copy of what changesets are written to, in which they are tried before they get into the checkout: either all of
 * them, or none.
 */
final class Checkout implements AutoCloseable {

  private static final List<String> WRITTEN = List.of("changelog", "pom.xml", "examples/spring-boot/pom.xml");

  private final Changelog original;
  private final Path copy;

  private Checkout(Changelog original, Path copy) {
    this.original = original;
    this.copy = copy;
  }

  /** Copies it to a temporary folder. */
  static Checkout of(Changelog changelog) throws Exception {
    Checkout checkout = new Checkout(changelog, Files.createTempDirectory("mycelium-changelog"));
    for (String written : WRITTEN) {
      Path from = changelog.root().resolve(written);
      Path to = checkout.copy.resolve(written);
      Files.createDirectories(to.getParent());
      if (Files.isDirectory(from)) {
        FileUtils.copyDirectory(from.toFile(), to.toFile());
      } else {
        Files.copy(from, to);
      }
    }
    return checkout;
  }

  /** The changelog in the copy. */
  Changelog changelog() {
    return new Changelog(copy, original.path());
  }

  /**
   * Moves to the checkout what was written.
   *
   * @return a line for each changeset
   */
  List<String> move() throws Exception {
    List<String> moved = new ArrayList<>();
    Path root = original.root();
    List<Path> files;
    try (Stream<Path> all = Files.walk(copy)) {
      files = all.filter(Files::isRegularFile).map(copy::relativize).sorted().toList();
    }
    for (Path file : files) {
      Path to = root.resolve(file);
      boolean isNew = !Files.exists(to);
      if (isNew || Files.mismatch(copy.resolve(file), to) >= 0) {
        Files.createDirectories(to.getParent());
        Files.write(to, Files.readAllBytes(copy.resolve(file)));
      }
      String name = file.getFileName().toString();
      if (isNew && file.startsWith(Release.inTheMaking(copy).folder()) && name.endsWith(".yaml")
          && !name.equals("release.yaml")) {
        moved.add("wrote " + name.replaceFirst("\\.yaml$", "") + " to " + file);
      }
    }
    return moved;
  }

  @Override
  public void close() throws IOException {
    FileUtils.deleteDirectory(copy.toFile());
  }
}
