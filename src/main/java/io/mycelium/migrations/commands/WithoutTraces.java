package io.mycelium.migrations.commands;

import java.util.logging.Level;
import liquibase.logging.LogService;
import liquibase.logging.Logger;
import liquibase.logging.core.AbstractLogService;
import liquibase.logging.core.AbstractLogger;

/**
 * A log that leaves out messages with an exception. Liquibase logs a failed precondition or changeset with its stack
 * trace, and then throws the same exception, which Maven prints. Without this log, a person would read the reason
 * twice.
 */
final class WithoutTraces extends AbstractLogService {

  private final LogService all;

  WithoutTraces(LogService all) {
    this.all = all;
  }

  @Override
  public int getPriority() {
    return PRIORITY_NOT_APPLICABLE;
  }

  @Override
  @SuppressWarnings("rawtypes") // as Liquibase declares it
  public Logger getLog(Class type) {
    Logger log = all.getLog(type);
    return new AbstractLogger() {
      @Override
      public void log(Level level, String message, Throwable thrown) {
        if (thrown == null) {
          log.log(level, message, null);
        }
      }

      @Override
      public void close() {
        // whoever has the other log closes it
      }
    };
  }
}
