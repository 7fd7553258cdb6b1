package io.mycelium.migrations.testing;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The rows that a statement answers with. */
public final class Rows {

  private Rows() {}

  /** Their first column, as text. */
  public static List<String> firstColumn(ResultSet result) throws SQLException {
    List<String> values = new ArrayList<>();
    while (result.next()) {
      values.add(result.getString(1));
    }
    return values;
  }
}
