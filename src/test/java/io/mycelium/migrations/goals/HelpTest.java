package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.commands.Help;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code mvn} alone prints. */
class HelpTest {

  private static final Path ROOT = Path.of("");
  private static final Pattern PROGRAM = Pattern.compile("<id>([a-z-]+)</id>\\s*<properties>\\s*<goals>");

  static Stream<String> profilesThatRunSomething() throws IOException {
    String profiles = Files.readString(ROOT.resolve("pom.xml")).replaceFirst("(?s).*<profiles>", "");
    return PROGRAM.matcher(profiles).results().map(profile -> profile.group(1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("profilesThatRunSomething")
  void everyProfileThatRunsSomethingHasALine(String profile) throws IOException {
    assertThat(help()).containsPattern("(?m)^mvn -P" + profile + " +\\S");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goals")
  void everyLiquibaseGoalOfTheReadmeHasALine(String goal) throws IOException {
    assertThat(help()).containsPattern("(?m)^mvn .*liquibase:" + goal + "( .*)? {2}\\S");
  }

  static Stream<String> goals() throws IOException {
    return Pattern.compile("liquibase:(\\w+)")
        .matcher(Files.readString(ROOT.resolve("README.md")))
        .results()
        .map(goal -> goal.group(1))
        .distinct();
  }

  @Test
  void theDatabaseIsNamedWithoutTheParametersOfItsUrl() throws IOException {
    assertThat(help()).contains("these commands take postgresql://h:5433/d. DATABASE_URL names another");
  }

  private static String help() throws IOException {
    return Help.text(ROOT, "jdbc:postgresql://h:5433/d?options=-csearch_path%3Dapp");
  }
}
