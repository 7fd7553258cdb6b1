package io.mycelium.migrations.goals;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.CommandLine;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.changelog.ChangeSet;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.ui.LoggerUIService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever runs the changelog, Maven, the jar on a class path or the command line: it is one history. */
@Tag("any-version")
class EntryPointsIT {

  private static final int PODS = 5;

  private TestDatabase database;

  @BeforeEach
  void create() {
    database = TestDatabase.create();
  }

  @Test
  void whatMavenAppliedIsNotAppliedAgainByTheJarOrTheCommandLine() throws Exception {
    mvn(database.named("liquibase:update")).succeeded();
    assertThat(fromTheJar(liquibase -> liquibase.listUnrunChangeSets(new Contexts(), new LabelExpression())))
        .as("pending for the jar")
        .isEmpty();
    assertThat(commandLine("status")).contains("is up to date");
    assertThat(commandLine("update")).contains("Database is up to date, no changesets to execute");
  }

  @Test
  void whatTheJarAppliedIsNotAppliedAgainByMavenAndIsRolledBackByIt() throws Exception {
    fromTheJar(liquibase -> {
      liquibase.update(new Contexts());
      return List.of();
    });
    MavenRun run = mvn(database.named("liquibase:status", "liquibase:rollback", "-Dliquibase.rollbackTag=base"));
    assertThat(run.succeeded().output()).contains("is up to date");
    assertThat(database.catalog().objects()).as("catalog after Maven's rollback").isEmpty();
  }

  @Test
  void whatTheCommandLineAppliedIsNotAppliedAgainByMaven() throws Exception {
    commandLine("update");
    assertThat(mvn(database.named("liquibase:status")).succeeded().output()).contains("is up to date");
    assertThat(commandLine("rollback", "--tag=base")).contains("was executed successfully");
    assertThat(database.catalog().objects()).as("catalog after the command line's rollback").isEmpty();
  }

  /** {@code -Drounds=10} repeats it on ten new databases. */
  @Test
  void ofFiveThatStartAtOnceOnANewDatabaseOneMigratesAndTheOthersFindNothingToDo() throws Exception {
    TestDatabase.assumeServer("it has one session");
    for (int round = 0; round < Integer.getInteger("rounds", 1); round++) {
      database = TestDatabase.create();
      List<Process> pods = new ArrayList<>();
      for (int pod = 0; pod < PODS; pod++) {
        pods.add(startCommandLine(log(pod), "update"));
      }
      for (int pod = 0; pod < PODS; pod++) {
        assertThat(pods.get(pod).waitFor())
            .as("exit code of pod %s in round %s: %s", pod, round, Files.readString(log(pod)))
            .isZero();
      }
      assertThat(database.query("select id from databasechangelog order by orderexecuted"))
          .as("the history: each changeset once")
          .containsExactlyElementsOf(Migrations.CHANGELOG.changeSets().stream().map(ChangeSet::getId).toList());
    }
  }

  /** Under Maven LiquibaseEnvironmentTest has the names of all. */
  @ParameterizedTest
  @CsvSource({"update, LIQUIBASE_DATABASE_CHANGELOG_TABLE_NAME", "rollback-count, LIQUIBASE_LIQUIBASE_SCHEMA_NAME",
      "update-sql, LIQUIBASE_COMMAND_CONTEXTS", "current, LIQUIBASE_DATABASE_CHANGELOG_LOCK_TABLE_NAME"})
  void aVariableOfAnotherProjectIsRefusedByTheCommandLine(String command, String variable) throws Exception {
    Path log = Path.of("target/command-line-variable.log");
    ProcessBuilder builder = commandLineOf(log,
        command.equals("rollback-count") ? new String[] {command, "--count=1"} : new String[] {command});
    builder.environment().put(variable, "x");
    assertThat(builder.start().waitFor()).as("exit code").isNotZero();
    assertThat(log).content().contains("The environment sets " + variable + ", which Liquibase takes for an option");
    assertThat(database.catalog().objects()).as("what was made").isEmpty();
  }

  private interface Action {
    List<ChangeSet> on(Liquibase liquibase) throws Exception;
  }

  /** With nothing but the jar to read the changelog from. */
  private List<ChangeSet> fromTheJar(Action action) throws Exception {
    URL jar = Path.of(System.getProperty("jar")).toUri().toURL();
    try (URLClassLoader jarAlone = new URLClassLoader(new URL[] {jar}, null);
        Liquibase liquibase = new Liquibase(Migrations.CHANGELOG.path(), new ClassLoaderResourceAccessor(jarAlone),
            DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(database.connect())))) {
      liquibase.setShowSummary(UpdateSummaryEnum.OFF);
      return Scope.child(Map.of(Scope.Attr.ui.name(), new LoggerUIService()), () -> action.on(liquibase));
    }
  }

  /** What {@code liquibase words...} prints, with the options that the documentation names. */
  private String commandLine(String... words) throws Exception {
    Path log = Path.of("target/command-line.log");
    assertThat(startCommandLine(log, words).waitFor())
        .as("exit code of liquibase %s: %s", String.join(" ", words), Files.readString(log))
        .isZero();
    return Files.readString(log);
  }

  private Process startCommandLine(Path log, String... words) throws IOException {
    return commandLineOf(log, words).start();
  }

  private ProcessBuilder commandLineOf(Path log, String... words) {
    List<String> command = new ArrayList<>(List.of("--search-path=.", "--changelog-lock-poll-rate=1", words[0],
        "--changelog-file=" + Migrations.CHANGELOG.path(), "--url=" + database.url(),
        "--username=" + database.username()));
    command.addAll(List.of(words).subList(1, words.length));
    ProcessBuilder builder = CommandLine.of(Path.of("."), log, command.toArray(String[]::new));
    builder.environment().put("LIQUIBASE_COMMAND_PASSWORD", database.password());
    return builder;
  }

  private static Path log(int pod) {
    return Path.of("target/pod-" + pod + ".log");
  }
}
