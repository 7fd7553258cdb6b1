package io.mycelium.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A view reads the same whether PostgreSQL 15 or a later one writes it. */
class OneRelationTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`',
      textBlock = """
          SELECT item.a, item."it's" FROM public.item | SELECT a, "it's" FROM public.item
          SELECT i.a FROM public.item i WHERE (i.a IS DISTINCT FROM 3) | SELECT a FROM public.item i WHERE (a IS DISTINCT FROM 3)
          SELECT item.*::public.item AS whole FROM public.item | SELECT item.*::public.item AS whole FROM public.item
          SELECT EXTRACT(year FROM x.d) FROM ( SELECT y.d FROM y) x | SELECT EXTRACT(year FROM d) FROM ( SELECT y.d FROM y) x
          SELECT g.n FROM generate_series(1, 3) g(n) GROUP BY g.n | SELECT n FROM generate_series(1, 3) g(n) GROUP BY n
          SELECT (- i.a) AS a FROM item i ORDER BY i.a | SELECT (- a) AS a FROM item i ORDER BY i.a
          SELECT public.a, public.f(public.b) FROM t public | SELECT a, public.f(b) FROM t public
          SELECT 'item.a' AS x, (item.a)::item.kind AS y FROM item.item | SELECT 'item.a' AS x, (a)::item.kind AS y FROM item.item
          SELECT a.b FROM a UNION SELECT c.b FROM c | SELECT a.b FROM a UNION SELECT c.b FROM c
          SELECT a.b, c.d FROM (a JOIN c ON ((a.b = c.d))) | SELECT a.b, c.d FROM (a JOIN c ON ((a.b = c.d)))
          SELECT a.b, c.d FROM a, c | SELECT a.b, c.d FROM a, c
          WITH x AS ( SELECT a.b FROM a ) SELECT x.b FROM x | WITH x AS ( SELECT a.b FROM a ) SELECT b FROM x
          SELECT a.b FROM a WHERE (EXISTS ( SELECT 1 FROM c WHERE (c.b = a.b))) | \
            SELECT b FROM a WHERE (EXISTS ( SELECT 1 FROM c WHERE (c.b = a.b)))
          """)
  void theNameOfTheOnlyRelationIsLeftOutBeforeColumns(String query, String expected) {
    assertThat(OneRelation.unqualified(query)).isEqualTo(expected);
  }
}
