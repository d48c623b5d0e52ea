package dev.sheaf.repair;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.HeadPresence;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a listing can be believed. A complete one may still lie: a page of yesterday, a bucket
 * that is not mounted, a proxy that cuts. So a sample of what the catalog has known for a while is
 * looked up in it, and the store is asked by HEAD for each that it lacks. One that is there after
 * all is one too many. That the listing is short, or empty, says nothing against it as long as the
 * store itself agrees: then that much is lost indeed.
 */
final class Evidence {
  /** Clocks of functions differ, and rows are written after the objects that they tell of. */
  private static final Duration SETTLED = Duration.ofMinutes(5);

  private final Inventory inventory;
  private final ObjectStore store;
  private final Peers peers;
  private final Counters counters;

  Evidence(Inventory inventory, ObjectStore store, Peers peers, Counters counters) {
    this.inventory = inventory;
    this.store = store;
    this.peers = peers;
    this.counters = counters;
  }

  /** Why the listing is not to be believed; empty when it is. */
  Optional<String> against(PresenceIndex index) {
    var listing = index.listing();
    List<String> sample =
        inventory
            .sample(
                listing.startedAt().minus(SETTLED),
                listing.startedAt().getEpochSecond() / 60,
                index.range().from(Inventory.PLACES),
                index.range().to(Inventory.PLACES))
            .stream()
            .filter(key -> index.lists(kind(key)))
            .toList();
    List<String> missing =
        sample.stream()
            .filter(key -> isMine(key) && index.of(kind(key), key).equals(Standing.ABSENT))
            .toList();
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    counters.add(Counter.HEAD_CONFIRM, missing.size());
    List<Standing> heads = new HeadPresence(store).of(Kind.OBJECT, missing);
    List<String> there = new ArrayList<>();
    for (int i = 0; i < missing.size(); i++) {
      if (!(heads.get(i) instanceof Standing.Absent)) {
        there.add(missing.get(i));
      }
    }
    return there.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "of %d known keys the listing lacks %d, and the store has %d of these or does not say: %s"
                .formatted(sample.size(), missing.size(), there.size(), there.getFirst()));
  }

  /** That a bundle is not here which others are to have says nothing. */
  private boolean isMine(String key) {
    ObjectKeys.BundleKey bundle = ObjectKeys.parseBundle(key);
    return bundle == null || peers.isMine(Kind.BUNDLE, bundle.bundle());
  }

  private static Kind kind(String key) {
    if (key.startsWith(GitKeys.GIT)) {
      return Kind.GIT;
    }
    return key.startsWith(ObjectKeys.BUNDLES) ? Kind.BUNDLE : Kind.OBJECT;
  }
}
