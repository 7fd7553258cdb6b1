package io.mycelium.migrations.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Drops the databases of each test and of each class at its end, since the server has them in memory. */
public final class DropsDatabases
    implements
      BeforeAllCallback,
      AfterAllCallback,
      BeforeEachCallback,
      AfterEachCallback {

  private static final Namespace HERE = Namespace.create(DropsDatabases.class);
  /** The databases that each thread has created, the last one first. A class and its tests run in one thread. */
  private static final ThreadLocal<Deque<TestDatabase>> CREATED = ThreadLocal.withInitial(ArrayDeque::new);

  /** Takes note of a database that the current test or class has created. */
  public static void later(TestDatabase database) {
    CREATED.get().push(database);
  }

  @Override
  public void beforeAll(ExtensionContext testClass) {
    count(testClass);
  }

  @Override
  public void afterAll(ExtensionContext testClass) {
    drop(testClass);
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    count(test);
  }

  @Override
  public void afterEach(ExtensionContext test) {
    drop(test);
  }

  private static void count(ExtensionContext scope) {
    scope.getStore(HERE).put(scope.getUniqueId(), CREATED.get().size());
  }

  private static void drop(ExtensionContext scope) {
    for (int before = scope.getStore(HERE).remove(scope.getUniqueId(), Integer.class); CREATED.get().size() > before;) {
      CREATED.get().pop().drop();
    }
  }
}
