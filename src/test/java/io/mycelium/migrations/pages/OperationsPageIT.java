package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    for (String page : PAGE.matcher(Files.readString(OPERATIONS))
        .results()
        .map(link -> link.group(1))
        .distinct()
        .toList()) {
      QUERY.matcher(Files.readString(OPERATIONS.resolveSibling(page)))
          .results()
          .map(block -> block.group(1))
          .forEach(query -> queries.add(DynamicTest.dynamicTest(page + ": " + query.lines().findFirst().orElseThrow(),
              () -> database.execute(query))));
    }
    assertThat(queries).as("queries in the pages that %s leads to", OPERATIONS).isNotEmpty();
    return queries.stream();
  }
}
