package io.mycelium.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.Refused;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A variable that Liquibase would take for an option is refused by its name, however it is written. */
class LiquibaseEnvironmentTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"LIQUIBASE_SHOULD_RUN", "SHOULD_RUN", "liquibase.shouldRun", "LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME",
          "LIQUIBASE_DATABASE_CHANGE_LOG_TABLE_NAME", "LIQUIBASE_LIQUIBASE_SCHEMA_NAME", "LIQUIBASE_CATALOG_NAME",
          "LIQUIBASE_DUPLICATE_FILE_MODE", "LIQUIBASE_MISSING_PROPERTY_MODE", "ENABLE_ESCAPING",
          "LIQUIBASE_FILE_ENCODING", "LIQUIBASE_DEFAULTS_FILE", "LIQUIBASE_COMMAND_URL", "LIQUIBASE_COMMAND_CONTEXTS",
          "LIQUIBASE_COMMAND_UPDATE_LABEL_FILTER", "LIQUIBASE_COMMAND_DEFAULT_SCHEMA_NAME", "liquibase_command_url"})
  void anOptionOfLiquibaseIsRefused(String name) {
    assertThatThrownBy(() -> LiquibaseEnvironment.refuse(Map.of(name, "secret", "PATH", "/bin"), Set.of()))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("The environment sets " + name + ",")
        .hasMessageEndingWith("env -u " + name + " ...")
        .hasMessageNotContaining("secret");
  }

  /** Where it stands, what a pipeline calls its version, and what it only prints. */
  @ParameterizedTest
  @ValueSource(strings = {"LIQUIBASE_HOME", "LIQUIBASE_VERSION", "LIQUIBASE_LAUNCHER_DEBUG", "LIQUIBASE_LOG_LEVEL",
      "LIQUIBASE_SHOW_BANNER", "LIQUIBASE_ANALYTICS_ENABLED", "DATABASE_URL"})
  void whatIsNoOptionOrChangesNothingPasses(String name) {
    assertThatCode(() -> LiquibaseEnvironment.refuse(Map.of(name, "x"), Set.of())).doesNotThrowAnyException();
  }

  @Test
  void theCommandLineIsToldItsDatabaseByVariables() {
    assertThatCode(
        () -> LiquibaseEnvironment.refuse(Map.of("LIQUIBASE_COMMAND_URL", "x", "LIQUIBASE_COMMAND_PASSWORD", "x"),
            LiquibaseEnvironment.OF_THE_COMMAND_LINE))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> LiquibaseEnvironment.refuse(
        Map.of("LIQUIBASE_COMMAND_URL", "x", "LIQUIBASE_COMMAND_LABELS", "x", "LIQUIBASE_SHOULD_RUN", "x"),
        LiquibaseEnvironment.OF_THE_COMMAND_LINE)).isInstanceOf(Refused.class)
        .hasMessageContaining("sets LIQUIBASE_COMMAND_LABELS, LIQUIBASE_SHOULD_RUN,");
  }
}
