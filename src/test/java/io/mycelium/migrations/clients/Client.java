package io.mycelium.migrations.clients;

import io.mycelium.migrations.testing.ClientStatement;
import io.mycelium.migrations.testing.Rows;
import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;

/** A client with a connection, which sends the clients' statements and others. */
record Client(Connection connection) implements AutoCloseable {

  static Client of(TestDatabase database) throws SQLException {
    return new Client(database.connect());
  }

  /** Empties all tables. */
  void emptyTheTables() throws SQLException {
    send(ClientStatement.EMPTY_REGISTRY);
    execute("TRUNCATE workflow_states CASCADE");
    execute("TRUNCATE workflow_state_history, coordination_events");
  }

  /** Registers an agent; the answer is its id. */
  UUID register(String agentId, String agentType, String category, String embedding) throws SQLException {
    String[] capabilities = {"can-" + agentType};
    String[] tools = {"shell"};
    String[] keywords = {"keyword-" + agentType};
    return UUID.fromString(send(ClientStatement.REGISTER_AGENT, agentId, agentType, agentType, agentType, category,
        "Does " + agentType, agentType + ".md", capabilities, tools, keywords, embedding, 100, "{}").get(0));
  }

  /** Sends a statement of the clients; the answer is its first column. */
  List<String> send(ClientStatement statement, Object... parameters) throws SQLException {
    return statement.run(connection, parameters);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of a query's answer, as text. */
  List<String> query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
      return Rows.firstColumn(result);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
