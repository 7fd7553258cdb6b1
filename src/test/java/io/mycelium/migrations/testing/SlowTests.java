package io.mycelium.migrations.testing;

import java.util.Locale;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Prints each test that took seconds, so that a class that takes minutes shows how far it has come. */
public final class SlowTests implements BeforeEachCallback, AfterEachCallback {

  private static final double SECONDS = 2;
  private static final Namespace HERE = Namespace.create(SlowTests.class);

  @Override
  public void beforeEach(ExtensionContext test) {
    test.getStore(HERE).put(test.getUniqueId(), System.nanoTime());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    double seconds = (System.nanoTime() - test.getStore(HERE).remove(test.getUniqueId(), Long.class)) / 1e9;
    if (seconds >= SECONDS) {
      String name = test.getRequiredTestMethod().getName();
      String display = test.getDisplayName();
      System.out.printf(Locale.ROOT, "  %5.1f s %s%n", seconds, display.startsWith(name) ? name : name + " " + display);
    }
  }
}
