package dev.sheaf.localstack.embedded.queue;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.ObjectKeys.BundleKey;
import dev.sheaf.localstack.servers.s3.awssdk.ObjectCreated;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Uploads whose events were lost with the queue, which is in memory, when a stack ended: bundles
 * that lie in the bucket and that the catalog knows nothing of. Those that it has noted have jobs.
 */
public final class MissedUploads {
  private final ObjectStore store;
  private final Bundles bundles;

  public MissedUploads(ObjectStore store, Bundles bundles) {
    this.store = store;
    this.bundles = bundles;
  }

  /** Tells of each once more, in the order in which they came. */
  public void announce(Consumer<ObjectCreated> listener) {
    List<StoredObject> missed = new ArrayList<>();
    ObjectStore.Page page = store.list(ObjectKeys.BUNDLES, null, null);
    missed.addAll(missed(page));
    while (page.next() != null) {
      page = store.list(ObjectKeys.BUNDLES, null, page.next());
      missed.addAll(missed(page));
    }
    missed.sort(Comparator.comparing(StoredObject::lastModified).thenComparing(StoredObject::key));
    for (StoredObject object : missed) {
      listener.accept(
          new ObjectCreated(
              "ObjectCreated:Put",
              store.bucket(),
              object.key(),
              object.size(),
              object.etag(),
              object.lastModified(),
              object.lastModified().toEpochMilli()));
    }
  }

  private record Place(String owner, String repo) {}

  private List<StoredObject> missed(ObjectStore.Page page) {
    Map<BundleKey, StoredObject> found = new TreeMap<>(Comparator.comparing(BundleKey::toString));
    for (StoredObject object : page.objects()) {
      BundleKey key = ObjectKeys.parseBundle(object.key());
      if (key != null) {
        found.put(key, object);
      }
    }
    Map<Place, List<BundleKey>> places =
        found.keySet().stream()
            .collect(Collectors.groupingBy(key -> new Place(key.owner(), key.repo())));
    places.forEach((place, keys) -> {
      var noted =
          bundles.noted(place.owner, place.repo, keys.stream().map(BundleKey::bundle).toList());
      keys.stream().filter(key -> noted.contains(key.bundle())).forEach(found::remove);
    });
    return List.copyOf(found.values());
  }
}
