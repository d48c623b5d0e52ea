package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves things that are there, by the store's checksum or by reading them whole, and deletes what
 * is proven to be false: that one state of it and no other, and not before a copy is kept. That
 * something cannot be read proves nothing.
 */
final class Verification {
  private static final Logger log = LoggerFactory.getLogger(Verification.class);
  private static final int BUFFER = 1 << 16;

  /** Bytes of a SHA-1. */
  private static final int SEAL = 20;

  private final ObjectStore store;
  private final DamagedCopies damaged;
  private final Counters counters;

  Verification(ObjectStore store, DamagedCopies damaged, Counters counters) {
    this.store = store;
    this.damaged = damaged;
    this.counters = counters;
  }

  /** What became of a thing. */
  sealed interface Verdict {
    /** It is what its name says, and has these facts. */
    record Sound(Inventory.Item item, StoredObject facts) implements Verdict {}

    /** It was false, and is gone. */
    record Deleted(Inventory.Item item) implements Verdict {}

    /** Nothing is known, and nothing was done. */
    record Undecided() implements Verdict {}

    Undecided UNDECIDED = new Undecided();
  }

  /** Reads a thing whole; false bytes are deleted where {@code mayDelete}. */
  Verdict read(Inventory.Item item, boolean mayDelete) {
    StoredObject object;
    boolean isSound;
    try {
      Optional<ObjectStore.Download> found = store.get(item.key(), ObjectStore.Read.WHOLE);
      if (found.isEmpty()) {
        counters.add(Counter.READ_BLOB_FAIL); // deleted since it was listed; the next cycle sees it
        return Verdict.UNDECIDED;
      }
      try (ObjectStore.Download download = found.get()) {
        object = download.object();
        isSound = item.isDerived() ? isSealed(download.body()) : isNamed(item, download.body());
      }
    } catch (SheafException | IOException e) {
      counters.add(Counter.VALIDATE_READ_FAIL);
      log.warn("{} cannot be read to prove it: {}", item.key(), e.getMessage());
      return Verdict.UNDECIDED;
    }
    if (isSound) {
      return new Verdict.Sound(item, object);
    }
    counters.add(Counter.DELETE_INVALID_NEEDED);
    return mayDelete ? delete(item, object.etag()) : Verdict.UNDECIDED;
  }

  private Verdict delete(Inventory.Item item, String etag) {
    try {
      if (isKept(item, etag) && store.deleteIf(item.key(), etag)) {
        counters.add(Counter.DELETE_INVALID_SUCCESS);
        return new Verdict.Deleted(item);
      }
      counters.add(Counter.DELETE_CONFLICT);
    } catch (SheafException e) {
      counters.add(Counter.DELETE_INVALID_FAIL);
      log.warn("{} is false and was not deleted: {}", item.key(), e.getMessage());
    }
    return Verdict.UNDECIDED;
  }

  /** What is derived is made anew, whatever it was; nobody misses its old bytes. */
  private boolean isKept(Inventory.Item item, String etag) {
    if (item.isDerived()) {
      return true;
    }
    boolean isKept = damaged.keep(item.key(), etag);
    counters.add(Counter.DAMAGED_KEPT, isKept ? 1 : 0);
    return isKept;
  }

  /** Proves a thing by the checksum that the store took with it, or by reading it. */
  Verdict prove(Inventory.Item item, boolean mayDelete) {
    if (item.isDerived()) {
      return read(item, mayDelete);
    }
    Optional<StoredObject> head;
    try {
      head = store.head(item.key());
    } catch (SheafException e) {
      counters.add(Counter.READ_ATTRS_FAIL);
      return Verdict.UNDECIDED;
    }
    if (head.isPresent()) {
      ContentId checksum = head.get().sha256();
      if (checksum != null && checksum.equals(item.id())) {
        return new Verdict.Sound(item, head.get());
      }
    }
    return read(item, mayDelete);
  }

  private boolean isNamed(Inventory.Item item, InputStream body) throws IOException {
    MessageDigest digest = digest("SHA-256");
    byte[] buffer = new byte[BUFFER];
    for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
      digest.update(buffer, 0, read);
      counters.add(Counter.VALIDATED_BYTES, read);
    }
    ContentId actual = ContentId.ofBytes(digest.digest());
    if (!actual.equals(item.id())) {
      log.error("{} holds other bytes, their SHA-256 is {}", item.key(), actual);
    }
    return actual.equals(item.id());
  }

  /** Whether a file ends with the SHA-1 of all before, as git's indexes and bitmaps do. */
  private boolean isSealed(InputStream body) throws IOException {
    MessageDigest digest = digest("SHA-1");
    byte[] buffer = new byte[BUFFER];
    int kept = 0;
    for (int read = body.read(buffer); read >= 0; read = body.read(buffer, kept, BUFFER - kept)) {
      counters.add(Counter.VALIDATED_BYTES, read);
      int length = kept + read;
      int before = Math.max(0, length - SEAL);
      digest.update(buffer, 0, before);
      kept = length - before;
      System.arraycopy(buffer, before, buffer, 0, kept);
    }
    return MessageDigest.isEqual(digest.digest(), Arrays.copyOf(buffer, kept));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
