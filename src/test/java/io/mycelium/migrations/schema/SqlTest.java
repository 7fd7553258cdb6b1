package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One function says what a statement takes away, so that nothing is dropped or rebuilt without a mark. */
class SqlTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      DROP TABLE public.agents | LOSES DATA
      ALTER TABLE ONLY public.agents\\n\\tDROP COLUMN note | LOSES DATA
      ALTER TABLE ONLY public.agents\\n\\tALTER COLUMN "odd name" TYPE integer USING 1 | LOSES DATA
      ALTER TABLE public.agents ALTER COLUMN name SET DATA TYPE varchar(9) | LOSES DATA
      ALTER TABLE public.events DETACH PARTITION public.events_2027_01 | LOSES DATA
      ALTER TYPE public.pair DROP ATTRIBUTE a CASCADE | LOSES DATA
      DROP TYPE public.mood | LOSES DATA
      UPDATE public.agents SET name = DEFAULT WHERE name IS NULL | LOSES DATA
      REVOKE ALL ON TABLE public.agents FROM PUBLIC | CHANGES RIGHTS
      DROP POLICY mine ON public.agents | CHANGES RIGHTS
      ALTER TABLE public.agents DISABLE ROW LEVEL SECURITY | CHANGES RIGHTS
      ALTER TABLE public.agents NO FORCE ROW LEVEL SECURITY | CHANGES RIGHTS
      ALTER TABLE public.agents\\n\\tDROP CONSTRAINT agents_pkey | DROPS OR REBUILDS
      ALTER DOMAIN public.positive DROP CONSTRAINT positive_check | DROPS OR REBUILDS
      DROP INDEX public.agents_name_idx | DROPS OR REBUILDS
      DROP TRIGGER mine ON public.agents | DROPS OR REBUILDS
      DROP VIEW public.mine | DROPS OR REBUILDS
      DROP MATERIALIZED VIEW public.agent_statistics | DROPS OR REBUILDS
      DROP FUNCTION public.mine(integer) | DROPS OR REBUILDS
      ALTER TABLE public.agents SET TABLESPACE fast | DROPS OR REBUILDS
      ALTER TABLE public.agents\\n\\tSET LOGGED | DROPS OR REBUILDS
      REINDEX INDEX CONCURRENTLY public.agents_name_idx | DROPS OR REBUILDS
      """)
  void whatTakesSomethingAwayIsMarked(String statement, String mark) {
    assertThat(Sql.loss(statement.translateEscapes())).isEqualTo(mark);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"COMMENT ON TABLE public.agents IS 'DROP TABLE agents'",
      "CREATE OR REPLACE FUNCTION public.f() RETURNS void LANGUAGE sql AS $$ DELETE FROM agents $$",
      "ALTER TABLE ONLY public.agents ADD COLUMN note text", "GRANT SELECT ON TABLE public.agents TO PUBLIC",
      "ALTER TABLE public.agents VALIDATE CONSTRAINT agents_check"})
  void whatOnlyAddsIsNotMarked(String statement) {
    assertThat(Sql.loss(statement)).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      REINDEX INDEX CONCURRENTLY public.agents_name_idx | true
      CREATE UNIQUE INDEX CONCURRENTLY mine ON public.agents (name) | true
      CALL public.distribute_by_workflow() | true
      CREATE FUNCTION f() RETURNS void AS $$ REFRESH MATERIALIZED VIEW CONCURRENTLY v $$ | false
      DROP INDEX public.agents_name_idx | false
      """)
  void whatRunsInNoTransactionIsKnown(String statement, boolean alone) {
    assertThat(Sql.runsAlone(statement)).isEqualTo(alone);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|',
      textBlock = """
          USING btree (((at AT TIME ZONE 'utc'))) | USING btree (at AT TIME ZONE 'utc')
          USING btree (lower((name)), (a + b)) WHERE ((a, b) > (1, 2)) | USING btree (lower(name), (a + b)) WHERE ((a, b) > (1, 2))
          WHERE (name = '((a))') | WHERE (name = '((a))')
          """,
      quoteCharacter = '`')
  void parenthesesAroundOthersAreNoDifference(String sql, String single) {
    assertThat(Parentheses.single(sql)).isEqualTo(single);
  }
}
