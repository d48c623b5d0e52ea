package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.storage.ObjectStore;

/**
 * A namespace as a replica sees it that starts now.
 *
 * @param state everything it holds
 * @param mark how far the rollup goes
 * @param segments segments that are listed, folded ones included
 * @param live segments above the mark, which make up the state together with the rollup
 */
public record Snapshot(Namespace namespace, JsonObject state, Mark mark, int segments, int live) {
  /**
   * Reads a namespace as a new replica does, with one flush; like any replica it makes the first
   * rollup of a namespace that has none.
   *
   * @throws dev.sheaf.bundle.SheafException CORRUPT when an object cannot be read, and names it
   */
  public static Snapshot take(ObjectStore bucket, Namespace namespace, JournalOptions options) {
    NamespaceStore store = new NamespaceStore(bucket, namespace, options.host());
    Replica replica = new Replica(options.host().nanoTime());
    NamespaceListing listing = new Tick(store, replica, new ThreadFanOut(options.fetches())).run();
    Rollup rollup = replica.rollup();
    Mark mark = rollup == null ? Mark.ZERO : rollup.mark();
    long live = listing.segments().stream().filter(segment -> !segment.coveredBy(mark)).count();
    return new Snapshot(
        namespace, replica.read(State::toJson), mark, listing.segments().size(), (int) live);
  }
}
