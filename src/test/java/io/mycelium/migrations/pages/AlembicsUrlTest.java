package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages say how psql reads the URL that Alembic read, before they use it. */
class AlembicsUrlTest {

  private static final Pattern LINE = Pattern.compile("(?m)^ *(DATABASE_URL=\\$\\(.*\\))$");

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      postgresql+asyncpg://u:p%40s+s@h:5432/d?ssl=prefer     | postgresql://u:p%40s+s@h:5432/d?sslmode=prefer
      postgresql+psycopg://u:p@h/d?a=b&ssl=verify-full&c=d   | postgresql://u:p@h/d?a=b&sslmode=verify-full&c=d
      postgres+psycopg2://u:p@h/d                            | postgresql://u:p@h/d
      postgresql://u:a+b:c@h/d?ssl=true                      | postgresql://u:a+b:c@h/d?ssl=true
      postgres://u:p@h/d?sslmode=require                     | postgres://u:p@h/d?sslmode=require
      """)
  void theLineMakesAFormThatPsqlReads(String alembics, String psqls) throws Exception {
    ProcessBuilder shell = new ProcessBuilder("sh", "-ec", line("naming-the-database.md") + "\nenv");
    shell.environment().put("DATABASE_URL", alembics);
    Process process = shell.redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("\nDATABASE_URL=" + psqls + "\n");
  }

  /** A page on which it comes later than the first command would have shown a password by then. */
  @Test
  void itStandsBeforeTheFirstUse() throws Exception {
    try (Stream<Path> pages = Files.list(Path.of("docs"))) {
      for (Path page : pages.filter(page -> page.toString().endsWith(".md")).toList()) {
        List<String> uses = Files.readAllLines(page)
            .stream()
            .filter(text -> text.matches(".*(psql|pg_dump).*\"\\$DATABASE_URL.*"))
            .toList();
        if (!uses.isEmpty()) {
          String text = Files.readString(page);
          assertThat(text.substring(0, text.indexOf(uses.get(0)))).as("%s before `%s`", page, uses.get(0))
              .contains("naming-the-database.md");
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"backup-and-replicas.md", "adopt-alembic.md"})
  void itIsTheSameLineOnEachPage(String page) throws Exception {
    assertThat(line(page)).isEqualTo(line("naming-the-database.md"));
  }

  private static String line(String page) throws Exception {
    return LINE.matcher(Files.readString(Path.of("docs", page))).results().findFirst().orElseThrow().group(1);
  }
}
