package io.mycelium.migrations.locks;

/**
 * A relation that was there before, and what a changeset or its rollback does to it.
 *
 * @param changeSet the changeset's id
 * @param direction {@code update} or {@code rollback}
 * @param relation the relation's name
 * @param lock the strongest lock on it, as the statement LOCK writes it
 * @param waits who waits for it: {@code nobody}, {@code other schema changes}, {@code writers} or {@code readers and writers}
 * @param meanwhile what is done while it is held; {@code an instant} where the catalog alone changes
 */
public record Touched(String changeSet, String direction, String relation, String lock, String waits, String meanwhile) {

  /** In a line, for people. */
  @Override
  public String toString() {
    return "%s: %s of `%s` wait%s (%s)%s".formatted(direction, waits, relation, waits.equals("nobody") ? "s" : "", lock, meanwhile.isEmpty() ? "" : ": " + meanwhile);
  }
}
