package io.mycelium.migrations.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of docs/ that people copy changesets from, as changelogs that can be run: so it cannot say what does not work.
 *
 * @param changelogs the path of each of its yaml blocks, as a changelog, in their order
 * @param statements its sql blocks that are no file of a changelog
 */
public record Recipe(List<String> changelogs, List<String> statements) {

  private static final Pattern BLOCK = Pattern.compile("```(yaml|sql)\n(.*?)```", Pattern.DOTALL);
  /** The first line of an sql block that is a file beside the changelog. */
  private static final Pattern FILE = Pattern.compile("-- (\\S+\\.sql)\n");

  /**
   * Reads one, and writes its changelogs below target/recipes, beside copies of what rollbacks run of the releases
   * before.
   *
   * @param page its name in docs/
   * @param variant what to write otherwise, as the page says
   */
  public static Recipe read(String page, UnaryOperator<String> variant) throws IOException {
    String text = variant.apply(Files.readString(Path.of("docs", page)));
    Path folder = Path.of("target/recipes", page.replace(".md", "") + "-" + Integer.toHexString(text.hashCode()));
    copyReleases(folder);
    List<String> changelogs = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    for (MatchResult block : BLOCK.matcher(text).results().toList()) {
      String content = block.group(2);
      Matcher file = FILE.matcher(content);
      if (block.group(1).equals("yaml")) {
        Path changelog = folder.resolve("next/release-" + changelogs.size() + ".yaml");
        Files.writeString(changelog,
            "databaseChangeLog:\n- logicalFilePath: %s/%s\n%s".formatted(page, changelogs.size(), content));
        changelogs.add(changelog.toString().replace('\\', '/'));
      } else if (file.lookingAt()) {
        Path sql = folder.resolve("next").resolve(file.group(1));
        Files.createDirectories(sql.getParent());
        Files.writeString(sql, content);
      } else {
        statements.add(content);
      }
    }
    return new Recipe(changelogs, statements);
  }

  private static void copyReleases(Path folder) throws IOException {
    Path changelog = Path.of("changelog");
    Files.createDirectories(folder.resolve("next"));
    try (Stream<Path> files = Files.walk(changelog)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".sql")).toList()) {
        Path copy = folder.resolve(changelog.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Files.readString(file));
      }
    }
  }
}
