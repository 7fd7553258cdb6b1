package io.mycelium.migrations.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The runs of Maven that a test has started, and what each printed. */
final class Runs {

  private static Schema head;

  private final Path folder;
  private final List<Process> started = new ArrayList<>();

  /**
   * No run yet.
   *
   * @param folder takes what they print
   */
  Runs(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads what {@link #assertAtHead} compares with, once for all tests and before any of them has made its database.
   */
  static synchronized void readHead() {
    if (head == null) {
      TestDatabase reference = TestDatabase.create();
      Migrations.update(reference);
      head = reference.catalog();
    }
  }

  static void assertAtHead(TestDatabase database, String when) {
    assertThat(head.differences(database.catalog())).as("catalog %s", when).isEmpty();
  }

  /** Starts one, and does not wait. */
  Process start(TestDatabase database, String... words) {
    Process process = MavenRun.start(output(started.size()), database.named(words));
    started.add(process);
    return process;
  }

  /** Starts one, and waits for its end. */
  Process run(TestDatabase database, String... words) {
    Process process = start(database, words);
    TestDatabase.exitCode(process);
    return process;
  }

  Process first() {
    return started.get(0);
  }

  /** Waits for the end of one, which has to be good. */
  void assertSucceeds(Process process) throws IOException {
    assertThat(TestDatabase.exitCode(process)).as(output(process)).isZero();
  }

  /** Waits for the end of all, which has to be good. */
  void assertAllSucceed() throws IOException {
    for (Process process : started) {
      assertSucceeds(process);
    }
  }

  /** What one has printed. */
  String output(Process process) throws IOException {
    return Files.readString(output(started.indexOf(process)));
  }

  private Path output(int number) {
    return folder.resolve("output-" + number);
  }

  /** Ends those that still run. */
  void end() {
    started.forEach(Process::destroyForcibly);
  }
}
