package io.mycelium.migrations;

import java.sql.Connection;
import java.sql.SQLException;

/** A row or two for the tables, so that a rollback is tried with data. */
final class SampleRows {

  private SampleRows() {}

  /** Fills each table of ours that is there and empty. */
  static void insert(TestDatabase database) {
    try (Connection connection = database.connect()) {
      io.mycelium.migrations.locks.SampleRows.fill(connection, 2);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }
}
