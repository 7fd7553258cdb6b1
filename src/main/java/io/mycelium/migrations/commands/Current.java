package io.mycelium.migrations.commands;

import io.mycelium.migrations.changelog.Changelog;
import io.mycelium.migrations.changelog.History;
import java.sql.Connection;
import java.util.List;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandBuilder;
import liquibase.command.CommandScope;

/**
 * Says where a database stands: its last tag, what was applied after it, and what is pending. Alembic's
 * {@code current}.
 */
public final class Current extends DatabaseCommand {

  private static final CommandBuilder ARGUMENTS = new CommandBuilder(new String[] {"current"});
  private static final Choice PENDING =
      Choice.of(ARGUMENTS, "pending", "What to do where a changeset is pending", "list", "fail");

  /** For Liquibase, which finds it by META-INF/services. */
  public Current() {
    super("current", "Say where the database stands: its tag, and what is pending");
  }

  @Override
  Outcome run(Connection connection, Changelog changelog, CommandScope arguments) throws Exception {
    boolean gate = PENDING.in(arguments).equals("fail");
    List<ChangeSet> changeSets = changelog.changeSets();
    History history = History.read(connection);
    boolean behind = gate && !history.pending(changeSets).isEmpty();
    return new Outcome(history.describe(changeSets),
        behind
            ? "the database is behind its changelog; apply what is pending: mvn initialize liquibase:update, or:"
                + " liquibase update"
            : null);
  }
}
