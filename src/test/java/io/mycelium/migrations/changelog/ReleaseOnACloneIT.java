package io.mycelium.migrations.changelog;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Conventions;
import io.mycelium.migrations.testing.Migrations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release is cut by the commands of docs/releasing.md, on a clone of this checkout. What they push is frozen. */
@Tag("any-version")
class ReleaseOnACloneIT {

  @TempDir
  Path folder;

  @Test
  void whatIsPushedIsFrozenAndItsOwnTestsPass() throws Exception {
    Path clone = folder.resolve("clone");
    run(folder, "git clone -q --bare \"$0\" origin.git && git clone -q origin.git clone", Migrations.ROOT.toString());
    run(clone, "git checkout -q -B main && git config user.name Test && git config user.email test@example.org");
    Changelog changelog = new Changelog(clone, Changelog.MASTER);
    Path file = ReleasesTest.addAChangeset(changelog, "add-one-on-a-clone");
    ReleasesTest.measure(file, clone);

    String printed = mvn(clone, Map.of(), "-Prelease").succeeded().output();
    Matcher commands = Pattern.compile("git add .* v(\\S+)").matcher(printed);
    assertThat(commands.find()).as("the commands in: %s", printed).isTrue();
    String version = commands.group(1);
    assertThat(Files.readString(clone.resolve("docs/releasing.md"))).as("the page has the commands that were printed")
        .contains(commands.group().replace(version, "1.1.0"));
    run(clone, commands.group());

    run(folder, "git clone -q --branch \"v$0\" origin.git released", version);
    Path released = folder.resolve("released");
    assertThat(Conventions.violations(released)).as("breaches in the release as it was pushed").isEmpty();
    mvn(released, Map.of(), "test", "-Dtest=ConventionsTest,ReleasesTest,PagesTest").succeeded();

    Path changeset = released.resolve(clone.relativize(file));
    Files.writeString(changeset, Files.readString(changeset).replace("ASSERT true", "ASSERT 1 = 1"));
    assertThat(Conventions.violations(released)).as("breaches after the edit of a changeset")
        .singleElement()
        .asString()
        .contains("add-one-on-a-clone was edited after its release");
  }

  /** Runs a line of the shell; $0 in it is the argument. */
  private static void run(Path where, String line, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", line));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit code of: %s%n%s", line, output).isZero();
  }
}
