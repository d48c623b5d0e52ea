package dev.sheaf.peersync;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Large blobs of peers, which one tick may be too short for. Each part of one is put into this
 * site's bucket as it comes; a copy that was cut goes on behind the parts that are there. What they
 * make up is proven as a whole by whoever reads it.
 *
 * <p>Each peer's parts are by themselves: one that lies spoils nobody else's. Parts that nobody
 * goes on with expire by the bucket's own rule.
 */
final class PartialCopies {
  private static final Logger log = LoggerFactory.getLogger(PartialCopies.class);

  private final Supplier<ObjectStore> store;
  private final Path folder;
  private final int partBytes;

  /**
   * @param folder where one part waits for being put, for each copy that is under way
   * @param partBytes a blob that is not larger is copied in one piece
   */
  PartialCopies(Supplier<ObjectStore> store, Path folder, int partBytes) {
    this.store = store;
    this.folder = folder;
    this.partBytes = partBytes;
  }

  /** Whether a blob of this size is worth being kept in parts. */
  boolean takes(long size) {
    return size > partBytes;
  }

  /**
   * Opens a blob, from its beginning: first what is here, then what the peer has behind it.
   *
   * @return empty when the peer has none of this name
   * @throws IOException as {@link HttpPeer#find}
   */
  Optional<ResumedCopy> open(HttpPeer peer, ContentId blob, long size) throws IOException {
    ContentId source = source(peer);
    int kept = kept(blob, source, size);
    Optional<HttpPeer.Place> place = peer.find(blob);
    return place.map(found ->
        new ResumedCopy(
            store.get(),
            number -> ObjectKeys.part(blob, source, number),
            new ResumedCopy.Part(folder, partBytes),
            kept,
            size,
            found));
  }

  private static ContentId source(HttpPeer peer) {
    return Ids.object(peer.host().getBytes(UTF_8));
  }

  /** How many whole parts are here, without a gap. */
  private int kept(ContentId blob, ContentId source, long size) {
    List<ObjectStore.StoredObject> parts =
        store.get().list(ObjectKeys.partsOf(blob, source), null, null).objects();
    int kept = 0;
    while (kept < parts.size()
        && (kept + 1L) * partBytes <= size
        && parts.get(kept).key().equals(ObjectKeys.part(blob, source, kept))
        && parts.get(kept).size() == partBytes) {
      kept++;
    }
    return kept;
  }

  /** Deletes what was kept of a blob from a peer. What is left expires. */
  void forget(HttpPeer peer, ContentId blob) {
    try {
      List<String> parts =
          store.get().list(ObjectKeys.partsOf(blob, source(peer)), null, null).objects().stream()
              .map(ObjectStore.StoredObject::key)
              .toList();
      store.get().delete(parts);
    } catch (SheafException e) {
      log.warn("parts of {} are left: {}", blob.hex(), e.getMessage());
    }
  }
}
