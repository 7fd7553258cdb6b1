package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every link of every page leads somewhere, and what a newcomer asks first is two links away from the README. */
class PagesTest {

  private static final Path ROOT = Path.of("");
  private static final Set<String> NOT_OURS = Set.of(".git", ".local", "target", "node_modules");

  /** A link or an image in Markdown, to a file of the project or a place in one. */
  private static final Pattern LINK = Pattern.compile("\\]\\((?!\\w+:)([^)#\\s]*)(?:#([^)\\s]*))?\\)");
  private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$|`[^`\n]*`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

  @TempDir
  Path folder;

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    assertThat(deadLinks(ROOT)).isEmpty();
  }

  @Test
  void aLinkToAFileOrAHeadingThatIsNotThereIsFound() throws IOException {
    Files.writeString(folder.resolve("one.md"), """
        # One page's `code`, and more
        [itself](#one-pages-code-and-more) [nowhere](#one)
        [other](other.md#there) [place](other.md#gone) [file](gone.md) [site](https://example.org/gone)
        ![picture](gone.svg) `[code](gone)`
        ```
        [code](gone)
        ```
        """);
    Files.writeString(folder.resolve("other.md"), "## There\n```\n## Gone\n```\n");
    assertThat(deadLinks(folder)).containsExactly("one.md: #one", "one.md: other.md#gone", "one.md: gone.md",
        "one.md: gone.svg");
  }

  @Test
  void theReadmeIsShort() throws IOException {
    assertThat(Files.readAllLines(Path.of("README.md"))).as("lines of README.md; a page of docs/ has room for more")
        .hasSizeLessThan(150);
  }

  @Test
  void whatANewcomerAsksIsTwoLinksAwayFromTheReadme() throws IOException {
    Set<Path> pages = new TreeSet<>(links(Path.of("README.md")));
    for (Path page : List.copyOf(pages)) {
      if (page.toString().endsWith(".md")) {
        pages.addAll(links(page));
      }
    }
    assertThat(pages).as("what README.md and the pages that it links to lead to")
        .contains(Path.of("docs/schema/SCHEMA/public/TABLE/agents.sql"), // where is a table defined now
            Path.of("docs/adding-a-migration.md"), // how do I add a column
            Path.of("docs/locks.md"), // what does the next deployment lock
            Path.of("docs/deployment.md"), // how do I undo it
            Path.of("changelog/1.0/roles/grant_application_role.sql")); // who may do what
  }

  private static Set<Path> links(Path page) throws IOException {
    Set<Path> links = new TreeSet<>();
    for (MatchResult link : LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll("")).results().toList()) {
      if (!link.group(1).isEmpty()) {
        links.add(page.resolveSibling(link.group(1)).normalize());
      }
    }
    return links;
  }

  /** Each link of a page in a folder to what is not there, as {@code page: link}. */
  private static List<String> deadLinks(Path root) throws IOException {
    List<String> dead = new ArrayList<>();
    Map<Path, Set<String>> anchors = new HashMap<>();
    for (Path page : pages(root)) {
      for (MatchResult link : LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll("")).results().toList()) {
        Path file = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
        boolean there = Files.exists(file);
        if (there && link.group(2) != null && file.toString().endsWith(".md")) {
          if (!anchors.containsKey(file)) {
            anchors.put(file, anchors(file));
          }
          there = anchors.get(file).contains(link.group(2));
        }
        if (!there) {
          dead.add(root.relativize(page) + ": " + link.group(1) + (link.group(2) == null ? "" : "#" + link.group(2)));
        }
      }
    }
    return dead;
  }

  private static List<Path> pages(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".md"))
          .filter(file -> Stream.iterate(root.relativize(file), parent -> parent != null, Path::getParent)
              .noneMatch(part -> NOT_OURS.contains(part.getFileName().toString())))
          .sorted()
          .toList();
    }
  }

  /** As GitHub makes them of the headings. */
  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new TreeSet<>();
    String text = Pattern.compile("(?ms)^ *```.*?^ *```$").matcher(Files.readString(page)).replaceAll("");
    for (MatchResult heading : HEADING.matcher(text).results().toList()) {
      String anchor = heading.group(1)
          .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
          .toLowerCase(Locale.ROOT)
          .strip()
          .replaceAll("[^\\w\\- ]", "")
          .replace(' ', '-');
      String unique = anchor;
      for (int i = 1; !anchors.add(unique); i++) {
        unique = anchor + "-" + i;
      }
    }
    return anchors;
  }
}
