package io.mycelium.migrations;

import java.util.function.Predicate;
import java.util.concurrent.ForkJoinPool;
import liquibase.Scope;
import liquibase.ThreadLocalScopeManager;
import org.junit.platform.engine.ConfigurationParameters;
import org.junit.platform.engine.support.hierarchical.ParallelExecutionConfiguration;
import org.junit.platform.engine.support.hierarchical.ParallelExecutionConfigurationStrategy;

/** How many test classes run at once: as many as there are processors, but one on the embedded database, which has one session. */
public final class Parallelism implements ParallelExecutionConfigurationStrategy, ParallelExecutionConfiguration {

  private final int parallelism = TestDatabase.hasOneSession() ? 1 : Runtime.getRuntime().availableProcessors();

  public Parallelism() {
    Scope.setScopeManager(new ThreadLocalScopeManager()); // or Liquibase would take what one thread does for all of them
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
