package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In a locale of ASCII alone, where Java reads no other letter, each other letter is refused. */
@Tag("any-version")
class LocaleIT {

  private static final String REMEDY = "LC_ALL=C.UTF-8 mvn ...";

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      C       | -Pcurrent -Dquery=schön?             | -Dquery has
      POSIX   | -Pcurrent -Dliquibase.password=пароль | -Dliquibase.password has
      de_NONE | -Pnew -Ddomain=agents -Dname=日本     | -Dname has
      """)
  void anOptionIsRefused(String locale, String words, String problem) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", locale), words)).contains(problem, REMEDY);
  }

  @Test
  void theUrlIsRefused() throws Exception {
    assertThat(mvn(Map.of("LC_ALL", "C", "DATABASE_URL", "postgresql://u:geheim-ö@localhost:1/d"), "-Pcurrent"))
        .contains("DATABASE_URL has", REMEDY)
        .doesNotContain("geheim");
  }

  /** With the remedy, and in ASCII: it is only the database that does not answer. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"C.UTF-8, postgresql://u:geheim-ö@localhost:1/d, schön?",
      "C, postgresql://u@localhost:1/d?ssl=prefer, what?"})
  void whatJavaReadsPasses(String locale, String url, String query) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", locale, "DATABASE_URL", url), "-Pcurrent -Dquery=" + query))
        .contains("Connection to localhost:1 refused");
  }

  /** By a shell that reads the command as bytes: Java itself would not hand over what its own locale does not have. */
  private static String mvn(Map<String, String> variables, String words) throws Exception {
    StringBuilder script = new StringBuilder("unset DATABASE_URL\n");
    variables.forEach((name, value) -> script.append("export %s='%s'\n".formatted(name, value)));
    script.append("exec '%s' -B -q".formatted(Path.of(System.getProperty("maven.home"), "bin", "mvn")));
    Stream.of(words.split(" ")).forEach(word -> script.append(" '").append(word).append("'"));
    script.append(Boolean.getBoolean("offline") ? " -o\n" : "\n");
    Process shell = new ProcessBuilder("sh").redirectErrorStream(true).start();
    shell.getOutputStream().write(script.toString().getBytes(StandardCharsets.UTF_8));
    shell.getOutputStream().close();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(TestDatabase.exitCode(shell)).as("exit code: %s", output).isNotZero();
    return output;
  }
}
