package dev.sheaf.api.push;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.job.Refusals;
import dev.sheaf.storage.ObjectStore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Notes of uploads that their pushes were refused, for every door: what a client was told not to
 * happen must not come about by the upload's own event.
 */
public final class RefusedUploads {
  private final StoredBundles bundles;
  private final Refusals refusals;

  public RefusedUploads(ObjectStore store, Refusals refusals) {
    this.bundles = new StoredBundles(store);
    this.refusals = refusals;
  }

  /**
   * Reads an announcement. One that asks for what cannot be is refused like any other.
   *
   * @param bundle what is announced; null for nothing that was uploaded
   */
  <T> T unlessRefused(Repo repo, @Nullable ContentId bundle, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (SheafException e) {
      note(repo, bundle, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /** Notes it of whatever is uploaded, proven or not. */
  public void note(Repo repo, @Nullable ContentId bundle, String reason) {
    if (bundle != null) {
      bundles.find(repo, bundle).ifPresent(stored -> note(repo, bundle, stored, reason));
    }
  }

  /** Notes it of an upload that was looked at. */
  void note(Repo repo, ContentId bundle, ObjectStore.StoredObject upload, String reason) {
    refusals.note(repo, bundle, upload.lastModified(), reason);
  }
}
