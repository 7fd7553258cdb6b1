package io.mycelium.migrations.locks;

import java.util.Arrays;

/** PostgreSQL's locks on a relation, the weakest first, and who waits while somebody holds one. */
enum LockMode {
  ACCESS_SHARE("nobody"),
  ROW_SHARE("nobody"),
  ROW_EXCLUSIVE("nobody"),
  SHARE_UPDATE_EXCLUSIVE("other schema changes"),
  SHARE("writers"),
  SHARE_ROW_EXCLUSIVE("writers"),
  EXCLUSIVE("writers"),
  ACCESS_EXCLUSIVE("readers and writers");

  private final String waits;

  LockMode(String waits) {
    this.waits = waits;
  }

  /** The lock of a name in pg_locks, such as {@code ShareRowExclusiveLock}. */
  static LockMode of(String name) {
    return Arrays.stream(values())
        .filter(mode -> (mode.name().replace("_", "") + "LOCK").equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name));
  }

  /** Whose statements wait while somebody holds the lock. */
  String waits() {
    return waits;
  }

  /** Whether readers or writers wait for it. */
  boolean blocks() {
    return compareTo(SHARE) >= 0;
  }

  /** Its name in the statement LOCK and in PostgreSQL's manual. */
  @Override
  public String toString() {
    return name().replace('_', ' ');
  }
}
