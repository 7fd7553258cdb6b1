package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.Working;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.RulesPage;
import io.mycelium.migrations.embedded.ScratchDatabase;
import io.mycelium.migrations.locks.LiveRules;
import io.mycelium.migrations.locks.LocksPage;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.locks.Traced;
import io.mycelium.migrations.report.Ratios;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.Diagram;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.SchemaPage;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Locale;
import net.sourceforge.plantuml.FileFormat;
import net.sourceforge.plantuml.FileFormatOption;
import net.sourceforge.plantuml.SourceStringReader;

/**
 * Writes the generated pages: {@code docs/schema}, the schema that the whole changelog makes, one file an object;
 * {@code docs/schema-citus}, what the entry point of Citus makes differently; {@code docs/schema.md}, the schema on a
 * page with its diagram; {@code docs/locks.md}, what each changeset locks; the tables of the rules in
 * {@code docs/adding-a-migration.md}; and the picture of the table in {@code docs/performance.md}.
 */
public final class Docs {

  private Docs() {}

  /**
   * Makes the schema in a scratch database and writes the pages. Prints the changesets that break the rules for live
   * tables.
   *
   * @param arguments none; the POM names the changelog
   * @throws Exception if there are no fonts, the scratch database does not start, or a file cannot be written; the
   *           message says why
   */
  public static void main(String[] arguments) throws Exception {
    refuseWithoutFonts();
    Changelog changelog = Changelog.named();
    Path rules = changelog.root().resolve(RulesPage.PATH);
    Files.writeString(rules, RulesPage.of(Files.readString(rules)));
    Changelog withCitus = new Changelog(changelog.files(), Changelog.CITUS);
    Schema head = AppliedSchema.writeHead(changelog);
    AppliedSchema.writeHead(withCitus);
    Files.writeString(changelog.root().resolve("docs/schema.md"), SchemaPage.of(head));
    String diagram = Diagram.source(head.contents());
    Files.writeString(changelog.root().resolve(Diagram.PATH), Diagram.picture(diagram, drawn(diagram)));
    Path performance = changelog.root().resolve("docs/performance.md");
    Files.writeString(performance.resolveSibling("performance.svg"), Ratios.picture(Files.readString(performance)));
    Working.at("measuring what each changeset locks", "");
    List<Traced> traced;
    try (ScratchDatabase scratch = ScratchDatabase.start(changelog.root()); Connection connection = scratch.connect()) {
      traced = Trace.of(withCitus, connection, null, Trace::withoutLz4);
    }
    Files.writeString(changelog.root().resolve(LocksPage.PATH), LocksPage.of(traced));
    Working.done();
    System.out.println(
        "wrote docs/schema, docs/schema-citus, docs/schema.md, %s, docs/performance.svg, %s and the rules in %s"
            .formatted(Diagram.PATH, LocksPage.PATH, RulesPage.PATH));
    traced.stream()
        .filter(LiveRules::holdFor)
        .flatMap(one -> LiveRules.breaches(one).stream())
        .forEach(System.out::println);
  }

  /** Refuses where Java finds no fonts of the system: PlantUML measures the words of the diagram by them. */
  private static void refuseWithoutFonts() throws Refused {
    System.setProperty("java.awt.headless", "true"); // with a display, a JDK without windows would look for its library
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("agents", new FontRenderContext(null, true, true));
    } catch (LinkageError | InternalError | RuntimeException e) { // it depends on what is missing
      throw new Refused("""
          nothing was written: %s is drawn with fonts of the system, and Java finds none (%s). On Debian:
            apt-get install --no-install-recommends fontconfig fonts-dejavu-core libfreetype6 libharfbuzz0b"""
          .formatted(Diagram.PATH, e));
    }
  }

  /** What PlantUML draws, as SVG. */
  private static String drawn(String source) throws IOException {
    // by which PlantUML names the attributes of what it draws
    Locale.setDefault(Locale.ROOT);
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    new SourceStringReader(source).outputImage(svg, new FileFormatOption(FileFormat.SVG, false));
    return svg.toString(StandardCharsets.UTF_8);
  }
}
