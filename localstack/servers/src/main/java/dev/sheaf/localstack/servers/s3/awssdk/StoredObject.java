package dev.sheaf.localstack.servers.s3.awssdk;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object of a bucket.
 *
 * @param etag without quotes: hex MD5 of the bytes, or S3's {@code <md5 of md5s>-<parts>}
 * @param lastModified whole seconds, as S3 keeps it
 * @param headers the Content-* headers that the upload named, by their lower-case names
 * @param metadata user metadata; S3Proxy also keeps a verified {@code x-amz-checksum-*} here
 */
record StoredObject(
    Key key,
    String etag,
    Instant lastModified,
    Map<String, String> headers,
    Map<String, String> metadata,
    Body body) {
  StoredObject {
    headers = Map.copyOf(headers);
    metadata = Map.copyOf(metadata);
  }

  long size() {
    return body.size();
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  StoredObject withBody(Body other) {
    return new StoredObject(key, etag, lastModified, headers, metadata, other);
  }
}
