package io.mycelium.migrations.commands;

import io.mycelium.migrations.Refused;
import io.mycelium.migrations.changelog.DatabaseAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Fills a database with agents to play with, their usage and workflows: {@code mvn -Plocal,sample}. The rows are in
 * {@code src/embed/sql/sample.sql} and in no changeset, so no update brings them into a database.
 */
public final class Sample {

  private Sample() {}

  /**
   * Fills the database, and embeds the descriptions. A second run changes nothing.
   *
   * @param words none; -Dembedding.column names the column of the embeddings
   * @throws Refused if the database is on another machine, or has agents or workflows that are no samples
   */
  public static void main(String[] words) throws Exception {
    try (Connection connection = AgentsDatabase.connect("sample")) {
      if (!DatabaseAddress.of(connection).isLocal()) {
        throw new Refused("this database stands on another machine, and samples are to play with; in the embedded one:"
            + " mvn -Plocal,sample");
      }
      if (AgentsDatabase.one(connection, """
          select 1 from (select metadata from agents union all select metadata from workflow_states) present
          where metadata -> 'sample' is null limit 1""") != null) {
        throw new Refused("this database holds agents or workflows of its own, and samples do not belong among them;"
            + " in the embedded one: mvn -Plocal,sample");
      }
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(Files.readString(Path.of(System.getProperty("changelog.root"), "src/embed/sql/sample.sql")));
      }
      connection.commit();
      connection.setAutoCommit(true);
      System.out.println("%s agents with %s invocations in %s workflows".formatted(
          AgentsDatabase.one(connection, "select count(*) from agents"),
          AgentsDatabase.one(connection, "select count(*) from agent_usage"),
          AgentsDatabase.one(connection, "select count(*) from workflow_states")));
      Embed.run(connection, AgentsDatabase.column(), "missing");
    } catch (SQLException e) {
      throw new Refused(e.getMessage());
    }
  }
}
