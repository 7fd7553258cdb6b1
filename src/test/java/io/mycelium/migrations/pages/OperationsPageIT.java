package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every query of the pages that docs/operations.md leads to runs, on a database that is up to date and holds rows. */
class OperationsPageIT {

  private static final Path OPERATIONS = Path.of("docs/operations.md");
  private static final Pattern PAGE = Pattern.compile("\\]\\(([a-z-]+\\.md)\\)");
  private static final Pattern QUERY = Pattern.compile("```sql\\n(?i)((?:select|with)\\b.*?)```", Pattern.DOTALL);

  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
    database.insertSampleRows();
  }

  @TestFactory
  Stream<DynamicTest> theQueriesOfThePagesRun() throws IOException {
    List<DynamicTest> queries = new ArrayList<>();
    for (String page : new LinkedHashSet<>(found(PAGE, OPERATIONS))) {
      for (String query : found(QUERY, OPERATIONS.resolveSibling(page))) {
        String name = page + ": " + query.lines().findFirst().orElseThrow();
        queries.add(DynamicTest.dynamicTest(name, () -> database.execute(query)));
      }
    }
    assertThat(queries).as("queries in the pages that %s leads to", OPERATIONS).isNotEmpty();
    return queries.stream();
  }

  private static List<String> found(Pattern pattern, Path page) throws IOException {
    return pattern.matcher(Files.readString(page)).results().map(found -> found.group(1)).toList();
  }
}
