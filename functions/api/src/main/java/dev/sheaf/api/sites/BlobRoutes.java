package dev.sheaf.api.sites;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.StoredBlobs;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * {@code GET /internal/blobs/{id}} and {@code GET /internal/blobs/info/{id}}: what peers copy. No
 * byte passes through the function, and nothing needs to be believed: whoever copies knows the
 * SHA-256.
 */
public final class BlobRoutes {
  private final StoredBlobs blobs;
  private final Predicate<ContentId> keepsBundle;

  /**
   * @param keepsBundle which bundles this site is to have
   */
  public BlobRoutes(StoredBlobs blobs, Predicate<ContentId> keepsBundle) {
    this.blobs = blobs;
    this.keepsBundle = keepsBundle;
  }

  /**
   * Answers where the bytes are (307, for a quarter of an hour), or 200 to a HEAD, or 404. A HEAD
   * also says whether they are to stay ({@code Sheaf-Blob-Kept}): a peer that asks deletes its own.
   */
  public Reply answer(Request request, String id) {
    StoredBlobs.Blob blob = find(id);
    return request.isHead()
        ? described(Reply.empty(200), blob)
            .with("Sheaf-Blob-Kept", Boolean.toString(isKept(blob, ContentId.parse(id))))
        : described(Reply.redirect(blobs.presign(blob, PresignRoute.LIFETIME)), blob);
  }

  /** Answers {@code {id, kind, size_bytes, etag, last_modified}}, or 404. */
  public Reply info(String id) {
    StoredBlobs.Blob blob = find(id);
    return Reply.ok(
        Map.of(
            "id", ContentId.parse(id).hex(),
            "kind", kind(blob),
            "size_bytes", blob.stored().size(),
            "etag", blob.stored().etag(),
            "last_modified", blob.stored().lastModified().toString()));
  }

  private boolean isKept(StoredBlobs.Blob blob, ContentId id) {
    return switch (blob.kind()) {
      // The store vouches for what it has checked when it came: other bytes may lie there since.
      case BUNDLE -> keepsBundle.test(id) && Objects.equals(blob.stored().sha256(), id);
      case OBJECT, GIT -> true;
      case PACK -> false; // it is made anew for whoever asks
    };
  }

  private static Reply described(Reply reply, StoredBlobs.Blob blob) {
    return reply
        .with("Sheaf-Blob-Kind", kind(blob))
        .with("Sheaf-Blob-Size", Long.toString(blob.stored().size()));
  }

  private static String kind(StoredBlobs.Blob blob) {
    return blob.kind().name().toLowerCase(Locale.ROOT);
  }

  private StoredBlobs.Blob find(String id) {
    ContentId content = ContentId.parse(id);
    return blobs
        .find(content)
        .orElseThrow(() ->
            HttpFailure.notFound("blob_not_found", content.prefixed() + " is not stored here"));
  }
}
