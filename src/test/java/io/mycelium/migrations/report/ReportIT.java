package io.mycelium.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.locks.LocksPage;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandScope;
import liquibase.ui.LoggerUIService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/**
 * One page shows a database: what to do about it on top, then all of it, for everyone to read wherever it is opened.
 */
@Tag("any-version")
class ReportIT {

  private static final Path PAGES = Path.of("target/report-pages").toAbsolutePath();
  private static final String SCRIPT = "<script>alert('x')</script> & <b>others</b>";

  private static String empty;
  private static String sound;
  private static String sick;

  /** One after the other, since there may be but one database. */
  @BeforeAll
  static void makePages() throws Exception {
    TestDatabase database = TestDatabase.create();
    empty = pageOf(database);
    Migrations.update(database);
    database.insertSampleRows();
    sound = pageOf(database);
    database = TestDatabase.create();
    Migrations.updateToTag(database, "1.1");
    database.insertSampleRows();
    database.execute("drop index agents_name_idx", "alter table agents alter category drop not null",
        "comment on table agents is '" + SCRIPT.replace("'", "''") + "'", "create table theirs (\"<i>\" int)",
        "update agents set success_rate = 12.34");
    sick = pageOf(database);
    Files.createDirectories(PAGES);
    for (Map.Entry<String, String> page : Map.of("empty", empty, "sound", sound, "sick", sick).entrySet()) {
      Files.writeString(PAGES.resolve(page.getKey() + ".html"), page.getValue());
    }
  }

  /** What {@code liquibase report} prints. */
  private static String pageOf(TestDatabase database) throws Exception {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Scope.child(
        Map.of(Scope.Attr.ui.name(), new LoggerUIService(), Scope.Attr.resourceAccessor.name(),
            Migrations.CHANGELOG.files()),
        () -> new CommandScope("report").addArgumentValue("url", database.url())
            .addArgumentValue("username", database.username())
            .addArgumentValue("password", database.password())
            .setOutput(output)
            .execute());
    return output.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aSoundDatabaseIsSaidToBeInALine() {
    assertThat(text(part(sound, "<header>", "</header>"))).contains(Migrations.head().replaceFirst(";.*", ""))
        .containsPattern("Sound Nothing is pending\\. Nothing has drifted\\. No health problem")
        .doesNotContain("Act", "Look", "Not known");
    assertThat(text(part(sound, "id=\"health\"", "</section>"))).contains("metrics ok exact: ");
  }

  @Test
  void whatIsToBeDoneStandsOnTop() throws Exception {
    List<String> pending = Migrations.CHANGELOG.changeSets()
        .stream()
        .map(ChangeSet::getId)
        .dropWhile(id -> !id.equals("release-002-tag-1.1"))
        .skip(1)
        .toList();
    assertThat(text(part(sick, "<header>", "</header>")))
        .contains("at tag 1.1",
            "Look %s changesets are pending %s to %s".formatted(pending.size(), pending.get(0),
                pending.get(pending.size() - 1)),
            "Act 3 objects have drifted column agents.category, index agents_name_idx, table agents",
            "Act 1 health problem")
        .doesNotContain("Sound");
  }

  @Test
  void whatIsPendingHasItsSqlItsLocksAndWhatItsRollbackLoses() throws Exception {
    String pending = text(part(sick, "id=\"pending\"", "</section>"));
    for (ChangeSet changeSet : Migrations.CHANGELOG.changeSets()) {
      boolean applied = !changeSet.getFilePath().startsWith("changelog/1.2/");
      assertThat(pending.contains(changeSet.getId())).as("%s stands among what is pending", changeSet.getId())
          .isNotEqualTo(applied);
      if (!applied) {
        assertThat(pending).contains(changeSet.getId() + " " + changeSet.getComments().strip());
        LocksPage.touched(Migrations.CHANGELOG, changeSet.getId())
            .forEach(touched -> assertThat(pending).contains("%s %s %s; %s wait; %s".formatted(touched.direction(),
                touched.relation(), touched.lock(), touched.waits(), touched.meanwhile())));
      }
    }
    assertThat(pending).contains("ALTER TABLE agents ADD COLUMN IF NOT EXISTS embedding_of bytea;",
        "A rollback loses the hashes, not the embeddings.",
        // with what its changeset puts around each of its files
        "EXECUTE pg_catalog.replace($create$ -- Whether every index is valid",
        "what this takes away: ALTER TABLE IF EXISTS agents DROP COLUMN IF EXISTS embedding_of");
  }

  @Test
  void whatHasDriftedHasBothDefinitionsAndTheSqlThatMendsIt() {
    String drift = part(sick, "id=\"drift\"", "</section>");
    assertThat(drift).contains("ADD COLUMN category text<mark> NOT NULL</mark>;");
    assertThat(text(drift)).contains("index agents_name_idx missing",
        "CREATE INDEX IF NOT EXISTS agents_name_idx ON public.agents", "ALTER COLUMN category SET NOT NULL;",
        "table theirs");
    assertThat(text(part(sick, "id=\"health\"", "</section>"))).contains("metrics problem 2 with wrong metrics: a1, a2",
        "Remedy: SELECT public.recount_agent_metrics(");
  }

  @Test
  void aDatabaseWithNothingInItSaysSo() {
    assertThat(text(part(empty, "<header>", "</header>"))).contains("no migration applied", "changesets are pending",
        "Not known Drift is not known", "Not known Health is not known");
    assertThat(text(part(empty, "id=\"health\"", "</section>")))
        .contains("Not known: schema_health() is not in schema public, as before release 1.1, which brings it");
    assertThat(text(part(empty, "id=\"drift\"", "</section>")))
        .contains("has no migration applied, so there is nothing to compare it with");
  }

  @Test
  void whatALaterReleaseHasAppliedIsSaidToBeUnknown() throws Exception {
    TestDatabase database = TestDatabase.create();
    Migrations.update(database, 1);
    database.execute("update databasechangelog set id = 'later-001'");
    assertThat(text(pageOf(database))).contains("This changelog does not know what was applied here", "later-001 ");
  }

  @Test
  void whatStandsInTheDatabaseIsTextOnThePage() {
    assertThat(text(sick)).contains(SCRIPT);
    assertThat(part(sick, "<main>", "</main>")).doesNotContain("<script", "<b>", "<i>");
  }

  @Test
  void itIsOneFileThatCanBeMailed() {
    assertThat(List.of(empty, sound, sick)).allSatisfy(page -> {
      assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_000_000);
      assertThat(page).as("what it loads")
          .doesNotContainPattern("(?i)<link [^>]*href=\"(?!data:)|\\bsrc=|url\\(|@import");
    });
  }

  /** What a person reads, what is folded too. */
  private static String text(String html) {
    return html.replaceAll("(?s)<style>.*?</style>|<script>.*?</script>", "")
        .replaceAll("<[^>]*>", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&#x3D;", "=")
        .replace("&#x60;", "`")
        .replace("&amp;", "&")
        .replaceAll("\\s+", " ")
        .replaceAll(" (?=[.;:])", "");
  }

  private static String part(String page, String from, String to) {
    int start = page.indexOf(from);
    assertThat(start).as("where %s stands", from).isNotNegative();
    return page.substring(start, page.indexOf(to, start));
  }

  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  class InABrowser {

    /**
     * What is wider than its place; what can be scrolled has a name and takes the keyboard, and a heading for ears
     * alone has no width.
     */
    private static final String CUT_OFF = """
        return [document.documentElement, ...document.querySelectorAll('body *:not(svg *)')]
          .filter(element => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1
            && !element.matches('[tabindex="0"][role=region]'))
          .map(element => `${element.scrollWidth} pixels in ${element.clientWidth}: ${element.outerHTML.slice(0, 200)}`)
        """;

    private static final String DEAD_LINKS = """
        return [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))
          .filter(link => !link.startsWith('#') || !document.getElementById(decodeURIComponent(link.slice(1))))""";

    private Browser browser;

    @BeforeAll
    void start() {
      browser = Browser.startOrSkip();
    }

    @AfterAll
    void stop() {
      if (browser != null) {
        browser.close();
      }
    }

    @ParameterizedTest(name = "{0}, {1}, {2} pixels")
    @CsvSource({"sick, light, 360", "sick, dark, 1400", "sound, light, 1400", "sound, dark, 360", "empty, light, 1400"})
    void everyoneCanReadAllOfIt(String page, String scheme, int width) {
      browser.open(PAGES.resolve(page + ".html"), scheme, width, 800);
      assertThat(
          browser.strings("document.querySelectorAll('details').forEach(fold => { fold.open = true; }); return []"))
          .isEmpty();
      assertThat(browser.accessibilityViolations()).as("violations of WCAG at level AA").isEmpty();
      assertThat(browser.strings(CUT_OFF)).as("text that is cut off").isEmpty();
      assertThat(browser.strings(DEAD_LINKS)).as("links that lead nowhere").isEmpty();
      assertThat(browser.console()).as("errors in the console").isEmpty();
    }

    /** Else the test above could pass whatever the page is like. */
    @Test
    void whatNobodyCouldReadWouldBeFound() throws IOException {
      Path page = Files.writeString(PAGES.resolve("wrong.html"), """
          <!DOCTYPE html><html lang="en"><head><title>wrong</title></head><body><main>
          <h1 style="color: #ccc; background: #fff">pale</h1>
          <div style="width: 5em; overflow: hidden; white-space: nowrap">a text that is longer than its place</div>
          <a href="#nowhere">a link</a>
          <script>throw new Error('broken')</script></main></body></html>""");
      browser.open(page, "light", 1400, 800);
      assertThat(browser.accessibilityViolations()).singleElement().asString().startsWith("color-contrast");
      assertThat(browser.strings(CUT_OFF)).singleElement().asString().contains("a text that is longer than its place");
      assertThat(browser.strings(DEAD_LINKS)).containsExactly("#nowhere");
      assertThat(browser.console()).singleElement().asString().contains("broken");
    }

    @Test
    void whatIsToBeDoneIsSeenWithoutScrolling() {
      for (int[] window : new int[][] {{360, 640}, {1400, 700}}) {
        browser.open(PAGES.resolve("sick.html"), "light", window[0], window[1]);
        assertThat(browser.strings("""
            return [...document.querySelectorAll('.verdicts li')]
              .filter(line => line.getBoundingClientRect().bottom <= innerHeight)
              .map(line => line.querySelector('a').hash)"""))
            .as("lines of the verdict in a window of %d by %d pixels", window[0], window[1])
            .containsExactly("#pending", "#drift", "#health");
      }
    }

    @Test
    void theSearchFindsByTheKeyboardAlone() {
      browser.open(PAGES.resolve("sick.html"), "light", 1400, 800);
      int all = shown().size();
      browser.type("/");
      browser.type("Embedding_of", " ", "hash");
      assertThat(shown()).isNotEmpty()
          .hasSizeLessThan(all)
          .allSatisfy(entry -> assertThat(entry.toLowerCase(Locale.ROOT)).contains("embedding_of", "hash"));
      assertThat(browser.strings("return [document.getElementById('found').textContent]"))
          .containsExactly(shown().size() + " of " + all);
      browser.type(Keys.ESCAPE);
      assertThat(shown()).hasSize(all);
      browser.type("xyzzy");
      assertThat(shown()).isEmpty();
    }

    @Test
    void onPaperNothingIsFolded() {
      browser.open(PAGES.resolve("sick.html"), "light", 1400, 800);
      assertThat(on("beforeprint", "details:not([open]) summary")).as("what is folded while it prints").isEmpty();
      assertThat(on("afterprint", "details[open] summary")).as("what is unfolded afterwards").isEmpty();
    }

    /** The texts of some elements after an event. */
    private List<String> on(String event, String which) {
      return browser.strings("""
          window.dispatchEvent(new Event('%s'));
          return [...document.querySelectorAll('%s')].map(element => element.textContent)""".formatted(event, which));
    }

    private List<String> shown() {
      return browser.strings(
          "return [...document.querySelectorAll('[data-entry]:not([hidden])')].map(entry => entry.textContent)");
    }
  }
}
