package io.mycelium.migrations.search;

import static io.mycelium.migrations.testing.MavenRun.mvn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.schema.Catalogs;
import io.mycelium.migrations.testing.MavenRun;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Recipe;
import io.mycelium.migrations.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that use the real model make the vectors that are published for it, each once. Tagged, since it fetches
 * 200 MB: only {@code mvn -Pembed verify -Dtest=ConventionsTest -Dit.test=SentenceModelIT} runs it.
 */
@Tag("model")
class SentenceModelIT {

  static final String MAKE_ANEW = "make them anew: mvn -Pembed verify -Dtest=ConventionsTest -Dit.test=SentenceModelIT,"
      + " and copy target/vectors.csv there";
  private static final Path VECTORS = Path.of("target/vectors.csv");

  private TestDatabase database;

  @BeforeEach
  void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  /** From the quick start of sentence-transformers, which Mycelium's client embeds with. */
  @Test
  void similaritiesAreThosePublishedForTheModel() {
    insert("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.");
    embed();
    assertThat(database.query("""
        select round((1 - (a.embedding <=> b.embedding))::numeric, 4)
        from agents a join agents b on a.agent_id < b.agent_id
        order by a.agent_id, b.agent_id""")).as("similarities of the three sentences")
        .containsExactly("0.6660", "0.1046", "0.1411");
  }

  @Test
  void theVectorsOfTheOtherTestsAreThoseThatTheModelMakes() throws IOException {
    mvn(database.named("-Psample")).succeeded();
    insert(RealVectors.all().stream().map(RealVectors.Question::text).toArray(String[]::new));
    embed();
    Files.write(VECTORS, database.query("""
        select description || ' | ['
          || (select string_agg(to_char(x, 'FM0.0000'), ',') from unnest(embedding::real[]) x) || ']'
        from agents order by metadata -> 'sample', agent_id"""));
    for (String line : Files.readAllLines(VECTORS)) {
      String[] cells = line.split(" \\| ");
      double difference = Double.parseDouble(
          database.query("select '%s'::vector <-> '%s'::vector".formatted(cells[1], RealVectors.of(cells[0]))).get(0));
      assertThat(difference)
          .as("distance of the vector of \"%s\" in %s from the model's; %s", cells[0], RealVectors.FOLDER, MAKE_ANEW)
          .isCloseTo(0, offset(0.002)); // both are rounded to four places
    }
  }

  @Test
  void aLongDescriptionIsReadAsFarAsTheClientReadsIt() {
    String start = "It reviews code. ".repeat(64); // four word pieces each, of 254
    insert(start, start + "It cooks soup and translates poems into Greek. ".repeat(20));
    embed();
    assertThat(database.query("select count(distinct embedding) from agents")).as("different vectors")
        .containsExactly("1");
  }

  /** In a JVM of its own, whose calls of other hosts would come to a proxy. */
  @Test
  void theModelCallsNobodyAndLeavesNothingInTheHomeFolder(@TempDir Path home) throws Exception {
    insert("It reviews code.");
    embed();
    try (ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      proxy.setSoTimeout(1);
      Map<String, Object> properties = new HashMap<>(Map.of("user.home", home, "query", "code", "changelog.root",
          Migrations.ROOT, "changelog.path", Changelog.MASTER, "embedding.column", "embedding", "database.url",
          database.url(), "database.username", database.username(), "database.password", database.password()));
      for (String protocol : List.of("http", "https")) {
        properties.put(protocol + ".proxyHost", proxy.getInetAddress().getHostAddress());
        properties.put(protocol + ".proxyPort", proxy.getLocalPort());
      }
      assertThat(output(properties, "search")).contains("It reviews code.");
      assertThatThrownBy(proxy::accept).as("a call of another host").isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(home).isEmptyDirectory();
  }

  /** What one of our programs prints, in a JVM with these system properties. */
  private static String output(Map<String, Object> properties, String program) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("io.mycelium.migrations.commands.FromMaven", program));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit code of %s: %s", program, output).isZero();
    return output;
  }

  @Test
  void aKilledRunIsGoneOnWithAndNothingIsDoneTwice(@TempDir Path folder) throws Exception {
    database.execute(Resource.text(SentenceModelIT.class, "many-agents.sql"));
    Process run = MavenRun.start(folder.resolve("log"), database.named("-Pembed"));
    TestDatabase.await("1,000 of 3,000 agents embedded",
        () -> Integer.parseInt(database.query("select count(*) from embedded").get(0)) >= 1000);
    run.destroyForcibly().waitFor();
    database.awaitNoMigration();
    int done = Integer.parseInt(database.query("select count(embedding) from agents").get(0));
    assertThat(done).as("embedded when the run was killed").isBetween(1000, 2999);

    assertThat(embed().output())
        .contains(String.format(Locale.ROOT, "Embedding the descriptions of %,d of 3,000 agents", 3000 - done));
    assertThat(database.query("select count(embedding) || ' of ' || count(*) from agents"))
        .containsExactly("3000 of 3000");
    assertThat(database.query("select count(*) || ', ' || count(distinct id) from embedded"))
        .as("embeddings written, and agents")
        .containsExactly("3000, 3000");
    assertThat(embed().output()).contains("Nothing to embed");
  }

  @Test
  void anAgentThatIsEditedMeanwhileGetsTheVectorOfItsNewDescription(@TempDir Path folder) throws Exception {
    TestDatabase.assumeServer("it has one session, so nobody edits meanwhile");
    insert("Reviews code", "Cooks soup", "Translates poems");
    database.execute("update agents set updated_at = '2020-01-01' where description <> 'Cooks soup'");
    Process run;
    try (Connection client = database.connect()) {
      client.setAutoCommit(false);
      client.createStatement()
          .execute("update agents set description = 'Translates poems' where description = 'Cooks soup'");
      run = MavenRun.start(folder.resolve("log"), database.named("-Pembed"));
      database.awaitMigration("-Pembed waits for the client's edit", "wait_event_type = 'Lock'");
      client.commit();
    }
    assertThat(TestDatabase.exitCode(run)).as("exit code: %s", Files.readString(folder.resolve("log"))).isZero();
    assertThat(database.query("""
        select count(distinct embedding) || ' vectors of ' || count(distinct description) || ' descriptions, '
          || count(embedding_of) filter (where embedding_of = sha256(convert_to(description, 'UTF8')))
          || ' of them known'
        from agents""")).containsExactly("2 vectors of 2 descriptions, 3 of them known");
    assertThat(database.query("select count(*) from agents where updated_at = '2020-01-01'"))
        .as("agents that nobody edited")
        .containsExactly("2");
  }

  @Test
  void whatHasChangedSinceItWasEmbeddedIsFoundAndAllWhenAskedFor() {
    insert("Reviews code", "Cooks soup", "Translates poems");
    embed();
    database.execute("update agents set description = 'Bakes bread' where description = 'Cooks soup'");
    assertThat(embed().output()).as("what is missing").contains("Nothing to embed");
    assertThat(embed("-Dagents=changed").output()).contains("Embedding the descriptions of 1 of 3 agents");
    assertThat(embed("-Dagents=changed").output()).contains("Nothing to embed");
    database.execute("update agents set embedding_of = null"); // as before release 1.2
    assertThat(embed("-Dagents=changed").output()).as("those of which nobody knows").contains("of 3 of 3 agents");
    assertThat(embed("-Dagents=changed").output()).contains("Nothing to embed");
    assertThat(embed("-Dagents=all").output()).contains("of 3 of 3 agents");
  }

  /**
   * The recipe of docs/changing-the-embedding-model.md with a real model, which ChangingTheEmbeddingModelIT runs with
   * other vectors.
   */
  @Test
  void anotherModelOfAnotherDimensionTakesOverWhileSearchesAnswer() throws Exception {
    TestDatabase.assumeServer("it has one session, so nobody searches meanwhile");
    Recipe recipe = Recipe.read("changing-the-embedding-model.md", page -> page.replace("1024", "512"));
    String[] theOther = {"-Dembedding.model=bge-small-zh-v15", "-Dembedding.column=embedding_512"};
    // They make queries fast, translate, and write tests; and the question: queries are too slow.
    insert("优化数据库查询，让 SQL 更快", "把文章翻译成其他语言", "为代码编写单元测试", "查询太慢了");
    embed();
    Catalogs before = database.catalogs();
    String search = """
        select s.agent_id from agents question, search_agents(question.%s, 2) s
        where question.agent_id = 'test-003' and s.agent_id <> 'test-003'""";
    try (Searches old = new Searches(database, search.formatted("embedding"))) {
      Migrations.update(database, recipe.changelogs().get(0));
      assertThat(embed(theOther).output()).contains("Embedding the descriptions of 4 of 4 agents");
      // An application that knows only the old column edits an agent.
      database.execute("update agents set description = description || '。' where agent_id = 'test-000'");
      assertThat(embed(theOther).output()).as("what was edited meanwhile")
          .contains("Embedding the descriptions of 1 of 4 agents");
      Migrations.update(database, recipe.changelogs().get(1));
      try (Searches now = new Searches(database, search.formatted("embedding_512"))) {
        now.awaitSome();
        assertThat(old.stop()).as("what went wrong in searches by the old model").isEmpty();
        Migrations.update(database, recipe.changelogs().get(2));
        now.awaitSome();
        assertThat(now.stop()).as("what went wrong in searches by the new model").isEmpty();
      }
    }
    assertThat(database.query(search.formatted("embedding_512"))).as("who is asked when queries are slow")
        .containsExactly("test-000");
    theCommandsServe(theOther[0], theOther[1]);
    rollBack(recipe);
    assertThat(before.differences(database.catalogs())).as("what the rollback leaves behind or takes too much")
        .isEmpty();
  }

  /** But for what compares hashes, which the recipe leaves out. */
  private void theCommandsServe(String model, String column) {
    // The question: translate an article.
    MavenRun search = mvn(database.named("-Psearch", model, column, "-Dquery=翻译一篇文章", "-Dlimit=1")).succeeded();
    assertThat(search.output()).as("what -Psearch finds by the new model").contains("把文章翻译成其他语言");
    MavenRun changed = mvn(database.named("-Pembed", model, column, "-Dagents=changed"));
    assertThat(changed.exitCode()).isNotZero();
    assertThat(changed.output()).contains("agents has no column embedding_512_of", "mvn -Pembed -Dagents=all");
  }

  private void rollBack(Recipe recipe) throws Exception {
    for (int release = recipe.changelogs().size() - 1; release >= 0; release--) {
      String changelog = recipe.changelogs().get(release);
      Migrations.rollback(database, changelog, new Changelog(Migrations.ROOT, changelog).changeSets().size());
    }
  }

  @Test
  void searchPrintsTheBestAgentsAndSampleLeavesOtherAgentsAlone() {
    assertThat(mvn(database.named("-Psearch", "-Dquery=anything")).output())
        .contains("there are no agents in this database", "mvn -Plocal,sample");
    mvn(database.named("-Psample")).succeeded();
    assertThat(mvn(database.named("-Psample")).succeeded().output()).as("a second time")
        .contains("Nothing to embed: of 12 agents");
    MavenRun search = mvn(database.named("-Psearch", "-Dquery=make my SQL faster", "-Dlimit=2")).succeeded();
    String withoutColours = search.output().replaceAll("\\x1B\\[\\d*m", "");
    List<String> table = withoutColours.lines().filter(line -> line.matches("(similarity|0\\.).*")).toList();
    assertThat(table).hasSize(3).allMatch(line -> line.length() <= 100);
    assertThat(table.get(1)).matches("0\\.\\d{4} +Database Tuner +data +Finds out why queries are slow.*\\.\\.\\.");
    assertThat(mvn(database.named("-Psearch", "-Dquery=x", "-Dcategory=nothing")).output())
        .contains("there is no agent of category nothing; the categories: backend, data");

    insert("Somebody's own");
    MavenRun refused = mvn(database.named("-Psample"));
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.output()).contains("this database holds agents or workflows of its own");
  }

  /** As after the take-over from Alembic. */
  @Test
  void aDatabaseAtRelease10IsEmbeddedAndToldWhatIsMissingForTheRest() {
    database = TestDatabase.create();
    Migrations.updateToTag(database, "1.0");
    insert("Reviews code");
    embed();
    assertThat(database.query("select vector_dims(embedding) from agents")).containsExactly("384");
    for (String[] words : new String[][] {{"-Pembed", "-Dagents=changed"}, {"-Psearch", "-Dquery=review"}}) {
      MavenRun run = mvn(database.named(words));
      assertThat(run.exitCode()).as(String.join(" ", words)).isNotZero();
      assertThat(run.output()).contains("apply release 1.2: mvn initialize liquibase:update");
    }
  }

  @Test
  void aDatabaseWithoutTheSchemaIsNamedWithTheRemedy() throws SQLException {
    TestDatabase withoutSchema = TestDatabase.create();
    MavenRun run = mvn(withoutSchema.named("-Pembed"));
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output())
        .contains("there is no table agents in this database; make it: mvn initialize liquibase:update");
  }

  private MavenRun embed(String... words) {
    List<String> all = new ArrayList<>(List.of("-Pembed"));
    all.addAll(List.of(words));
    return mvn(database.named(all.toArray(String[]::new))).succeeded();
  }

  /** Agents with these descriptions, in this order. */
  private void insert(String... descriptions) {
    for (int i = 0; i < descriptions.length; i++) {
      database.execute(String.format(Locale.ROOT, """
          insert into agents (agent_id, agent_type, name, display_name, category, description, file_path)
          values ('test-%1$03d', 'test-%1$03d', 'n', 'n', 'test', '%2$s', 'f')""", i,
          descriptions[i].replace("'", "''")));
    }
  }
}
