package io.mycelium.migrations.search;

import io.mycelium.migrations.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A client that searches without a pause. */
final class Searches implements AutoCloseable {

  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger count = new AtomicInteger();
  private final Thread thread;
  private volatile boolean stopped;

  Searches(TestDatabase database, String search) {
    thread = new Thread(() -> {
      try (Connection connection = database.connect();
          PreparedStatement statement = connection.prepareStatement(search)) {
        while (!stopped) {
          try (ResultSet result = statement.executeQuery()) {
            if (!result.next()) {
              wrong.add("nothing found");
            }
          }
          count.incrementAndGet();
        }
      } catch (SQLException e) {
        wrong.add(e.getMessage());
      }
    });
    thread.start();
  }

  /** Waits for a hundred more. */
  void awaitSome() {
    int before = count.get();
    TestDatabase.await("a hundred searches", () -> count.get() > before + 100 || !wrong.isEmpty());
  }

  List<String> stop() throws InterruptedException {
    stopped = true;
    thread.join();
    return wrong;
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
