package io.mycelium.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.maven.shared.invoker.DefaultInvocationRequest;
import org.apache.maven.shared.invoker.DefaultInvoker;
import org.apache.maven.shared.invoker.InvocationRequest;
import org.apache.maven.shared.invoker.MavenInvocationException;

/** What {@code mvn ...} printed in this project's folder, and its exit code. */
public record MavenRun(int exitCode, String output) {

  /** The lock of the tests that read what goals write to {@code target/}, such as the SQL of a preview. */
  public static final String OUTPUT = "target";

  /** The option that names Liquibase's version, the one of this run. */
  private static final String LIQUIBASE = "liquibase.version";

  /** Runs at once would each find the notes of the compiler half written by another, and compile everything anew. */
  private static final String SKIP_COMPILING = "maven.main.skip";

  /** The profiles that compile into a folder of their own. */
  private static final List<String> WITH_SOURCES = List.of("docs", "embed", "sample", "search");

  /** Runs {@code mvn -B words...} with no DATABASE_URL. */
  public static MavenRun mvn(String... words) {
    return mvn(Map.of(), words);
  }

  /** Runs it with these environment variables besides. */
  public static MavenRun mvn(Map<String, String> environment, String... words) {
    return mvn(Path.of("").toAbsolutePath(), environment, words);
  }

  /** Runs it in a folder. */
  @SuppressWarnings("JdkObsolete") // two threads write to the buffer
  public static MavenRun mvn(Path folder, Map<String, String> environment, String... words) {
    List<String> goals = new ArrayList<>();
    Properties properties = new Properties();
    properties.setProperty(LIQUIBASE, System.getProperty(LIQUIBASE));
    List<String> profiles = new ArrayList<>();
    for (String word : words) {
      if (word.startsWith("-D")) {
        String[] pair = word.substring(2).split("=", 2);
        properties.setProperty(pair[0], pair[1]);
      } else if (word.startsWith("-P")) {
        profiles.addAll(Arrays.asList(word.substring(2).split(",")));
      } else {
        goals.add(word);
      }
    }
    if (folder.equals(Migrations.ROOT) && isCompiled(profiles)) {
      properties.setProperty(SKIP_COMPILING, "true");
    }
    StringBuffer output = new StringBuffer();
    InvocationRequest request = new DefaultInvocationRequest().setBaseDirectory(folder.toFile())
        .setBatchMode(true)
        .setOffline(Boolean.getBoolean("offline"))
        .setProperties(properties)
        .setProfiles(profiles)
        .addArgs(goals)
        .setOutputHandler(line -> output.append(line).append('\n'))
        .setErrorHandler(line -> output.append(line).append('\n'));
    request.setShellEnvironmentInherited(false);
    System.getenv().forEach((name, value) -> {
      if (!name.equals("DATABASE_URL")) {
        request.addShellEnvironment(name, value);
      }
    });
    environment.forEach(request::addShellEnvironment);
    try {
      int exitCode =
          new DefaultInvoker().setMavenHome(new File(System.getProperty("maven.home"))).execute(request).getExitCode();
      return new MavenRun(exitCode, output.toString());
    } catch (MavenInvocationException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isCompiled(List<String> profiles) {
    return profiles.stream().noneMatch(WITH_SOURCES::contains);
  }

  /**
   * Starts {@code mvn -B -q words...} and does not wait. Killing the process kills Maven itself, since its script
   * becomes the JVM.
   *
   * @param output the file that takes what it prints
   */
  public static Process start(Path output, String... words) {
    return start(Path.of(""), output, words);
  }

  /**
   * The same, from another folder than the project's.
   *
   * @param folder the folder
   */
  public static Process start(Path folder, Path output, String... words) {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(), "-B", "-q"));
    command.add("-D" + LIQUIBASE + "=" + System.getProperty(LIQUIBASE));
    List<String> profiles = Stream.of(words)
        .filter(word -> word.startsWith("-P"))
        .flatMap(word -> Stream.of(word.substring(2).split(",")))
        .toList();
    command.add("-D" + SKIP_COMPILING + "=" + isCompiled(profiles));
    command.addAll(List.of(words));
    if (Boolean.getBoolean("offline")) {
      command.add("-o");
    }
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().remove("DATABASE_URL");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A search path on which Node is one that does nothing but fail.
   *
   * @param folder where to put that
   */
  public static String pathWithoutNode(Path folder) throws IOException {
    Path node = Files.createDirectories(folder.resolve("bin")).resolve("node");
    Files.writeString(node, "#!/bin/sh\necho 'Node was started' >&2\nexit 1\n");
    assertThat(node.toFile().setExecutable(true)).as("may be executed").isTrue();
    return node.getParent() + File.pathSeparator + System.getenv("PATH");
  }

  /** This run, if it went well; else a failure that shows all it printed. */
  public MavenRun succeeded() {
    if (exitCode != 0) {
      throw new AssertionError("mvn failed:\n" + output);
    }
    return this;
  }
}
