package io.mycelium.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({"tag, tag, 0", "Tag, tAG, 0", "tag, tags, 1", "tags, tag, 1", "tgas, tags, 2", "'', tag, 3",
      "abc, xyz, 3"})
  void theDistanceIsTheNumberOfLettersToChange(String one, String other, int letters) {
    assertThat(NearestName.distance(one, other)).isEqualTo(letters);
  }

  @Test
  void theNameWithTheFewestLettersToChangeIsNearest() {
    assertThat(NearestName.to("liquibase.rollbackTga", List.of("liquibase.toTag", "liquibase.rollbackTag")))
        .isEqualTo("liquibase.rollbackTag");
  }
}
