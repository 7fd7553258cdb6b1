package io.mycelium.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every query of docs/operations.md runs, on a database that is up to date and holds rows. */
class OperationsPageIT {

  private static final Pattern QUERY = Pattern.compile("```sql\\n(?i)((?:select|with)\\b.*?)```", Pattern.DOTALL);

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    database.insertSampleRows();
  }

  @TestFactory
  Stream<DynamicTest> theQueriesOfThePageRun() throws IOException {
    List<String> queries = QUERY.matcher(Files.readString(Path.of("docs/operations.md"))).results()
        .map((MatchResult block) -> block.group(1)).toList();
    assertThat(queries).as("queries in docs/operations.md").isNotEmpty();
    return queries.stream().map(query -> DynamicTest.dynamicTest(query.lines().findFirst().orElseThrow(), () -> database.execute(query)));
  }
}
