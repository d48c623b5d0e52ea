package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads bundles for the lost objects in them: this site's, what was put aside of it, or a peer's.
 * Belongs to one invocation, and remembers which it has read and what has come of them.
 */
final class BundleSources {
  private static final Logger log = LoggerFactory.getLogger(BundleSources.class);

  private final Intake.Ports ports;
  private final BundleReader reader;
  private final Peers peers;
  private final Predicate<ContentId> isUnlisted;
  private final Attempts attempts;
  private final Counters counters;
  private final Set<ContentId> restored = new HashSet<>();
  private final Set<String> read = new HashSet<>();
  private final Set<String> passedOver = new HashSet<>();
  private final Salvage salvage;
  private @Nullable Set<String> aside;
  private boolean isAsideKnown = true;

  /**
   * @param isUnlisted whether a listing says that an object is not there
   */
  BundleSources(
      Intake.Ports ports,
      BundleReader reader,
      Peers peers,
      Predicate<ContentId> isUnlisted,
      Attempts attempts,
      Counters counters) {
    this.ports = ports;
    this.reader = reader;
    this.peers = peers;
    this.isUnlisted = isUnlisted;
    this.attempts = attempts;
    this.counters = counters;
    this.salvage = new Salvage(ports, reader);
  }

  /** Objects that have come back. */
  Set<ContentId> restored() {
    return restored;
  }

  /** Whether a bundle need not be read again for what was asked for until now. */
  boolean isRead(Inventory.Item bundle) {
    return read.contains(bundle.key());
  }

  /** Other objects are wanted now, which may be in those that have been read. */
  void forgetRead() {
    read.clear();
  }

  /** Whether a bundle was asked for and did not answer. */
  boolean isPassedOver(Inventory.Item bundle) {
    return passedOver.contains(bundle.key());
  }

  /** The bundle in which an object is damaged; empty where none is known. */
  Optional<String> damagedIn(ContentId id) {
    return salvage.damagedIn(id);
  }

  /**
   * Brings back what is wanted of a repository's bundle, and all else of it that is lost.
   *
   * @param isHere whether this site has it
   * @param here objects that are wanted of this repository
   * @param wanted of all
   */
  void restoreFrom(
      Inventory.Item bundle,
      boolean isHere,
      String repoId,
      Set<ContentId> here,
      Set<ContentId> wanted) {
    String attempt = "read " + bundle.key();
    if (attempts.passedOver(attempt).isPresent()) {
      passedOver.add(bundle.key());
      return;
    }
    attempts.begin(attempt);
    passedOver.remove(bundle.key());
    boolean isRead = false;
    boolean hasFailed = false;
    if (isHere) {
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
      try {
        aside = DamagedCopies.kept(ports.store());
      } catch (SheafException e) {
        log.warn("what was put aside is not known: {}", e.getMessage());
        aside = Set.of();
        isAsideKnown = false;
      }
    }
    if (!isAsideKnown) {
      passedOver.add(bundle.key());
    }
    return aside.contains(bundle.key());
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
      passedOver.add(bundle.key());
    } else {
      read.add(bundle.key());
    }
  }

  /** A PUT says whether what the listing lacks is there after all. */
  private boolean isLost(ContentId id, Set<ContentId> wanted) {
    return !restored.contains(id) && (wanted.contains(id) || isUnlisted.test(id));
  }
}
