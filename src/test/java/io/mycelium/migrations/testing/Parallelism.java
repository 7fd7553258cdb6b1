package io.mycelium.migrations.testing;

import java.util.concurrent.ForkJoinPool;
import java.util.function.Predicate;
import liquibase.Scope;
import liquibase.ScopeManager;
import org.junit.platform.engine.ConfigurationParameters;
import org.junit.platform.engine.support.hierarchical.ParallelExecutionConfiguration;
import org.junit.platform.engine.support.hierarchical.ParallelExecutionConfigurationStrategy;

/** How many test classes run at once: two more than there are processors, since some wait. */
public final class Parallelism implements ParallelExecutionConfigurationStrategy, ParallelExecutionConfiguration {

  private final int parallelism = Runtime.getRuntime().availableProcessors() + 2;

  public Parallelism() {
    Scope.setScopeManager(new ScopePerThread());
  }

  /**
   * Gives each thread a Liquibase of its own. Liquibase keeps its services, such as the executor that a preview writes
   * its SQL with, in its outermost scope; with one for all threads, the end of one thread's command resets the services
   * of the others, and their previews run what they should only write.
   */
  @SuppressWarnings("ThreadLocalUsage") // there is one such manager
  private static final class ScopePerThread extends ScopeManager {

    private final ThreadLocal<Scope> scopes = new ThreadLocal<>();

    @Override
    public Scope getCurrentScope() {
      // null in a new thread, for which Liquibase then makes an outermost scope
      return scopes.get();
    }

    @Override
    protected void setCurrentScope(Scope scope) {
      scopes.set(scope);
    }

    @Override
    protected Scope init(Scope scope) {
      return scope;
    }
  }

  @Override
  public ParallelExecutionConfiguration createConfiguration(ConfigurationParameters parameters) {
    return this;
  }

  @Override
  public int getParallelism() {
    return parallelism;
  }

  @Override
  public int getMinimumRunnable() {
    return 0;
  }

  @Override
  public int getMaxPoolSize() {
    return parallelism;
  }

  @Override
  public int getCorePoolSize() {
    return parallelism;
  }

  @Override
  public int getKeepAliveSeconds() {
    return 30;
  }

  @Override
  public Predicate<? super ForkJoinPool> getSaturatePredicate() {
    return pool -> true;
  }
}
