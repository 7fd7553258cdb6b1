package io.mycelium.migrations.locks;

/**
 * What a changeset or its rollback does to a relation that was there before.
 *
 * @param changeSet the changeset's id
 * @param direction {@code update} or {@code rollback}
 * @param relation the relation's name
 * @param lock the strongest lock on it, as in the statement LOCK
 * @param waits who waits for it: {@code nobody}, {@code other schema changes}, {@code writers} or
 *          {@code readers and writers}
 * @param meanwhile what happens while the lock is held; {@code an instant} if only the catalog changes
 */
public record Touched(String changeSet, String direction, String relation, String lock, String waits,
    String meanwhile) {

  /** A line for people. */
  @Override
  public String toString() {
    String who = waits.equals("nobody") ? "nobody waits for `%s`" : waits + " of `%s` wait";
    return direction + ": " + who.formatted(relation) + " (" + lock + ")"
        + (meanwhile.isEmpty() ? "" : ": " + meanwhile);
  }
}
