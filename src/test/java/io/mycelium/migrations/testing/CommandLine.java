package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Liquibase's command line, with our jar on its class path, in processes of its own. */
public final class CommandLine {

  /** The classes that a process loads, kept for the next ones, which start in half the time. */
  private static final Path ARCHIVE = Path.of("target/command-line.jsa").toAbsolutePath();
  private static final String CLASS_PATH = classPath();

  static {
    try {
      Process archiving = process(Path.of("."), Path.of("target/command-line-archive.log"),
          "-XX:ArchiveClassesAtExit=" + ARCHIVE, "--version").start();
      assertThat(archiving.waitFor()).as("exit code of liquibase --version").isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private CommandLine() {}

  /**
   * A process that does {@code liquibase words...}.
   *
   * @param folder where it runs
   * @param log the file that takes what it prints
   */
  public static ProcessBuilder of(Path folder, Path log, String... words) {
    return process(folder, log, "-XX:SharedArchiveFile=" + ARCHIVE, words);
  }

  private static ProcessBuilder process(Path folder, Path log, String archive, String... words) {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", archive, "-cp", CLASS_PATH, "liquibase.integration.commandline.LiquibaseCommandLine",
        "--show-banner=false", "--analytics-enabled=false"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile());
  }

  /** The jar, and in the place of the project's folders what it depends on. */
  private static String classPath() {
    String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Stream<String> jars = Stream.of(all.split(File.pathSeparator)).filter(entry -> entry.endsWith(".jar"));
    return Stream.concat(Stream.of(System.getProperty("jar")), jars).collect(Collectors.joining(File.pathSeparator));
  }
}
