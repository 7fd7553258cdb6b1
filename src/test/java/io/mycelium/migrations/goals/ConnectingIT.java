package io.mycelium.migrations.goals;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.changelog.DatabaseAddress;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All commands connect alike, whichever way the database is named. */
@Tag("any-version")
class ConnectingIT {

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  /** The goals of Liquibase, our commands, and a program that has no command: autogenerate, which finds nothing. */
  @Test
  @ResourceLock(MavenRun.OUTPUT)
  void withoutAPasswordEachTakesThatOfTheFile(@TempDir Path folder) throws Exception {
    TestDatabase.assumeServer("it checks no password");
    Path passwords = folder.resolve("passwords");
    Files.writeString(passwords, "*:*:%s:%s:%s\n".formatted(database.name(), database.username(), database.password()));
    Map<String, String> environment =
        Map.of("PGPASSFILE", passwords.toString(), "DATABASE_URL", "postgresql+asyncpg://%s@%s/%s?ssl=prefer"
            .formatted(database.username(), database.hostAndPort(), database.name()));
    assertThat(mvn(environment, "initialize", "liquibase:update", "compile", "exec:java@current", "exec:java@health",
        "exec:java@drift", "exec:java@report", "exec:java@adopt").succeeded().output())
        .contains(Migrations.head(), "ok       metrics", "no drift", "report.html", "is at");
    assertThat(mvn(environment, "-Pautogenerate", "-Ddomain=agents", "-Dname=add-nothing").output())
        .contains("change it by hand first")
        .doesNotContain("password");
  }

  /** What the driver honours in a JDBC URL, so that its beginning alone would be another address. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"jdbc:postgresql://%1$s:%2$s/%3$s",
      "jdbc:postgresql://elsewhere:1/other?PGHOST=%1$s&PGPORT=%2$s&PGDBNAME=%3$s",
      "jdbc:postgresql://elsewhere/other?host=%1$s&port=%2$s&dbname=%3$s", "jdbc:postgresql:%3$s?port=%2$s&host=%1$s",
      "jdbc:postgresql://%1$s:1,%1$s:%2$s/%3$s"})
  void theAddressIsTheOneThatIsConnectedTo(String url) throws Exception {
    String[] hostAndPort = database.hostAndPort().split(":");
    try (Connection connection = DriverManager.getConnection(
        url.formatted(hostAndPort[0], hostAndPort[1], database.name()), database.username(), database.password())) {
      assertThat(DatabaseAddress.of(connection))
          .isEqualTo(new DatabaseAddress(hostAndPort[0], hostAndPort[1], database.name()))
          .hasToString(database.hostAndPort() + "/" + database.name());
    }
  }

  /** What no driver understands: the driver's own reason is the one to be told. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"jdbc:postgresql://localhost", "jdbc:postgresql://localhost:port/d",
      "offline:postgresql?version=15.0"})
  void aUrlThatTheDriverDoesNotUnderstandHasNoAddress(String url) {
    assertThat(DatabaseAddress.of(url)).isEmpty();
  }

  /** As where -Plocal was forgotten: the default database is one on this machine, too. */
  @ParameterizedTest(name = "mvn {0}")
  @ValueSource(strings = {"initialize liquibase:update", "initialize liquibase:status", "-Pcurrent",
      "-Pautogenerate -Ddomain=agents -Dname=add-x"})
  void whereNothingAnswersTheOtherWaysToNameADatabaseAreNamed(String command) {
    MavenRun run = mvn(Map.of("DATABASE_URL", "postgresql://u:secret@localhost:1/d"), command.split(" "));
    assertThat(run.exitCode()).as("exit code of %s: %s", command, run.output()).isNotZero();
    assertThat(run.output())
        .contains("Connection to localhost:1 refused", "-Plocal in front of the command",
            "DATABASE_URL names another database")
        .doesNotContain("secret");
  }
}
