package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Liquibase's Maven plugin takes is on no class path of a test; BadInputIT asks for that through Maven. */
class OptionsTest {

  private static final Set<String> OF_THE_POM = Set.of("local.port", "postgres.image");

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"local.port", "domain", "pending", "maven.test.skip", "it.test", "liquibase.headless"})
  void whatSomebodyReadsPasses(String option) {
    assertThatCode(() -> Options.refuseUnknown(Set.of(option), OF_THE_POM)).doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"local.prot, local.port", "Domain1, domain", "postgres.unknown, postgres.image",
      "liquibase.headles, liquibase.headless"})
  void whatNobodyReadsIsRefusedWithTheNearest(String option, String meant) {
    assertThatThrownBy(() -> Options.refuseUnknown(Set.of(option), OF_THE_POM)).isInstanceOf(Refused.class)
        .hasMessageEndingWith("Did you mean -D" + meant + "?");
  }
}
