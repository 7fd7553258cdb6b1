package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Maven 3 and Maven 4 log little. Each has names of its own for the levels, so each level is given by both. */
class QuietTest {

  private static final String MAVEN_3 = "org.slf4j.simpleLogger.log.";
  private static final String MAVEN_4 = "maven.logger.log.";
  private static final List<String> LIQUIBASE = List.of(MAVEN_3 + "org.liquibase", MAVEN_4 + "org.liquibase");

  @BeforeEach
  @AfterEach
  void forget() {
    LIQUIBASE.forEach(System::clearProperty);
  }

  @Test
  void whatIsQuietUnderMaven3IsQuietUnderMaven4() throws IOException {
    List<String> options = Files.readAllLines(Migrations.ROOT.resolve(".mvn/jvm.config"));
    List<String> quiet = options.stream().filter(option -> option.startsWith("-D" + MAVEN_3)).toList();
    assertThat(quiet).isNotEmpty();
    assertThat(options).containsAll(quiet.stream()
        .map(option -> option.replace(MAVEN_3, MAVEN_4).replace("org.apache.maven.cli.", "org.apache.maven.cling."))
        .toList());
  }

  @Test
  void liquibaseIsQuietUnderEither() {
    assertLevelOfLiquibase("warn");
  }

  @ParameterizedTest
  @ValueSource(strings = {MAVEN_3, MAVEN_4})
  void liquibaseLogsUnderEitherWhatIsAskedForByEitherName(String prefix) {
    System.setProperty(prefix + "org.liquibase", "info");
    assertLevelOfLiquibase("info");
  }

  private static void assertLevelOfLiquibase(String level) {
    Initialize.quietenLiquibase();
    assertThat(LIQUIBASE).allSatisfy(name -> assertThat(System.getProperty(name)).as(name).isEqualTo(level));
  }
}
