package dev.sheaf.testing;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.PresignedPut;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The presigned URLs that an {@link InMemoryObjectStore} gave out, and what they allow. */
final class PresignedUrls {
  private static final String CHECKSUM = "x-amz-checksum-sha256";

  private final ObjectStore store;
  private final Map<URI, Grant> grants = new HashMap<>();

  /** What a URL allows; of an upload with no checksum also the length is the client's choice. */
  private record Grant(
      boolean isUpload, String key, @Nullable ContentId sha256, long size, Instant end) {
    boolean allows(Map<String, String> headers, byte[] body) {
      return sha256 == null
          || (sha256.base64().equals(headers.get(CHECKSUM)) && body.length == size);
    }
  }

  PresignedUrls(ObjectStore store) {
    this.store = store;
  }

  synchronized URI get(String bucket, String key, Instant end) {
    return grant("get", bucket, new Grant(false, key, null, -1, end));
  }

  synchronized PresignedPut put(
      String bucket, String key, ContentId sha256, long size, Instant end) {
    URI url = grant("put", bucket, new Grant(true, key, sha256, size, end));
    return new PresignedPut(
        url, Map.of(CHECKSUM, sha256.base64(), "content-length", Long.toString(size)));
  }

  synchronized URI upload(String bucket, String key, Instant end) {
    return grant("put", bucket, new Grant(true, key, null, -1, end));
  }

  private URI grant(String verb, String bucket, Grant grant) {
    URI url =
        URI.create(
            "https://%s.invalid/%s?%s=%d"
                .formatted(bucket, encoded(grant.key), verb, grants.size()));
    grants.put(url, grant);
    return url;
  }

  private static String encoded(String key) {
    return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
  }

  synchronized int upload(URI url, Map<String, String> headers, byte[] body, Instant now) {
    Grant grant = grants.get(url);
    if (grant == null
        || !grant.isUpload
        || now.isAfter(grant.end)
        || !grant.allows(headers, body)) {
      return 403;
    }
    try {
      store.put(
          grant.key,
          Content.of(body),
          grant.sha256,
          ObjectStore.Condition.ALWAYS,
          "application/octet-stream");
      return 200;
    } catch (SheafException e) {
      return 400;
    }
  }

  synchronized Optional<byte[]> download(URI url, Instant now) {
    Grant grant = grants.get(url);
    if (grant == null || grant.isUpload || now.isAfter(grant.end)) {
      return Optional.empty();
    }
    return store.get(grant.key, ObjectStore.Read.WHOLE).map(PresignedUrls::bytes);
  }

  private static byte[] bytes(ObjectStore.Download download) {
    try (InputStream body = download.body()) {
      return body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
