package dev.sheaf.repository.intake;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts what the catalog holds for a repository into the store. That is the work of a push's job;
 * when a job is given up, what its push had been promised must not stay behind in the catalog.
 */
public final class Promotion {
  /** One push has at most 16 MiB in the catalog: some of them are held in memory at a time. */
  private static final int PAGE = 500;

  private final Intake.Ports ports;

  public Promotion(Intake.Ports ports) {
    this.ports = ports;
  }

  /**
   * Promotes all that waits, page by page; each is done for good.
   *
   * @return how many objects were put into the store
   * @throws dev.sheaf.bundle.SheafException when the store refuses: what it did not take stays in
   *     the catalog, where it can be read
   */
  public int promote(String repoId) {
    ObjectRows rows = new ObjectRows(ports.catalog());
    int promoted = 0;
    List<ContentId> page = rows.waiting(repoId, PAGE);
    while (!page.isEmpty()) {
      List<ObjectRows.Stored> stored = put(page);
      write(repoId, stored, page);
      promoted += stored.size();
      page = rows.waiting(repoId, PAGE);
    }
    return promoted;
  }

  private List<ObjectRows.Stored> put(List<ContentId> page) {
    List<Location> locations = new ArrayList<>();
    page.forEach(id -> locations.add(new Location(id, 0, null)));
    var contents = new RepositoryObjects(ports.catalog(), ports.store()).readCached(locations);
    Limits limits = ports.limits();
    PutPool puts = new PutPool(ports.store(), limits.putSlots(), limits.rawBytes());
    contents.forEach((id, bytes) ->
        puts.put(new RawObject(id, Content.of(bytes), null), ObjectStore.Condition.ALWAYS));
    puts.await();
    puts.throwIfFailed();
    return puts.stored();
  }

  /** Those that are no longer in the catalog were stored by somebody else meanwhile. */
  private void write(String repoId, List<ObjectRows.Stored> stored, List<ContentId> page) {
    Instant now = ports.time().instant();
    ports
        .catalog()
        .transaction((Catalog transaction) -> {
          ObjectRows rows = new ObjectRows(transaction);
          rows.putHeld(repoId, stored, ports.store().bucket(), now);
          rows.putRefs(repoId, page, now);
          return page.size();
        });
  }
}
