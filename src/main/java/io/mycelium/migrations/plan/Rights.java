package io.mycelium.migrations.plan;

import io.mycelium.migrations.Resource;
import io.mycelium.migrations.schema.Sql;
import io.mycelium.migrations.schema.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The privileges on what a step drops and makes anew: whatever they are in the database that it runs in, they are there
 * afterwards.
 */
final class Rights {

  private static final String KEEP = Resource.text(Rights.class, "keep-rights.sql").strip();
  private static final String OF_COLUMNS = Resource.text(Rights.class, "columns-rights.sql").stripTrailing();
  private static final String GIVE = Resource.text(Rights.class, "give-rights.sql").strip();

  /** Of a kind of object the catalog, the beginning of its columns' names, and the letter that acldefault() takes. */
  private record Kind(String granted, String catalog, String column, String letter, String number) {}

  private static final Kind RELATION = new Kind("TABLE", "pg_class", "rel", "r", "'%s'::regclass");
  private static final Kind ROUTINE = new Kind("ROUTINE", "pg_proc", "pro", "f", "'%s'::regprocedure");
  private static final Map<String, Kind> KINDS =
      Map.of("VIEW", RELATION, "MATERIALIZED VIEW", RELATION, "FUNCTION", ROUTINE, "PROCEDURE", ROUTINE, "AGGREGATE",
          ROUTINE, "TYPE", new Kind("TYPE", "pg_type", "typ", "T", "'%s'::regtype"), "DOMAIN",
          new Kind("TYPE", "pg_type", "typ", "T", "'%s'::regtype"));

  private Rights() {}

  /**
   * The statements, with others around each object that they drop and make anew.
   *
   * @param statements the statements of one transaction
   * @param stay the kinds and names of the objects that are there before and after them
   */
  static List<Statement> kept(List<Statement> statements, Collection<String> stay) {
    Map<Integer, List<Statement>> before = new HashMap<>();
    Map<Integer, List<Statement>> after = new HashMap<>();
    for (String object : stay) {
      String words = KINDS.keySet()
          .stream()
          .filter(kind -> object.startsWith(kind.toLowerCase(Locale.ROOT) + " "))
          .findFirst()
          .orElse("");
      Kind kind = KINDS.get(words);
      if (kind == null) {
        continue;
      }
      String signature = object.substring(words.length() + 1);
      String sql = kind.equals(ROUTINE) ? signature : Sql.quoted(signature); // a routine's name stands as in SQL
      String name = Statement.plain(kind.equals(ROUTINE) ? sql.substring(0, sql.indexOf('(')) : sql);
      int drop = find(statements, "DROP " + words, name);
      int create = find(statements.subList(Math.max(drop, 0), statements.size()), "CREATE " + words, name) + drop;
      if (drop >= 0 && create > drop) {
        String setting = "rights_of_" + before.size();
        before.computeIfAbsent(drop, list -> new ArrayList<>()).add(statement(KEEP, kind, sql, setting));
        after.computeIfAbsent(create, list -> new ArrayList<>()).add(statement(GIVE, kind, sql, setting));
      }
    }
    List<Statement> kept = new ArrayList<>();
    for (int i = 0; i < statements.size(); i++) {
      kept.addAll(before.getOrDefault(i, List.of()));
      kept.add(statements.get(i));
      kept.addAll(after.getOrDefault(i, List.of()));
    }
    return kept;
  }

  private static int find(List<Statement> statements, String what, String name) {
    for (int i = 0; i < statements.size(); i++) {
      if (statements.get(i).what().equals(what) && Statement.plain(statements.get(i).object()).equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static Statement statement(String template, Kind kind, String name, String setting) {
    String literal = name.replace("'", "''");
    String number = kind.number.formatted(literal);
    return new Statement(template.formatted(setting, literal, kind.granted, kind.catalog, kind.column, kind.letter,
        number, kind.equals(RELATION) ? OF_COLUMNS.formatted(number) : "", literal.replace("%", "%%")));
  }
}
