package dev.sheaf.api.mwp;

import dev.sheaf.api.fetch.SpoolDirectory;
import dev.sheaf.api.push.RefusedUploads;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Takes in what a client sent piece by piece, as the bundle that it becomes.
 *
 * <p>The bundle is put into the store as the last thing before the commit, when nothing can refuse
 * the push any more: a refused push leaves nothing behind but its incoming objects. A commit that
 * fails after that leaves a bundle that its upload's event brings in, as the client wanted; of one
 * that is refused after all, since others were in its way, the refusal is noted.
 */
public final class StreamIntake {
  private final ObjectStore store;
  private final ObjectRows rows;
  private final Pushes pushes;
  private final RefusedUploads refused;
  private final Supplier<BundleReader> reader;
  private final InstantSource clock;
  private final Path spoolParent;
  private final IncomingObjects incoming;
  private final ReceivedBundles bundles;

  /**
   * @param spoolParent where temporary files go
   */
  public StreamIntake(
      ObjectStore store,
      ObjectRows rows,
      Pushes pushes,
      RefusedUploads refused,
      Supplier<BundleReader> reader,
      InstantSource clock,
      Path spoolParent) {
    this.store = store;
    this.rows = rows;
    this.pushes = pushes;
    this.refused = refused;
    this.reader = reader;
    this.clock = clock;
    this.spoolParent = spoolParent;
    this.incoming = new IncomingObjects(store);
    this.bundles = new ReceivedBundles(incoming);
  }

  /** The reader of what clients send. */
  BundleReader reader() {
    return reader.get();
  }

  /**
   * Takes in a push.
   *
   * @param heads branch to new head; empty for none
   * @throws dev.sheaf.repository.NotFastForwardException when a branch may not move there
   * @throws SheafException of kind INVALID when the push is at fault
   */
  Pushes.Result take(Repo repo, Pieces pieces, Map<String, String> heads, boolean force) {
    SortedMap<ContentId, Long> ahead =
        new TreeMap<>(incoming.sizes(repo, rows.missing(repo.repoId(), pieces.named())));
    Pushes.Result result;
    try (SpoolDirectory spool = SpoolDirectory.below(spoolParent)) {
      ReceivedBundles.Written bundle = bundles.write(repo, pieces, ahead, spool);
      Pushes.Request request =
          new Pushes.Request(
              repo, bundle.sha256(), bundle.file().size(), heads, force, Map.of(), clock.instant());
      result = taken(request, bundle);
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "the function's temporary space failed; push again", e);
    }
    incoming.clear(repo, ahead.keySet());
    return result;
  }

  private Pushes.Result taken(Pushes.Request request, ReceivedBundles.Written bundle)
      throws IOException {
    Repo repo = request.repo();
    AtomicBoolean isKept = new AtomicBoolean();
    try {
      return pushes.takeIn(
          request,
          reader(),
          bundle.file(),
          () -> {
            isKept.set(true);
            keep(repo, bundle);
          });
    } catch (SheafException e) {
      // Where nobody knows what became of the commit, the upload's event ends it.
      boolean isRefused = e.kind() != ErrorKind.UNAVAILABLE && e.kind() != ErrorKind.SITE;
      if (isKept.get() && isRefused) {
        refused.note(repo, bundle.sha256(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private void keep(Repo repo, ReceivedBundles.Written bundle) {
    store.put(
        ObjectKeys.bundle(repo.owner(), repo.name(), bundle.sha256()),
        bundle.file(),
        bundle.sha256(),
        ObjectStore.Condition.IF_ABSENT,
        "application/x-msgpack");
  }
}
