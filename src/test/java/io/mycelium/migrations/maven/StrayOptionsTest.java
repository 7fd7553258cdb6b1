package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StrayOptionsTest {

  private static final Properties NONE = new Properties();

  @Test
  void anOptionOfASettingsProfileIsRefusedWithTheProfile() {
    assertThatThrownBy(
        () -> StrayOptions.refuse(Map.of("work", properties("liquibase.url", "jdbc:postgresql://other/d")), NONE, NONE))
        .isInstanceOf(Refused.class)
        .hasMessageStartingWith("Profile work of your Maven settings (settings.xml) sets liquibase.url, perhaps")
        .hasMessageEndingWith("-P '!work'");
  }

  @Test
  void anotherProjectsOwnPropertiesMayStay() {
    assertThatCode(() -> StrayOptions.refuse(Map.of("work", properties("sonar.host", "s")), NONE, NONE))
        .doesNotThrowAnyException();
  }

  @Test
  void anOptionOfTheJvmIsRefusedUnlessTheCommandLineGivesIt() {
    Properties option = properties("liquibase.toTag", "1.0");
    assertThatThrownBy(() -> StrayOptions.refuse(Map.of(), NONE, option)).isInstanceOf(Refused.class)
        .hasMessageContaining("-Dliquibase.toTag=...");
    assertThatCode(() -> StrayOptions.refuse(Map.of(), option, option)).doesNotThrowAnyException();
  }

  /** Liquibase has an older name for its option shouldRun. */
  @Test
  void anOptionOfTheJvmIsRefusedByItsOlderName() {
    assertThatThrownBy(() -> StrayOptions.refuse(Map.of(), NONE, properties("should.run", "false")))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("sets should.run");
    assertThatCode(() -> StrayOptions.refuse(Map.of(), NONE, properties("java.version", "17")))
        .doesNotThrowAnyException();
  }

  private static Properties properties(String name, String value) {
    Properties properties = new Properties();
    properties.setProperty(name, value);
    return properties;
  }
}
