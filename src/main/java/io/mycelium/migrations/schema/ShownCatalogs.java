package io.mycelium.migrations.schema;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A connection that shows pgCodeKeeper's loader less of the catalogs than there is. The loader asks for everything in a
 * schema, and has no other filter.
 *
 * @param only the identifiers of the objects that it shows; null for all
 * @param read the catalogs of which the loader was seen to ask for objects
 */
record ShownCatalogs(Set<Long> only, Set<String> read) {

  /** Of a query of the loader the catalog whose rows become objects, but for the catalog of schemas. */
  private static final Pattern OBJECTS = Pattern.compile("(?i)\\bFROM pg_catalog\\.(?!pg_namespace )(\\w+) res\\b");

  /** The catalog in the query by which the loader learns the types. */
  private static final Pattern TYPES = Pattern.compile("(?i)\\bFROM pg_catalog\\.pg_type t\\b");

  /**
   * A connection for the loader, which wants one of its own, to close it. It gets this one, and can neither close it
   * nor commit.
   */
  Connection of(Connection connection) {
    return shown(Connection.class, connection, Set.of("close", "commit", "setAutoCommit"));
  }

  private <T> T shown(Class<T> type, T target, Set<String> ignored) {
    return type.cast(Proxy.newProxyInstance(ShownCatalogs.class.getClassLoader(), new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (ignored.contains(method.getName())) {
            return null;
          }
          if (arguments != null && arguments[0] instanceof String sql) {
            arguments[0] = shown(sql);
          }
          try {
            Object result = method.invoke(target, arguments);
            return method.getName().equals("createStatement")
                ? shown(Statement.class, (Statement) result, Set.of())
                : result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }

  private String shown(String query) {
    // where an object is stored is an installation's choice; PostgreSQL 17.12 puts the mark pg_attver on every column
    String shown =
        query.replace("JOIN pg_catalog.pg_tablespace ", "JOIN (SELECT * FROM pg_catalog.pg_tablespace LIMIT 0) ")
            .replace("(a.attoptions,",
                "((SELECT pg_catalog.array_agg(kept) FROM pg_catalog.unnest(a.attoptions) kept"
                    + " WHERE kept NOT LIKE 'pg\\_attver=%'),")
            // a routine with an empty body, which the loader takes for one that was dropped meanwhile
            .replace("res.prosrc,",
                "CASE WHEN res.prosrc = '' AND res.prosqlbody IS NULL THEN ' '" + " ELSE res.prosrc END AS prosrc,");
    OBJECTS.matcher(shown).results().forEach(objects -> read.add(objects.group(1)));
    if (only == null) {
      return shown;
    }
    String oids = "oid = ANY ('" + only.toString().replace('[', '{').replace(']', '}') + "')";
    shown = OBJECTS.matcher(shown).replaceAll("FROM (SELECT tableoid, * FROM pg_catalog.$1 WHERE " + oids + ") res");
    // the types of the rows of all other tables are left out: an application can have very many
    return TYPES.matcher(shown)
        .replaceAll("FROM (SELECT * FROM pg_catalog.pg_type WHERE oid < 16384 OR " + oids
            + " OR typrelid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_type element"
            + " WHERE element.oid = pg_type.typelem" + " AND element.typrelid <> 0)) t");
  }
}
