package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out of a damaged bundle what is not damaged. Each object is proven by its id before the
 * intake gets it: there one that is false would be the end of all others.
 */
final class Salvage {
  private static final Logger log = LoggerFactory.getLogger(Salvage.class);

  private final Intake.Ports ports;
  private final BundleReader reader;
  private final Map<ContentId, String> damaged = new HashMap<>();

  Salvage(Intake.Ports ports, BundleReader reader) {
    this.ports = ports;
    this.reader = reader;
  }

  /** Where an object was seen that is not what its id says; empty where none was. */
  Optional<String> damagedIn(ContentId id) {
    return Optional.ofNullable(damaged.get(id));
  }

  /**
   * Brings objects back.
   *
   * @param key of a bundle, or of the copy of one that was put aside
   * @param isLost which objects are wanted
   * @return those that are in the store again
   */
  List<ObjectRows.Stored> from(String key, String repoId, Predicate<ContentId> isLost)
      throws IOException {
    Optional<ObjectStore.Download> found = ports.store().get(key, ObjectStore.Read.WHOLE);
    if (found.isEmpty()) {
      return List.of();
    }
    Set<ContentId> taken = new HashSet<>();
    Set<ContentId> bad = new HashSet<>();
    List<ObjectRows.Stored> stored;
    try (ObjectStore.Download download = found.get();
        Intake intake = Intake.recovering(ports, repoId, isLost)) {
      reader.salvage(
          download.body(),
          object -> {
            boolean isProven = isProven(object);
            if (isProven && isLost.test(object.id()) && taken.add(object.id())) {
              intake.offer(object);
              return true;
            }
            object.close();
            if (!isProven && isLost.test(object.id())) {
              bad.add(object.id());
            }
            return isProven;
          });
      stored = intake.restore();
    }
    bad.removeAll(taken);
    bad.forEach(id -> damaged.put(id, key));
    log.warn("{} is damaged: {} objects came back, not {}", key, stored.size(), bad);
    return stored;
  }

  private static boolean isProven(ReceivedObject object) throws IOException {
    boolean[] isProven = {false};
    try {
      object.decode(raw -> isProven[0] = Peers.sha256(raw.content()).equals(object.id()));
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.INVALID) {
        throw e;
      }
    }
    return isProven[0];
  }
}
