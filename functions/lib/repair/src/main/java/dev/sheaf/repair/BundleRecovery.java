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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Re-makes lost objects out of the bundles that brought them, by the one intake: the same reading,
 * proving and storing as on their first day.
 *
 * <p>A bundle that is read gives back all that the listing lacks of it, not only what is asked for
 * now: after the loss of a whole prefix every bundle is read once, however the ids are spread. A
 * bundle that this site does not have is read at a peer, after those that it has. Of one that is
 * damaged, where it is or put aside, comes back what is not (see {@link Salvage}).
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
  private final Salvage salvage;
  private @Nullable Set<String> aside;
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
    this.salvage = new Salvage(ports, reader);
  }

  /** Whether an object has come back already, in this invocation. */
  boolean hasRestored(ContentId id) {
    return restored.contains(id);
  }

  /** A bundle is here that was not when the bucket was listed. */
  void hasCome(Inventory.Item bundle) {
    come.add(bundle.key());
  }

  /** The bundle in which an object is damaged; empty where none is known. */
  Optional<String> damagedIn(ContentId id) {
    return salvage.damagedIn(id);
  }

  /** Whether no bundle was passed over that may be read another time. */
  boolean hasSeenAll() {
    return isCertain;
  }

  /** Which bundles are read. */
  enum Scope {
    /** Those with which objects that are lost are likely to have come. */
    LIKELY,
    /** All of their repositories. */
    ALL
  }

  /**
   * Brings objects back.
   *
   * @param lost objects that are not in the store
   * @param isShortOfTime asked before each bundle
   * @return whether time sufficed to look everywhere; {@link #hasRestored} tells what came back
   */
  boolean restore(Collection<ContentId> lost, Scope scope, BooleanSupplier isShortOfTime) {
    Set<ContentId> wanted = new HashSet<>(lost);
    wanted.removeAll(restored);
    for (List<Inventory.Holder> repository : byRepository(wanted)) {
      Set<ContentId> here = new HashSet<>();
      repository.forEach(holder -> here.add(holder.object()));
      for (Candidate candidate : candidates(repository, scope)) {
        here.removeAll(restored);
        if (here.isEmpty()) {
          break;
        }
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        restoreFrom(repository.getFirst(), candidate, here, wanted);
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
  private List<Candidate> candidates(List<Inventory.Holder> repository, Scope scope) {
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
        .filter(bundle -> scope == Scope.ALL || votes.containsKey(bundle.key()))
        .map(bundle -> new Candidate(bundle, here.contains(bundle.key())))
        .filter(candidate -> candidate.isHere() || peers.hasOthers() || isAside(candidate.bundle()))
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

  /** What is wanted of a repository's bundle: first out of this site's, then out of a peer's. */
  private void restoreFrom(
      Inventory.Holder repository,
      Candidate candidate,
      Set<ContentId> here,
      Set<ContentId> wanted) {
    Inventory.Item bundle = candidate.bundle();
    String repoId = repository.repoId();
    boolean isRead = false;
    boolean hasFailed = false;
    if (candidate.isHere()) {
      Optional<Boolean> tried = tried(bundle, () -> isReadHere(bundle, repoId, wanted));
      isRead = tried.orElse(false);
      hasFailed = tried.isEmpty();
    }
    if (!isRead && isAside(bundle)) {
      hasFailed |=
          tried(
                  bundle,
                  () -> {
                    salvage(ObjectKeys.damaged(bundle.key()), repoId, wanted);
                    return true;
                  })
              .isEmpty();
    }
    if (!isRead && peers.hasOthers() && !restored.containsAll(here)) {
      hasFailed |=
          tried(
                  bundle,
                  () -> {
                    readAtPeer(bundle, repoId, wanted);
                    return true;
                  })
              .isEmpty();
    }
    if (!hasFailed) {
      read.add(bundle.key());
    }
  }

  /** Somewhere to have a bundle from. */
  @FunctionalInterface
  private interface Source {
    boolean isRead() throws IOException;
  }

  /** Where one source fails, the next one may have it; empty when this one has. */
  private Optional<Boolean> tried(Inventory.Item bundle, Source source) {
    try {
      return Optional.of(source.isRead());
    } catch (SheafException e) {
      failed(bundle, e);
    } catch (IOException e) {
      failed(bundle, new SheafException(ErrorKind.UNAVAILABLE, String.valueOf(e), e));
    }
    return Optional.empty();
  }

  private boolean isAside(Inventory.Item bundle) {
    if (aside == null) {
      aside = aside();
    }
    return aside.contains(bundle.key());
  }

  private Set<String> aside() {
    try {
      return DamagedCopies.kept(ports.store());
    } catch (SheafException e) {
      log.warn("what was put aside is not known: {}", e.getMessage());
      isCertain = false;
      return Set.of();
    }
  }

  /** False when it is damaged, or gone since it was listed. */
  private boolean isReadHere(Inventory.Item bundle, String repoId, Set<ContentId> wanted)
      throws IOException {
    Optional<ObjectStore.Download> here = ports.store().get(bundle.key(), ObjectStore.Read.WHOLE);
    if (here.isEmpty()) {
      counters.add(Counter.READ_BLOB_FAIL);
      return false;
    }
    try (ObjectStore.Download download = here.get()) {
      read(download.body(), repoId, wanted);
      return true;
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
      counters.add(Counter.READ_BLOB_FAIL);
      log.warn("bundle {} is damaged: {}", bundle.key(), e.getMessage());
    }
    salvage(bundle.key(), repoId, wanted);
    return false;
  }

  private void salvage(String key, String repoId, Set<ContentId> wanted) throws IOException {
    restored(salvage.from(key, repoId, id -> isLost(id, wanted)));
  }

  private void readAtPeer(Inventory.Item bundle, String repoId, Set<ContentId> wanted)
      throws IOException {
    Optional<FileContent> brought = peers.bring(bundle.id());
    if (brought.isEmpty()) {
      return;
    }
    counters.add(Counter.BUNDLES_READ_AT_PEERS);
    try (InputStream in = new BufferedInputStream(brought.get().open(), 1 << 16)) {
      read(in, repoId, wanted);
    } finally {
      Peers.delete(brought.get());
    }
  }

  private void read(InputStream bundle, String repoId, Set<ContentId> wanted) throws IOException {
    try (Intake intake = Intake.recovering(ports, repoId, id -> isLost(id, wanted))) {
      reader.withoutHashing().read(bundle, intake.sink());
      restored(intake.restore());
    }
  }

  private void restored(List<ObjectRows.Stored> objects) {
    objects.forEach(object -> restored.add(object.id()));
    counters.add(Counter.REMADE_FROM_BUNDLE, objects.size());
  }

  /** One that may be read later is tried again. */
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
