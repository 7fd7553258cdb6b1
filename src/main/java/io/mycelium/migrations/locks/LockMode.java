package io.mycelium.migrations.locks;

import java.util.Arrays;

/** The locks of PostgreSQL on a relation, the weakest first, and who waits for each. */
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

  /** The one that pg_locks calls by a name, such as {@code ShareRowExclusiveLock}. */
  static LockMode of(String name) {
    return Arrays.stream(values()).filter(mode -> (mode.name().replace("_", "") + "LOCK").equalsIgnoreCase(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name));
  }

  /** Whose statements wait while somebody holds it. */
  String waits() {
    return waits;
  }

  /** Whether readers or writers wait. */
  boolean blocks() {
    return compareTo(SHARE) >= 0;
  }

  /** As the statement LOCK and PostgreSQL's manual write it. */
  @Override
  public String toString() {
    return name().replace('_', ' ');
  }
}
