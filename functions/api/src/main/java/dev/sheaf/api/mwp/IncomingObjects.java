package dev.sheaf.api.mwp;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects that a repository was sent ahead of the push that names them, each under a key of its
 * own. Nobody reads them, and nobody vouches for what came through a presigned URL: the push proves
 * its objects when it takes them in. What no push takes expires with the bucket's lifecycle rule.
 */
final class IncomingObjects {
  private static final Logger LOG = LoggerFactory.getLogger(IncomingObjects.class);
  private static final String CONTENT_TYPE = "application/octet-stream";
  private static final int IN_FLIGHT = 64;

  private final ObjectStore store;

  IncomingObjects(ObjectStore store) {
    this.store = store;
  }

  /**
   * Keeps objects; the store checks each against its id, and replaces whatever was sent before.
   *
   * @throws SheafException of kind INVALID when one is not what its id says
   */
  void put(Repo repo, Map<ContentId, Content> objects) {
    try (ParallelCalls<ObjectStore.PutResult> puts = new ParallelCalls<>(IN_FLIGHT)) {
      objects.forEach((id, content) ->
          puts.submit(() ->
              store.put(key(repo, id), content, id, ObjectStore.Condition.ALWAYS, CONTENT_TYPE)));
      puts.results();
    }
  }

  /** A URL to which a client without credentials sends one object, whatever headers it adds. */
  URI presign(Repo repo, ContentId id, Duration lifetime) {
    return store.presignUpload(key(repo, id), lifetime);
  }

  /** The sizes of those of these objects that were sent, in the order given. */
  Map<ContentId, Long> sizes(Repo repo, Collection<ContentId> ids) {
    List<ContentId> asked = List.copyOf(ids);
    Map<ContentId, Long> sizes = new LinkedHashMap<>();
    try (ParallelCalls<Optional<ObjectStore.StoredObject>> heads = new ParallelCalls<>(IN_FLIGHT)) {
      asked.forEach(id -> heads.submit(() -> store.head(key(repo, id))));
      List<Optional<ObjectStore.StoredObject>> found = heads.results();
      for (int i = 0; i < asked.size(); i++) {
        ContentId id = asked.get(i);
        found.get(i).ifPresent(object -> sizes.put(id, object.size()));
      }
    }
    return sizes;
  }

  /**
   * Reads an object that was there a moment ago; the caller closes it.
   *
   * @throws SheafException of kind UNAVAILABLE when another push has taken it meanwhile
   */
  ObjectStore.Download open(Repo repo, ContentId id) {
    return store
        .get(key(repo, id), ObjectStore.Read.WHOLE)
        .orElseThrow(() ->
            new SheafException(
                ErrorKind.UNAVAILABLE,
                "object " + id.hex() + " was taken in by another push meanwhile; push again"));
  }

  /** Clears away what a push has taken in. A failure costs nothing but a day of storage. */
  void clear(Repo repo, Collection<ContentId> ids) {
    try {
      Map<String, String> refused = store.delete(ids.stream().map(id -> key(repo, id)).toList());
      if (!refused.isEmpty()) {
        LOG.warn("[api] {} incoming objects stay until they expire: {}", refused.size(), refused);
      }
    } catch (SheafException e) {
      LOG.warn("[api] incoming objects stay until they expire", e);
    }
  }

  private static String key(Repo repo, ContentId id) {
    return ObjectKeys.incoming(repo.owner(), repo.name(), id);
  }
}
