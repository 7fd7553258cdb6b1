package io.mycelium.migrations.schema;

import io.mycelium.migrations.schema.Contents.Column;
import io.mycelium.migrations.schema.Contents.Reference;
import io.mycelium.migrations.schema.Contents.Relation;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The diagram of a schema's keys: {@code docs/schema.svg}. {@code mvn -Pdocs} has PlantUML draw it, with text as wide
 * as that machine's fonts; the picture holds its source, by which a test knows whether it is stale.
 */
public final class Diagram {

  /** The path of the picture. It starts where the changelog's paths do. */
  public static final String PATH = "docs/schema.svg";

  /** What it shows. */
  public static final String TITLE = "Tables and their keys";

  /** How to read it. */
  public static final String LEGEND =
      "The diagram shows only the key columns. A dotted line is a reference without a foreign key, because the rows"
          + " that refer outlive the rows that they name.";

  /**
   * Placeholders for colours in what PlantUML draws. They become names in the style sheet, which has other colours for
   * a dark window.
   */
  private static final Map<String, String> COLOURS = Map.of("#FFFFF1", "box", "#FFFFF2", "line", "#FFFFF3", "ink");

  private static final String STYLE = """
      <style>
      .schema { --page: #ffffff; --box: #f6f8fa; --line: #6e7781; --ink: #1f2328; \
      background: var(--page); font-family: Verdana, "DejaVu Sans", sans-serif }
      @media screen and (prefers-color-scheme: dark) \
      { .schema { --page: #0d1117; --box: #161b22; --line: #8b949e; --ink: #e6edf3 } }
      .schema text { fill: var(--ink) }
      </style>""";

  private static final String HEAD = """
      @startuml
      !pragma layout smetana
      hide circle
      hide stereotype
      hide methods
      skinparam defaultFontName sans-serif
      skinparam defaultFontColor #FFFFF3
      skinparam backgroundColor transparent
      skinparam nodesep 24
      skinparam class {
        BackgroundColor #FFFFF1
        HeaderBackgroundColor #FFFFF1
        BorderColor #FFFFF2
        BorderThickness 1
        ArrowColor #FFFFF2
        ArrowThickness 1
        FontStyle bold
      }
      """;

  /** What PlantUML writes and the picture does not need. */
  private static final Pattern NEEDLESS = Pattern
      .compile("<\\?.*?\\?>|<!--.*?-->| (textLength|xlink:\\w+|title|target|data-[\\w-]+|id|font-family)=\"[^\"]*\"");

  private static final Pattern SOURCE = Pattern.compile("(?s)<metadata>(.*?)</metadata>");

  private Diagram() {}

  /**
   * The diagram in PlantUML's language.
   *
   * @param contents the schema's; each table links to the place of its name on the page that shows the picture
   */
  public static String source(Contents contents) {
    StringBuilder source = new StringBuilder(HEAD);
    for (Relation table : contents.relations()) {
      if (table.isTable()) {
        source.append("entity %1$s [[#%1$s {%1$s}]] {\n".formatted(table.name()));
        for (Column column : table.columns()) {
          source.append(column.keys().isEmpty() ? "" : "  " + line(column) + "\n");
        }
        source.append("}\n");
      }
    }
    for (Reference reference : contents.references()) {
      String arrow = reference.enforced() ? "||--o{" : "||..o{";
      source.append("%s %s %s : %s\n".formatted(reference.from(), arrow, reference.to(), reference.columns()));
    }
    return source.append("@enduml\n").toString();
  }

  private static String line(Column column) {
    return column.name() + " : " + column.type().split(" ")[0] + "  " + String.join(", ", column.keys());
  }

  /**
   * The picture: what PlantUML drew, with its source, and in the colours of the window that shows it.
   *
   * @param source what it drew
   * @param svg what came of that
   */
  public static String picture(String source, String svg) {
    String picture = NEEDLESS.matcher(svg)
        .replaceAll("")
        .replaceAll("(<text [^>]*?) fill=\"[^\"]*\"", "$1")
        .replaceAll("fill=\"([^\"]*)\" style=\"", "style=\"fill:$1;")
        .replace("<rect ", "\n<rect ");
    for (Map.Entry<String, String> colour : COLOURS.entrySet()) {
      picture = picture.replace(colour.getKey(), "var(--" + colour.getValue() + ")");
    }
    Matcher head = Pattern.compile("<svg .*? viewBox=\"0 0 (\\d+) (\\d+)\".*?>").matcher(picture);
    return head.replaceFirst("""
        <svg xmlns="http://www.w3.org/2000/svg" class="schema" viewBox="0 0 $1 $2" width="$1" height="$2" \
        role="img" aria-label="%s">
        <metadata>%s</metadata>
        %s""".formatted(TITLE, Matcher.quoteReplacement(escaped(source)), STYLE)) + "\n";
  }

  /**
   * The source that a picture holds.
   *
   * @param picture what {@link #picture} gave
   */
  public static String sourceOf(String picture) {
    Matcher source = SOURCE.matcher(picture);
    return source.find() ? source.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") : "";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
