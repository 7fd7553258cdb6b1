package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.Schema;
import io.mycelium.migrations.schema.SchemaPage;
import java.nio.file.Files;

/** Writes what the whole changelog makes: {@code docs/schema}, one file an object, and {@code docs/schema.md} from it. */
public final class Docs {

  private Docs() {}

  /**
   * Writes them, from a scratch database.
   *
   * @param arguments none; the POM names the changelog
   * @throws Exception if the scratch database does not start, or a file cannot be written; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Changelog changelog = Changelog.named();
    Schema head = AppliedSchema.writeHead(changelog);
    Files.writeString(changelog.root().resolve("docs/schema.md"), SchemaPage.of(head));
    System.out.println("wrote docs/schema and docs/schema.md");
  }
}
