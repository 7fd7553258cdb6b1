package io.mycelium.migrations.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.mycelium.migrations.testing.Migrations;
import io.mycelium.migrations.testing.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code agents.embedding_of} says which description an embedding is of, though no client writes it. */
class EmbeddingOfIT {

  private static final String VECTOR = "(select array_agg(sin(k * %s)) from generate_series(1, 384) k)::vector";
  private static TestDatabase database;

  @BeforeAll
  static void update() {
    database = TestDatabase.create();
    Migrations.update(database);
  }

  @BeforeEach
  void anAgentThatAClientHasEmbedded() {
    database.execute("truncate agents cascade", """
        insert into agents (
          agent_id, agent_type, name, display_name, category, description, file_path, embedding, updated_at)
        values ('a', 'a', 'a', 'a', 'a', 'old', 'a', %s, '2020-01-01')""".formatted(VECTOR.formatted(1)));
    assertThat(of()).as("after the insert").isEqualTo("old");
  }

  @Test
  void aNewDescriptionLeavesTheOldHash() {
    database.execute("update agents set description = 'new', metadata = '{}'");
    assertThat(of()).isEqualTo("old");
  }

  @Test
  void theWholeRowWrittenBackWithAnEmbeddingThatNobodyComputedLeavesTheOldHash() {
    database.execute("update agents set description = 'new', embedding = embedding, metadata = '{}'");
    assertThat(of()).isEqualTo("old");
    database.execute("update agents set description = 'new', embedding = embedding::text::vector");
    assertThat(of()).isEqualTo("old");
  }

  @Test
  void aNewEmbeddingHasTheHashOfTheDescriptionBesideIt() {
    database.execute("update agents set description = 'new', embedding = " + VECTOR.formatted(2));
    assertThat(of()).isEqualTo("new");
    database.execute("update agents set description = 'newer'", "update agents set embedding = " + VECTOR.formatted(3));
    assertThat(of()).isEqualTo("newer");
  }

  @Test
  void withoutAnEmbeddingThereIsNoHash() {
    database.execute("update agents set embedding = null");
    assertThat(of()).isNull();
    database.execute("update agents set embedding = " + VECTOR.formatted(4));
    assertThat(of()).isEqualTo("old");
  }

  @Test
  void aCopiedRowKeepsItsHash() {
    database.execute("update agents set description = 'new'", """
        with gone as (delete from agents returning *) insert into agents select * from gone""");
    assertThat(of()).as("of a row that comes with it, as from a dump").isEqualTo("old");
  }

  @Test
  void anEmbeddingIsNoEdit() {
    database.execute("update agents set embedding = " + VECTOR.formatted(5));
    assertThat(database.query("select updated_at = '2020-01-01' from agents")).as("updated_at stays")
        .containsExactly("t");
  }

  /** Which of these descriptions it is the hash of. */
  private static String of() {
    return database.query("""
        select (
          select d from unnest(array['old', 'new', 'newer']) d where sha256(convert_to(d, 'UTF8')) = embedding_of)
        from agents""").get(0);
  }
}
