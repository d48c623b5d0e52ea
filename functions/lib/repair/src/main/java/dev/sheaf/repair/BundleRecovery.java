package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-makes lost objects out of the bundles that brought them, by the one intake: the same reading,
 * proving and storing as on their first day.
 *
 * <p>A bundle that is read gives back all that the listing lacks of it, not only what is asked for
 * now: after the loss of a whole prefix every bundle is read once, however the ids are spread. A
 * bundle that this site does not have is read at a peer, after those that it has.
 */
final class BundleRecovery {
  private static final Logger log = LoggerFactory.getLogger(BundleRecovery.class);

  private final Intake.Ports ports;
  private final BundleReader reader;
  private final Inventory inventory;
  private final Presence presence;
  private final Peers peers;
  private final Counters counters;
  private final Set<ContentId> restored = new HashSet<>();
  private final Set<String> read = new HashSet<>();
  private final Set<String> come = new HashSet<>();
  private boolean isCertain = true;

  BundleRecovery(
      Intake.Ports ports,
      BundleReader reader,
      Inventory inventory,
      Presence presence,
      Peers peers,
      Counters counters) {
    this.ports = ports;
    this.reader = reader;
    this.inventory = inventory;
    this.presence = presence;
    this.peers = peers;
    this.counters = counters;
  }

  /** Whether an object has come back already, in this invocation. */
  boolean hasRestored(ContentId id) {
    return restored.contains(id);
  }

  /** A bundle is here that was not when the bucket was listed. */
  void hasCome(Inventory.Item bundle) {
    come.add(bundle.key());
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
      for (Candidate candidate : candidates(repository)) {
        here.removeAll(restored);
        if (here.isEmpty()) {
          break;
        }
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        restoreFrom(repository.getFirst(), candidate, wanted);
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

  private record Candidate(Inventory.Item bundle, boolean isHere) {}

  /**
   * Bundles, likely ones first: an object came with the last bundle that had been registered when
   * its repository got it, and the bundle of most objects is read first. Those that are not here
   * come last.
   */
  private List<Candidate> candidates(List<Inventory.Holder> repository) {
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
    Set<String> here = present(bundles);
    return bundles.stream()
        .map(bundle -> new Candidate(bundle, here.contains(bundle.key())))
        .filter(candidate -> candidate.isHere() || peers.hasOthers())
        .sorted(
            Comparator.comparing(Candidate::isHere)
                .thenComparing(one -> votes.getOrDefault(one.bundle().key(), 0L))
                .reversed()) // stable
        .toList();
  }

  private Set<String> present(List<Inventory.Item> bundles) {
    List<String> keys = bundles.stream().map(Inventory.Item::key).toList();
    if (!presence.isListed()) {
      return new HashSet<>(keys); // a GET says it for the same price
    }
    List<Standing> standings = presence.of(Kind.BUNDLE, keys);
    Set<String> present = new HashSet<>(come);
    for (int i = 0; i < keys.size(); i++) {
      if (standings.get(i) instanceof Standing.Present) {
        present.add(keys.get(i));
      }
    }
    return present;
  }

  private void restoreFrom(
      Inventory.Holder repository, Candidate candidate, Set<ContentId> wanted) {
    Inventory.Item bundle = candidate.bundle();
    try (Intake intake = Intake.recovering(ports, repository.repoId(), id -> isLost(id, wanted))) {
      boolean isRead = candidate.isHere() ? read(bundle, intake) : readAtPeer(bundle, intake);
      if (!isRead) {
        read.add(bundle.key());
        return;
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

  private boolean read(Inventory.Item bundle, Intake intake) throws IOException {
    Optional<ObjectStore.Download> here = ports.store().get(bundle.key(), ObjectStore.Read.WHOLE);
    if (here.isEmpty()) {
      throw new SheafException(ErrorKind.NOT_FOUND, bundle.key() + " is gone");
    }
    try (ObjectStore.Download download = here.get()) {
      reader.withoutHashing().read(download.body(), intake.sink());
    }
    return true;
  }

  /** False when nobody has it. */
  private boolean readAtPeer(Inventory.Item bundle, Intake intake) throws IOException {
    Optional<FileContent> brought = peers.bring(bundle.id());
    if (brought.isEmpty()) {
      return false;
    }
    counters.add(Counter.BUNDLES_READ_AT_PEERS);
    try (InputStream in = new BufferedInputStream(brought.get().open(), 1 << 16)) {
      reader.withoutHashing().read(in, intake.sink());
    } finally {
      Peers.delete(brought.get());
    }
    return true;
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
