package io.mycelium.migrations.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.testing.ClientTraffic;
import io.mycelium.migrations.testing.LiveMigration;
import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.Recipe;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What docs/changing-the-embedding-model.md says works as it stands there, while clients of both models search. */
@Tag("any-version")
class ChangingTheEmbeddingModelIT {

  private static final String PAGE = "changing-the-embedding-model.md";

  @BeforeAll
  static void assumeSessions() {
    TestDatabase.assumeServer("it has one session");
  }

  @Test
  void clientsOfBothModelsSearchAllTheWhile() throws Exception {
    int dimensions = 1024;
    Recipe recipe = Recipe.read(PAGE, UnaryOperator.identity());
    TestDatabase database = ClientTraffic.newDatabase();
    UnaryOperator<String> newApplication =
        sql -> sql.replace("embedding", "embedding_1024").replace("<=> ?::vector", "<=> ?::vector(1024)");

    release(database, recipe.changelogs().get(0), UnaryOperator.identity(), 384);
    assertThatThrownBy(() -> LiveMigration.update(database, recipe.changelogs().get(1), 1))
        .hasMessageContaining("agents are not embedded by the new model yet");
    try (ClientTraffic traffic = ClientTraffic.start(database)) {
      traffic.during("embedding by the new model");
      embedAll(database, recipe, dimensions);
      traffic.awaitRound();
      assertThat(traffic.stop()).as("what clients met while agents were embedded").isEmpty();
    }
    assertThat(database.query("""
        select count(*) from agents where updated_at > now() - interval '1 hour' and description like 'Does _'"""))
        .as("agents that count as edited because they were embedded")
        .containsExactly("0");
    anEditByAnOldClientHasTheAgentEmbeddedAgain(database, recipe, dimensions);

    release(database, recipe.changelogs().get(1), UnaryOperator.identity(), 384);
    try (ClientTraffic old = ClientTraffic.start(database);
        ClientTraffic current = ClientTraffic.start(database, newApplication, dimensions)) {
      old.endSessions();
      current.endSessions();
      assertThat(old.stop()).as("what clients of the old model met beside those of the new one").isEmpty();
      assertThat(current.stop()).as("what clients of the new model met beside those of the old one").isEmpty();
    }
    aSearchCanUseTheIndex(database, recipe, dimensions);

    release(database, recipe.changelogs().get(2), newApplication, dimensions);
    assertOnlyTheNewColumnIsLeft(database);
  }

  /** As the page says, since pgvector has no index for more in a vector. */
  @Test
  void aModelOfMoreThan2000DimensionsTakesHalfvec() throws Exception {
    int dimensions = 3072;
    Recipe recipe = Recipe.read(PAGE, text -> text.replace("vector(1024)", "halfvec(3072)")
        .replace("embedding_1024 vector_cosine_ops", "embedding_1024 halfvec_cosine_ops"));
    TestDatabase database = ClientTraffic.newDatabase();
    Migrations.update(database, recipe.changelogs().get(0));
    embedAll(database, recipe, dimensions);
    Migrations.update(database, recipe.changelogs().get(1));
    aSearchCanUseTheIndex(database, recipe, dimensions);
    Migrations.update(database, recipe.changelogs().get(2));
    assertOnlyTheNewColumnIsLeft(database);
  }

  private static void assertOnlyTheNewColumnIsLeft(TestDatabase database) {
    assertThat(database
        .query("select attname from pg_attribute where attrelid = 'agents'::regclass and attname like 'embedding%'"))
        .as("columns of embeddings")
        .containsExactly("embedding_1024");
  }

  private static void release(TestDatabase database, String changelog, UnaryOperator<String> version, int dimensions)
      throws Exception {
    int changeSets = new Changelog(Migrations.ROOT, changelog).changeSets().size();
    assertThat(LiveMigration.problems(database, changelog, changeSets, changelog.replaceFirst(".*/recipes/", ""),
        version, dimensions)).as("what clients met during %s", changelog).isEmpty();
  }

  /** What the application does in the background, by the page's statements. */
  private static void embedAll(TestDatabase database, Recipe recipe, int dimensions) throws SQLException {
    String next = recipe.statements()
        .get(0)
        .replace("embedding_1024 IS NULL", "embedding_1024 IS NULL AND agent_id LIKE 'agent-%'");
    String update = recipe.statements().get(1).replaceAll("\\$\\d", "?");
    try (Connection connection = database.connect();
        PreparedStatement embed = connection.prepareStatement(update);
        Statement statement = connection.createStatement()) {
      for (boolean left = true; left;) {
        left = false;
        try (ResultSet agents = statement.executeQuery(next)) {
          while (agents.next()) {
            left = true;
            embed.setString(1, ClientTraffic.embedding(agents.getString("description").hashCode(), dimensions));
            embed.setObject(2, agents.getObject("id", UUID.class));
            embed.setString(3, agents.getString("description"));
            embed.executeUpdate();
          }
        }
      }
    }
  }

  private static void anEditByAnOldClientHasTheAgentEmbeddedAgain(TestDatabase database, Recipe recipe, int dimensions)
      throws SQLException {
    String stale = "select agent_id from agents where embedding_1024 is null and agent_id like 'agent-%'";
    embedAll(database, recipe, dimensions);
    database.execute("update agents set description = description, category = category where agent_id = 'agent-2'");
    assertThat(database.query(stale)).as("agents to embed after an edit of something else").isEmpty();
    database.execute("update agents set description = 'Does other things' where agent_id = 'agent-2'");
    assertThat(database.query(stale)).as("agents to embed after an edit of a description").containsExactly("agent-2");
    embedAll(database, recipe, dimensions);
    assertThat(database.query(stale)).isEmpty();
  }

  private static void aSearchCanUseTheIndex(TestDatabase database, Recipe recipe, int dimensions) {
    // For so few agents a scan of the table is cheaper than the index.
    database.execute("alter database %s set enable_seqscan = off".formatted(database.name()));
    String query = recipe.statements()
        .get(2)
        .replace("$1", "'" + ClientTraffic.embedding(1, dimensions) + "'")
        .replace("$2", "10");
    assertThat(String.join("\n", database.query("explain " + query)))
        .as("how the page's search by the new model is answered")
        .contains("agents_embedding_1024_idx");
  }
}
