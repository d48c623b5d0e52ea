package dev.sheaf.api.push;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Uploaded bundles, and the proof that each is what its name says. */
final class StoredBundles {
  /**
   * A bundle that S3 holds no checksum of is read to be hashed. Above this size the answer would
   * come too late; then the job, which reads it anyway, is the proof.
   */
  private static final long MAX_HASHED_BYTES = 256 << 20;

  private final ObjectStore store;

  StoredBundles(ObjectStore store) {
    this.store = store;
  }

  /** What is stored under a bundle's name, proven or not. */
  Optional<ObjectStore.StoredObject> find(Repo repo, ContentId bundle) {
    return store.head(key(repo, bundle));
  }

  /**
   * A repository's bundle as it is stored, once it is proven: by one HEAD where the store has
   * checked the upload against its SHA-256, as it has for every presigned one.
   *
   * @throws HttpFailure 404 when it was not uploaded, 400 when its bytes are not those of its name
   */
  ObjectStore.StoredObject proven(Repo repo, ContentId bundle) {
    ObjectStore.StoredObject object =
        find(repo, bundle).orElseThrow(() -> notUploaded(repo, bundle));
    ContentId actual = object.sha256();
    if (actual == null && object.size() <= MAX_HASHED_BYTES) {
      actual = hash(repo, bundle);
    }
    if (actual != null && !actual.equals(bundle)) {
      throw HttpFailure.checksumMismatch(
          "the bytes stored as bundle "
              + bundle.prefixed()
              + " are "
              + actual.prefixed()
              + "; nothing was changed: upload the bundle again");
    }
    return object;
  }

  /** The bytes of a bundle, to be closed. */
  InputStream open(Repo repo, ContentId bundle) {
    return store
        .get(key(repo, bundle), ObjectStore.Read.WHOLE)
        .orElseThrow(() -> notUploaded(repo, bundle))
        .body();
  }

  private ContentId hash(Repo repo, ContentId bundle) {
    try (InputStream in = open(repo, bundle)) {
      MessageDigest sha256 = Ids.sha256();
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha256.update(buffer, 0, n);
      }
      return ContentId.ofBytes(sha256.digest());
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "reading bundle " + bundle.prefixed() + " broke off; try again",
          e);
    }
  }

  private static String key(Repo repo, ContentId bundle) {
    return ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
  }

  private static HttpFailure notUploaded(Repo repo, ContentId bundle) {
    return HttpFailure.notFound(
        "bundle_not_found",
        "bundle "
            + bundle.prefixed()
            + " was not uploaded to "
            + repo.owner()
            + "/"
            + repo.name()
            + "; ask /push/bundle/presign for a URL and PUT it there first");
  }
}
