package dev.sheaf.api.push;

import dev.sheaf.api.access.PlaceCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.job.ExpectedUploads;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * {@code POST /push/bundle/presign}: a URL to which exactly one bundle can be uploaded, once its
 * SHA-256 and length are known. No byte of it passes through a function.
 */
public final class PresignRoute {
  /** How long a presigned URL lives. */
  public static final Duration LIFETIME = Duration.ofMinutes(15);

  /** What S3 takes in one PUT. */
  private static final long MAX_BUNDLE_BYTES = 5L << 30;

  private final ObjectStore store;
  private final ExpectedUploads expected;
  private final Supplier<String> ids;
  private final InstantSource clock;

  /**
   * @param ids makes ids of repositories
   */
  public PresignRoute(
      ObjectStore store, ExpectedUploads expected, Supplier<String> ids, InstantSource clock) {
    this.store = store;
    this.expected = expected;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Takes {@code {bundle_key, size_bytes}}, answers {@code {url, headers, bundle_key}}; or {@code
   * {exists: true, bundle_key}} for a bundle that is stored already: a push that was broken off
   * need not send it again. Either makes the repository of a first push, in the one statement that
   * it costs.
   */
  public Reply answer(PlaceCall call) {
    Document fields = call.request().document(GatewayLimits.SMALL_DOCUMENT_BYTES);
    ContentId bundle = BundleKeys.required(fields);
    long size = fields.integer("size_bytes", 1);
    if (size > MAX_BUNDLE_BYTES) {
      throw HttpFailure.tooLarge(
          "a bundle of "
              + size
              + " bytes; one upload takes "
              + MAX_BUNDLE_BYTES
              + " at most: split the history into several bundles");
    }
    call.request().log().put("bundle", bundle.hex());
    // Before the client can have the URL: the upload's event may come before the announcement.
    Repo repo = expected.expect(call.owner(), call.name(), ids.get(), bundle, clock.instant());
    if (!call.caller().may(Scope.WRITE, repo)) {
      throw HttpFailure.notFound("repo_not_found", "repo '" + repo.path() + "' not found");
    }
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
    if (isStored(key, bundle, size)) {
      return Reply.ok(Map.of("exists", true, "bundle_key", bundle.prefixed()));
    }
    ObjectStore.PresignedPut put = store.presignPut(key, bundle, size, LIFETIME);
    return Reply.ok(
        Map.of(
            "url", put.url().toString(),
            "headers", put.headers(),
            "bundle_key", bundle.prefixed()));
  }

  /** Anything else under the key is sent again: the URL overwrites it. */
  private boolean isStored(String key, ContentId bundle, long size) {
    return store
        .head(key)
        .filter(object -> object.size() == size && Objects.equals(bundle, object.sha256()))
        .isPresent();
  }
}
