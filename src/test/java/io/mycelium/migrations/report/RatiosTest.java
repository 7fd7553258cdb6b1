package io.mycelium.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The picture of the performance shows the figures of the page's table, each on the side where it belongs. */
class RatiosTest {

  private static final String ROW = "| inserts & <more> | 10 %s | naive (old) | 20 %1$s | %s |\n";

  @Test
  void thePictureIsOfThePagesTable() throws IOException {
    String page = Files.readString(Path.of("docs/performance.md"));
    assertThat(Path.of("docs/performance.svg")).as("docs/performance.svg is stale; refresh it: mvn -Pdocs")
        .content()
        .isEqualTo(Ratios.picture(page));
    long ratios = Pattern.compile("(?m)^\\|.*\\| [\\d.]+ \\|$").matcher(page).results().count();
    assertThat(Ratios.picture(page).split("<rect ", -1))
        .as("a bar for each ratio of the table, after what is before them")
        .hasSize((int) ratios + 1);
  }

  @Test
  void aTimeIsBetterWhereItIsLessAndARateWhereItIsMore() {
    assertThat(Ratios.picture(ROW.formatted("ms", "0.50"))).contains("class=\"true\"", "0.50 of its time")
        .doesNotContain("class=\"false\"");
    assertThat(Ratios.picture(ROW.formatted("per s", "0.50"))).contains("class=\"false\"", "0.50 times its rate")
        .doesNotContain("class=\"true\"");
  }

  @Test
  void twiceAsGoodIsAsLongAsHalfAsGood() {
    Pattern width = Pattern.compile("width=\"([\\d.]+)\" height=\"12\"");
    assertThat(width.matcher(Ratios.picture(ROW.formatted("ms", "0.5") + ROW.formatted("ms", "2.0")))
        .results()
        .map(bar -> bar.group(1))
        .distinct()).hasSize(1);
  }

  @Test
  void whatTheTableSaysIsText() {
    assertThat(Ratios.picture(ROW.formatted("ms", "0.50"))).contains("inserts &amp; &lt;more&gt;")
        .doesNotContain("<more>");
  }
}
