package io.mycelium.migrations.goals;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nothing of ours chooses the garbage collector of a JVM: where MAVEN_OPTS, JAVA_TOOL_OPTIONS or JDK_JAVA_OPTIONS
 * chooses another one, that JVM would not start.
 */
class JvmOptionsTest {

  @ParameterizedTest
  @ValueSource(strings = {".mvn/jvm.config", ".mvn/maven.config", "pom.xml", "examples/container/Dockerfile",
      "examples/kubernetes/job.yaml", "examples/kubernetes/init-container.yaml", "examples/spring-boot/pom.xml"})
  void nothingChoosesACollector(String file) {
    assertThat(Path.of(file)).content().as("options of the JVM in %s", file).doesNotContainPattern("-XX:\\+Use\\w+GC");
  }
}
