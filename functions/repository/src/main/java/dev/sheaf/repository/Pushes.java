package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.SortedMap;

/**
 * Takes in a push whose bundle is in the store and proven: moves branches at once, makes a small
 * bundle readable at once, and sees to it that there is one job for the bundle.
 *
 * <p>All or nothing: a push that is refused changes nothing that could be read.
 */
public final class Pushes {
  /** An object of a small push above this many bytes goes straight to the store. */
  public static final int CACHED_OBJECT_BYTES = 1 << 20;

  /** A small push keeps at most this many bytes of content in the catalog. */
  public static final int CACHED_PUSH_BYTES = 16 << 20;

  private final Catalog catalog;
  private final ObjectStore store;
  private final Jobs jobs;
  private final InstantSource clock;

  public Pushes(Catalog catalog, ObjectStore store, Jobs jobs, InstantSource clock) {
    this.catalog = catalog;
    this.store = store;
    this.jobs = jobs;
    this.clock = clock;
  }

  /**
   * What a client asks for.
   *
   * @param bundle a bundle under the repository's key, whose bytes are proven
   * @param heads branch to new head; may be empty
   * @param force whether branches and tags may move anywhere
   * @param expectedHeads branch to the head that the client built on; used when nobody reads the
   *     bundle now
   */
  public record Request(
      Repo repo,
      ContentId bundle,
      long sizeBytes,
      Map<String, String> heads,
      boolean force,
      Map<String, String> expectedHeads) {}

  /**
   * What became of it.
   *
   * @param branchHeads all heads of the repository now
   * @param job the job that indexes the bundle, or did
   * @param ingested what the bundle holds; null when nobody has read it yet
   */
  public record Result(
      SortedMap<String, String> branchHeads,
      Job job,
      Ingest.@org.jspecify.annotations.Nullable Counts ingested) {}

  /**
   * Whether a bundle can be taken in without waiting for a worker: no earlier job of the repository
   * is still to run, so everything that it may build on is there.
   */
  public boolean canReadNow(Request request) {
    return Pending.value(catalog, store, jobs, clock);
  }

  /**
   * Takes in a small bundle whole: history, object rows, refs. Each object's id is checked against
   * its bytes.
   *
   * @throws NotFastForwardException when a branch or tag may not move there
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the bundle is at fault: see {@link
   *     Ingest#prepare}
   */
  public Result readNow(Request request, BundleReader reader, InputStream wire) throws IOException {
    return Pending.value();
  }

  /**
   * Takes in a bundle without reading it: a worker will. Branches move where {@link Request#force}
   * or {@link Request#expectedHeads} allows it, or, for a bundle that is indexed already, by true
   * ancestry.
   *
   * @throws NotFastForwardException when a branch may not move there
   */
  public Result readLater(Request request) {
    return Pending.value();
  }
}
