package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.embedded.ScratchDatabase;
import io.mycelium.migrations.locks.LiveRules;
import io.mycelium.migrations.locks.LocksPage;
import io.mycelium.migrations.locks.Trace;
import io.mycelium.migrations.locks.Traced;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.SchemaPage;
import java.nio.file.Files;
import java.sql.Connection;
import java.util.List;

/**
 * Writes what the whole changelog makes, {@code docs/schema}, one file an object, and {@code docs/schema.md} from it; what the
 * entry point of Citus makes otherwise, {@code docs/schema-citus}; and what each changeset locks, {@code docs/locks.md}.
 */
public final class Docs {

  private Docs() {}

  /**
   * Writes them, from a scratch database, and prints the changesets that break the rules for live tables.
   *
   * @param arguments none; the POM names the changelog
   * @throws Exception if the scratch database does not start, or a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Changelog changelog = Changelog.named();
    Changelog withCitus = new Changelog(changelog.files(), Changelog.CITUS);
    Schema head = AppliedSchema.writeHead(changelog);
    AppliedSchema.writeHead(withCitus);
    Files.writeString(changelog.root().resolve("docs/schema.md"), SchemaPage.of(head));
    List<Traced> traced;
    try (ScratchDatabase scratch = ScratchDatabase.start(changelog.root()); Connection connection = scratch.connect()) {
      traced = Trace.of(withCitus, connection, null, Trace::withoutLz4);
    }
    Files.writeString(changelog.root().resolve(LocksPage.PATH), LocksPage.of(traced));
    System.out.println("wrote docs/schema, docs/schema-citus, docs/schema.md and " + LocksPage.PATH);
    traced.stream().filter(LiveRules::holdFor).flatMap(one -> LiveRules.breaches(one).stream()).forEach(System.out::println);
  }
}
