package dev.sheaf.repair;

import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Notes the ETags of what has been proven, so that the next listing proves it for nothing. */
final class Etags {
  private final Catalog catalog;
  private final String bucket;

  Etags(Catalog catalog, String bucket) {
    this.catalog = catalog;
    this.bucket = bucket;
  }

  /**
   * A thing that is in the store.
   *
   * @param etag null where it was there before, and of an object what was noted holds no more
   */
  record Proven(Inventory.Item item, long sizeBytes, @Nullable String etag) {}

  void note(Kind kind, List<Proven> proven, Instant now) {
    if (kind == Kind.OBJECT) {
      List<ObjectRows.Stored> objects =
          proven.stream()
              .map(one -> new ObjectRows.Stored(one.item().id(), one.sizeBytes(), one.etag()))
              .toList();
      new ObjectRows(catalog).putStored(objects, bucket, now);
      return;
    }
    Map<Inventory.Item, String> etags = new LinkedHashMap<>();
    for (Proven one : proven) {
      if (one.etag() != null) {
        etags.put(one.item(), one.etag());
      }
    }
    switch (kind) {
      case BUNDLE -> new Inventory(catalog).proven(etags);
      case GIT -> new GitInventory(catalog).proven(etags);
      case PACK -> new Inventory(catalog).provenAnswers(etags);
      case OBJECT -> throw new IllegalStateException("noted above");
    }
  }
}
