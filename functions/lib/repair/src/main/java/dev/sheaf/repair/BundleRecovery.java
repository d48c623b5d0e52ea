package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.Inventory;
import dev.sheaf.repository.ObjectRows;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-makes lost objects out of the bundles that brought them, by the one intake: the same reading,
 * proving and storing as on their first day.
 *
 * <p>A bundle that is read gives back all that the listing lacks of it, not only what is asked for
 * now: after the loss of a whole prefix every bundle is read once, however the ids are spread.
 */
final class BundleRecovery {
  private static final Logger log = LoggerFactory.getLogger(BundleRecovery.class);

  private final Intake.Ports ports;
  private final BundleReader reader;
  private final Inventory inventory;
  private final Presence presence;
  private final Counters counters;
  private final Set<ContentId> restored = new HashSet<>();
  private final Set<String> read = new HashSet<>();
  private boolean isCertain = true;

  BundleRecovery(
      Intake.Ports ports,
      BundleReader reader,
      Inventory inventory,
      Presence presence,
      Counters counters) {
    this.ports = ports;
    this.reader = reader;
    this.inventory = inventory;
    this.presence = presence;
    this.counters = counters;
  }

  /** Whether an object has come back already, in this invocation. */
  boolean hasRestored(ContentId id) {
    return restored.contains(id);
  }

  /** Whether no bundle was passed over that may be read another time. */
  boolean hasSeenAll() {
    return isCertain;
  }

  /**
   * Brings objects back.
   *
   * @param lost objects that are not in the store
   * @param isShortOfTime asked before each bundle
   * @return whether time sufficed to look everywhere; {@link #hasRestored} tells what came back
   */
  boolean restore(Collection<ContentId> lost, BooleanSupplier isShortOfTime) {
    Set<ContentId> wanted = new HashSet<>(lost);
    wanted.removeAll(restored);
    for (List<Inventory.Holder> repository : byRepository(wanted)) {
      Set<ContentId> here = new HashSet<>();
      repository.forEach(holder -> here.add(holder.object()));
      for (Inventory.Item bundle : candidates(repository)) {
        here.removeAll(restored);
        if (here.isEmpty()) {
          break;
        }
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        restoreFrom(repository.getFirst(), bundle, wanted);
      }
    }
    return true;
  }

  private Collection<List<Inventory.Holder>> byRepository(Set<ContentId> wanted) {
    Map<String, List<Inventory.Holder>> repositories = new LinkedHashMap<>();
    if (!wanted.isEmpty()) {
      inventory
          .holders(wanted)
          .forEach(holder ->
              repositories.computeIfAbsent(holder.repoId(), _ -> new ArrayList<>()).add(holder));
    }
    return repositories.values();
  }

  /**
   * The bundles that are there, likely ones first: an object came with the last bundle that had
   * been registered when its repository got it, and the bundle of most objects is read first.
   */
  private List<Inventory.Item> candidates(List<Inventory.Holder> repository) {
    List<Inventory.Item> bundles =
        inventory.bundlesOf(repository.getFirst()).stream()
            .filter(bundle -> !read.contains(bundle.key()))
            .toList();
    Map<String, Long> votes = new HashMap<>();
    for (Inventory.Holder holder : repository) {
      bundles.stream()
          .filter(bundle -> !bundle.since().isAfter(holder.since()))
          .findFirst() // they come newest first
          .ifPresent(bundle -> votes.merge(bundle.key(), 1L, Long::sum));
    }
    List<Inventory.Item> there = new ArrayList<>(present(bundles));
    there.sort(
        Comparator.comparing((Inventory.Item bundle) -> votes.getOrDefault(bundle.key(), 0L))
            .reversed()); // stable
    return there;
  }

  private List<Inventory.Item> present(List<Inventory.Item> bundles) {
    if (!presence.isListed()) {
      return bundles; // a GET says it for the same price
    }
    List<Standing> standings =
        presence.of(Kind.BUNDLE, bundles.stream().map(Inventory.Item::key).toList());
    List<Inventory.Item> present = new ArrayList<>();
    for (int i = 0; i < bundles.size(); i++) {
      if (standings.get(i) instanceof Standing.Present) {
        present.add(bundles.get(i));
      }
    }
    return present;
  }

  private void restoreFrom(
      Inventory.Holder repository, Inventory.Item bundle, Set<ContentId> wanted) {
    try (Intake intake = Intake.recovering(ports, repository.repoId(), id -> isLost(id, wanted))) {
      ObjectStore.Download download = open(bundle);
      try (download) {
        reader.withoutHashing().read(download.body(), intake.sink());
      }
      List<ObjectRows.Stored> stored = intake.restore();
      stored.forEach(object -> restored.add(object.id()));
      counters.add(Counter.REMADE_FROM_BUNDLE, stored.size());
      read.add(bundle.key());
    } catch (SheafException e) {
      failed(bundle, e);
    } catch (IOException e) {
      failed(bundle, new SheafException(ErrorKind.UNAVAILABLE, String.valueOf(e), e));
    }
  }

  private ObjectStore.Download open(Inventory.Item bundle) {
    return ports
        .store()
        .get(bundle.key(), ObjectStore.Read.WHOLE)
        .orElseThrow(() -> new SheafException(ErrorKind.NOT_FOUND, bundle.key() + " is gone"));
  }

  /** Of a bundle that cannot be read nothing is believed; one that may be read later is tried. */
  private void failed(Inventory.Item bundle, SheafException e) {
    counters.add(Counter.READ_BLOB_FAIL);
    log.warn("bundle {} gives no objects back: {}", bundle.key(), e.getMessage());
    if (e.kind() == ErrorKind.UNAVAILABLE) {
      isCertain = false;
    } else {
      read.add(bundle.key());
    }
  }

  /** A PUT says whether what the listing lacks is there after all. */
  private boolean isLost(ContentId id, Set<ContentId> wanted) {
    return !restored.contains(id)
        && (wanted.contains(id)
            || (presence instanceof PresenceIndex index
                && index.of(Kind.OBJECT, ObjectKeys.object(id)).equals(Standing.ABSENT)));
  }
}
