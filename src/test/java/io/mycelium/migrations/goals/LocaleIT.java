package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In a locale of ASCII alone, where Java reads no other letter, each other letter is refused. */
@Tag("any-version")
class LocaleIT {

  private static final String REMEDY = "LC_ALL=C.UTF-8 mvn ...";

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      C           | -Psearch -Dquery=schö              | -Dquery has
      POSIX       | -Pcurrent -Dliquibase.password=пароль | -Dliquibase.password has
      de_NONE     | -Pnew -Ddomain=agents -Dname=日本   | -Dname has
      C           | -Pcurrent -Dliquibase.url=jdbc:postgresql://h/é | -Dliquibase.url has
      """)
  void anOptionIsRefused(String locale, String words, String problem) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", locale), words)).contains(problem, REMEDY);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"DATABASE_URL, postgresql://u:geheim-ö@localhost:1/d", "PGPASSWORD, geheim-ß", "PGUSER, geheim-ж"})
  void aVariableIsRefused(String name, String value) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", "C", "DATABASE_URL", "postgresql://localhost:1/d", name, value), "-Pcurrent"))
        .contains(name + " has", REMEDY)
        .doesNotContain("geheim");
  }

  /** With the remedy it is only the database that does not answer. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-Pcurrent", "-Psearch -Dquery=schön?"})
  void withTheRemedyItIsRead(String words) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", "C.UTF-8", "DATABASE_URL", "postgresql://u:geheim-ö@localhost:1/d"), words))
        .contains("Connection to localhost:1 refused");
  }

  /** In ASCII, a question mark is one. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-Pcurrent -Dliquibase.password=what?", "-Pcurrent"})
  void whatIsInAsciiPasses(String words) throws Exception {
    assertThat(mvn(Map.of("LC_ALL", "C", "DATABASE_URL", "postgresql://u@localhost:1/d?sslmode=disable"), words))
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
