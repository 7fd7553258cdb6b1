package io.mycelium.migrations.commands;

import com.google.gson.GsonBuilder;
import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import io.mycelium.migrations.plan.Artefact;
import io.mycelium.migrations.plan.Asked;
import io.mycelium.migrations.plan.Plan;
import io.mycelium.migrations.plan.Step;
import io.mycelium.migrations.plan.Trial;
import io.mycelium.migrations.schema.AppliedSchema;
import io.mycelium.migrations.schema.AppliedSchema.Place;
import io.mycelium.migrations.schema.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;

/**
 * Writes changesets, with their rollbacks, for what somebody changed in a database by hand; Alembic's
 * {@code --autogenerate}. It only reads that database. It runs each changeset in a scratch database before it writes
 * it.
 */
public final class Autogenerate {

  private Autogenerate() {}

  /**
   * Writes the changesets. Prints where they are, and what is left to do by hand.
   *
   * @param arguments none; -Ddomain and -Dname as for {@link NewMigration}, -Ddrop and -Drename as for {@link Asked};
   *          the POM names the database and the changelog
   * @throws Exception if they are refused, or if nothing was changed; the message says why
   */
  public static void main(String[] arguments) throws Exception {
    Asked asked = Asked.of(System.getProperty("drop", ""), System.getProperty("rename", ""));
    try (Connection connection = FromMaven.connect("autogenerate")) {
      System.out.println(write(Changelog.named(), connection, System.getProperty("domain", ""),
          System.getProperty("name", ""), asked));
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }

  /**
   * Writes the changesets.
   *
   * @param changelog the changelog, in a folder
   * @param connection to the database that was changed by hand
   * @param domain such as {@code agents}
   * @param name the intent, such as {@code add-agent-tags}
   * @param asked what may be dropped, and what is renamed
   * @return where each stands, what was not written, and what is next
   * @throws Refused if nothing was changed, or if it would lose data that nobody asked to drop; the message says what
   */
  public static String write(Changelog changelog, Connection connection, String domain, String name, Asked asked)
      throws Exception {
    new NewMigration(changelog, domain, name); // refuses both before anything is read
    List<ChangeSet> changeSets = changelog.changeSets();
    record Found(History history, Place place) {}
    Found found = Snapshot.of(connection, snapshot -> new Found(History.read(snapshot), Place.of(snapshot)));
    Drift.refuseUnknown(found.history, changeSets);
    List<ChangeSet> pending = found.history.pending(changeSets);
    if (!pending.isEmpty()) {
      throw new Refused(pending.size() + " changesets are pending, from " + pending.get(0).getId()
          + "; apply them first, or they would be generated again: mvn initialize liquibase:update");
    }
    List<String> report = new ArrayList<>();
    Plan plan = AppliedSchema.inScratch(changelog, List.of(), found.place, scratch -> {
      Plan made = Plan.make(scratch, connection, name, asked);
      report.addAll(made.notes());
      if (made.steps().isEmpty()) {
        report.addAll(made.lacks(scratch));
      }
      return made;
    });
    if (plan.steps().isEmpty()) {
      throw new Refused(found.history.database() + " has the schema that the changelog defines"
          + (report.isEmpty() ? "; change it by hand first" : ", but for:\n" + String.join("\n", report)));
    }
    try (Checkout draft = Checkout.of(changelog)) {
      List<String> ids = new ArrayList<>();
      for (Step step : plan.steps()) {
        ids.add(write(new NewMigration(draft.changelog(), domain, step.name()), step));
      }
      report.addAll(AppliedSchema.inScratch(changelog, List.of(), found.place,
          scratch -> Trial.run(scratch, draft.changelog(), plan, ids)));
      report.addAll(0, draft.move());
    }
    report.add("next: fill in each TODO. The database that was changed by hand has it all, so note it there:"
        + " mvn -Plocal initialize" + " liquibase:changelogSync. Then mvn -Pdocs, and mvn verify");
    return String.join("\n", report);
  }

  /** Writes a step as a changeset. The answer is its id. */
  private static String write(NewMigration migration, Step step) throws IOException {
    Path folder = migration.root().resolve(migration.folder());
    Artefact artefact = Artefact.of(step, folder.getFileName().toString(), file -> Files.exists(folder.resolve(file)));
    for (Map.Entry<String, String> file : artefact.files().entrySet()) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    String blocking = step.comment().isEmpty() ? "" : step.comment() + ". ";
    migration.write(new GsonBuilder().disableHtmlEscaping().create().toJson(blocking + NewMigration.TODO_COMMENT),
        step.transactional() ? "" : "runInTransaction: false\n", artefact.changes(), artefact.rollback());
    return migration.id();
  }
}
