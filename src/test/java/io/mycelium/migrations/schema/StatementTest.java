package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A statement is read by its words, so that no name, value or body is taken for one. */
class StatementTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`',
      textBlock = """
          ALTER TABLE ONLY item\\n\\tALTER COLUMN "drop column" SET NOT NULL | ALTER TABLE ALTER COLUMN SET NOT NULL | item | "drop column"
          ALTER TABLE "My ; Table" ADD CONSTRAINT k UNIQUE (a) DEFERRABLE | ALTER TABLE ADD CONSTRAINT UNIQUE | "My ; Table" | k
          CREATE UNIQUE INDEX IF NOT EXISTS "on" ON ONLY app.item USING btree (x) | CREATE INDEX | "on" | app.item
          DROP INDEX CONCURRENTLY IF EXISTS app.i | DROP INDEX | app.i | ``
          CREATE OR REPLACE FUNCTION f(a text = 'DROP TABLE item') RETURNS void | CREATE FUNCTION | f | ``
          CREATE TRIGGER t BEFORE UPDATE OF "on" ON item FOR EACH ROW EXECUTE FUNCTION f() | CREATE TRIGGER | t | item
          CREATE MATERIALIZED VIEW v AS SELECT 1 | CREATE MATERIALIZED VIEW | v | ``
          ALTER TYPE mood ADD VALUE 'a;b' | ALTER TYPE ADD VALUE | mood | 'a;b'
          COMMENT ON TABLE item IS 'ALTER TABLE item DROP COLUMN name' | COMMENT | `` | ``
          """)
  void itSaysWhatItDoesToWhichObject(String sql, String what, String object, String part) {
    Statement statement = new Statement(sql.translateEscapes());
    assertThat(statement.what()).isEqualTo(what);
    assertThat(statement.object()).as("object").isEqualTo(object);
    assertThat(statement.part()).as("part").isEqualTo(part);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ALTER TABLE ONLY item DROP COLUMN "if" | ALTER TABLE IF EXISTS ONLY item DROP COLUMN IF EXISTS "if"
      DROP VIEW v | DROP VIEW IF EXISTS v
      DROP OPERATOR CLASS c USING btree | DROP OPERATOR CLASS IF EXISTS c USING btree
      CREATE VIEW v AS SELECT 'CREATE VIEW' | CREATE OR REPLACE VIEW v AS SELECT 'CREATE VIEW'
      ALTER TYPE mood ADD VALUE 'tired' BEFORE 'fine' | ALTER TYPE mood ADD VALUE IF NOT EXISTS 'tired' BEFORE 'fine'
      """)
  void itHasAFormThatCanRunTwice(String sql, String repeatable) {
    assertThat(new Statement(sql).repeatable()).isEqualTo(repeatable);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      "Odd ""Name\"\"" | Odd "Name"
      app."Name" | Name
      app.Name | name
      """, quoteCharacter = '`')
  void aNameIsPlainAsPostgresqlKeepsIt(String sql, String plain) {
    assertThat(Statement.plain(sql)).isEqualTo(plain);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ALTER TABLE t ADD CONSTRAINT c CHECK (a <> '\\n two lines') | \\n two lines
      CREATE TYPE mood AS ENUM ('$twice$') | $twice$
      """)
  void aValueStaysAsItIsInIt(String sql, String value) {
    assertThat(new Statement(sql.translateEscapes()).repeatable()).contains("'" + value.translateEscapes() + "'")
        .startsWith("DO $twice")
        .doesNotStartWith("DO $twice$ BEGIN\nCREATE TYPE");
  }
}
