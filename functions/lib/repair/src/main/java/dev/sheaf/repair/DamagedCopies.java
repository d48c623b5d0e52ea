package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is damaged below {@value dev.sheaf.bundle.ObjectKeys#DAMAGED} before it is deleted
 * where it was. There it would be in the way of whoever brings the right bytes, and it may be the
 * last that there is of them: most of a bundle can be read though a byte of it has flipped.
 */
public final class DamagedCopies {
  private static final Logger log = LoggerFactory.getLogger(DamagedCopies.class);
  private static final String CONTENT_TYPE = "application/octet-stream";

  private final ObjectStore store;
  private final Path folder;

  /**
   * @param folder for one copy at a time
   */
  DamagedCopies(ObjectStore store, Path folder) {
    this.store = store;
    this.folder = folder;
  }

  /**
   * Copies an object that still has an ETag.
   *
   * @return whether it had
   * @throws SheafException when it is not certain that the copy is there
   */
  synchronized boolean keep(String key, String etag) {
    Optional<ObjectStore.Download> found = store.get(key, ObjectStore.Read.WHOLE);
    if (found.isEmpty()) {
      return false;
    }
    @Nullable Path file = null;
    try (ObjectStore.Download download = found.get()) {
      if (!download.object().etag().equals(etag)) {
        return false;
      }
      file = Files.createTempFile(folder, "damaged-", null);
      ContentId sha256 = spool(download.body(), file);
      FileContent content = new FileContent(file, Files.size(file));
      // An older copy may go: since then the right bytes have been there.
      store.put(
          ObjectKeys.damaged(key), content, sha256, ObjectStore.Condition.ALWAYS, CONTENT_TYPE);
      log.warn("{} is damaged; it is kept as {}", key, ObjectKeys.damaged(key));
      return true;
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "copying " + key + " broke off: " + e, e);
    } finally {
      delete(file);
    }
  }

  private static ContentId spool(InputStream body, Path file) throws IOException {
    MessageDigest digest = Ids.sha256();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
      body.transferTo(out);
    }
    return ContentId.ofBytes(digest.digest());
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      log.warn("{} stays: {}", file, e.getMessage());
    }
  }

  /** The keys of which a store keeps damaged bytes: a LIST for each thousand. */
  public static Set<String> kept(ObjectStore store) {
    Set<String> keys = new HashSet<>();
    @Nullable String next = null;
    do {
      Page page = store.list(ObjectKeys.DAMAGED, null, next);
      page.objects()
          .forEach(object -> keys.add(object.key().substring(ObjectKeys.DAMAGED.length())));
      next = page.next();
    } while (next != null);
    return keys;
  }
}
