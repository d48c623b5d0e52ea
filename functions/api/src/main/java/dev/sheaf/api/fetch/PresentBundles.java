package dev.sheaf.api.fetch;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which bundles the store still has: by a HEAD each where they are few, as in a pull, and else by a
 * LIST of the repository's bundles, a request per thousand. A LIST costs as much as twelve HEADs.
 */
final class PresentBundles {
  private static final int FEW = 12;

  private final ObjectStore store;

  PresentBundles(ObjectStore store) {
    this.store = store;
  }

  /** Those of the bundles that are there, in the order given. */
  List<Bundles.Stored> of(Repo repo, List<Bundles.Stored> bundles) {
    if (bundles.isEmpty()) {
      return bundles;
    }
    Set<String> keys = bundles.size() <= FEW ? looked(repo, bundles) : listed(repo, bundles);
    return bundles.stream().filter(bundle -> keys.contains(key(repo, bundle))).toList();
  }

  private Set<String> looked(Repo repo, List<Bundles.Stored> bundles) {
    Set<String> keys = new HashSet<>();
    try (ParallelCalls<String> heads = new ParallelCalls<>(FEW)) {
      for (Bundles.Stored bundle : bundles) {
        String key = key(repo, bundle);
        heads.submit(() -> store.head(key).isPresent() ? key : "");
      }
      keys.addAll(heads.results());
    }
    return keys;
  }

  private Set<String> listed(Repo repo, List<Bundles.Stored> bundles) {
    Set<String> keys = listed(ObjectKeys.bundlesOf(repo.owner(), repo.name()));
    if (bundles.stream().anyMatch(Bundles.Stored::isMerged)) {
      keys.addAll(listed(ObjectKeys.mergedOf(repo.owner(), repo.name())));
    }
    return keys;
  }

  private Set<String> listed(String prefix) {
    Set<String> keys = new HashSet<>();
    ObjectStore.Page page = store.list(prefix, null, null);
    page.objects().forEach(object -> keys.add(object.key()));
    while (page.next() != null) {
      page = store.list(prefix, null, page.next());
      page.objects().forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  /** Where a bundle of a plan lies. */
  static String key(Repo repo, Bundles.Stored bundle) {
    return bundle.isMerged()
        ? ObjectKeys.merged(repo.owner(), repo.name(), bundle.bundle())
        : ObjectKeys.bundle(repo.owner(), repo.name(), bundle.bundle());
  }
}
