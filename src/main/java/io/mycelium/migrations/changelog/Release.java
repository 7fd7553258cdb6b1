package io.mycelium.migrations.changelog;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A release of the schema: a folder of the changelog, such as {@code changelog/1.1}. Its {@code release.yaml} lists its
 * changesets in the order in which they landed, and grows only at its end. When the release is cut,
 * {@code checksums.txt} is written beside that list. From then on nobody edits a changeset of the folder.
 *
 * @param root the folder that has {@code changelog/} in it
 * @param version such as {@code 1.1}; the tag has the same name
 */
public record Release(Path root, String version) {

  /** All releases, in their order. */
  public static List<Release> all(Path root) throws IOException {
    try (Stream<Path> folders = Files.list(root.resolve("changelog"))) {
      return folders.map(folder -> folder.getFileName().toString())
          .filter(name -> name.matches("\\d+\\.\\d+"))
          .sorted(Comparator.comparing(Version::parse))
          .map(name -> new Release(root, name))
          .toList();
    }
  }

  /**
   * What comes after the releases in a database on Citus, {@code changelog/citus}. Each cut freezes what was added to
   * it.
   */
  public static Release onCitus(Path root) {
    return new Release(root, "citus");
  }

  /** The release in the making: the last one; or, if that is cut, the one after it, whose folder is not there yet. */
  public static Release inTheMaking(Path root) throws IOException {
    List<Release> all = all(root);
    Release last = all.get(all.size() - 1);
    String[] numbers = last.version.split("\\.");
    return last.isCut() ? new Release(root, numbers[0] + "." + (Integer.parseInt(numbers[1]) + 1)) : last;
  }

  /** The path of its folder, such as {@code changelog/1.1}. */
  public String folder() {
    return "changelog/" + version;
  }

  /** Whether its list was begun. */
  public boolean isBegun() {
    return Files.exists(list());
  }

  /** Whether it was cut, so that its changesets are frozen. */
  public boolean isCut() {
    return Files.exists(checksumsFile());
  }

  /**
   * The checksums that its changesets had when it was cut, and those of what runs before the first release.
   *
   * @return the checksum by the changeset's id, in the order in which they run; empty if it was not cut
   */
  public Map<String, String> checksums() throws IOException {
    Map<String, String> checksums = new LinkedHashMap<>();
    for (String line : isCut() ? Files.readAllLines(checksumsFile()) : List.<String>of()) {
      String[] words = line.split(" ");
      checksums.put(words[0], words[1]);
    }
    return checksums;
  }

  /**
   * The file with the checksums. A line has a changeset's id and checksum; if the changeset was mended in place, then
   * also those that it had before, which its {@code validCheckSum} names.
   */
  public Path checksumsFile() {
    return root.resolve(folder()).resolve("checksums.txt");
  }

  /**
   * Adds an entry to the end of its list. The first time, it makes the list, includes it in the master file, and gives
   * the project the release's version.
   *
   * @param yaml the entry of a changelog
   * @param changelog the changelog that the release belongs to
   */
  public void append(String yaml, Changelog changelog) throws IOException {
    if (!isBegun()) {
      Files.writeString(list(), """
          # Release %s: its changesets, one a file, in the order in which they landed. The list grows only at its
              # end, so that new databases and old ones run the same changesets in the same order. In a merge conflict
              # here, what landed first stays first.
          databaseChangeLog:
            - logicalFilePath: %s/release.yaml
          """.formatted(version, folder()));
      Path master = root.resolve(Changelog.MASTER);
      Files.writeString(master, Files.readString(master).stripTrailing() + "\n  - include: {file: " + version
          + "/release.yaml, relativeToChangelogFile: true}\n");
      setProjectVersion(version + ".0-SNAPSHOT");
    }
    Files.writeString(list(), Files.readString(list()).stripTrailing() + "\n" + yaml);
  }

  /**
   * Writes the project's version, wherever it stands.
   *
   * @param projectVersion such as {@code 1.1.0-SNAPSHOT}
   */
  public void setProjectVersion(String projectVersion) throws IOException {
    for (String pom : List.of("pom.xml", "examples/spring-boot/pom.xml")) {
      Path file = root.resolve(pom);
      Files.writeString(file, Files.readString(file)
          .replaceAll("(<artifactId>mycelium-migrations</artifactId>\\s*<version>)[^<]+", "$1" + projectVersion));
    }
  }

  private Path list() {
    return root.resolve(folder()).resolve("release.yaml");
  }
}
