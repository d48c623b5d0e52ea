package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * PUTs objects from memory, over HTTP/1.1 connections of its own. For one named by its content the
 * id serves as checksum and as the payload's hash in the signature, so no byte is hashed.
 *
 * <p>Only these answers are taken: 200 with an ETag, and where there is a condition, 412; of a key
 * that is not named by its content also 409, a race at the store. Whatever else happens, a refusal,
 * a broken connection, missing credentials, leaves the PUT unsettled: the caller makes it again
 * through the SDK, which retries with patience and names errors. That is safe where the same bytes
 * go to the same key; what it may mean for other conditions the caller has to know.
 */
public final class DirectPuts {
  private final Exchanges exchanges;

  public DirectPuts(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /**
   * Tries a PUT.
   *
   * @param id the SHA-256 of the body
   * @param onlyIfAbsent sends {@code If-None-Match: *}
   * @return how it ended, or empty when that is not known and the PUT has to be made again
   */
  public Optional<PutResult> put(
      String key, byte[] body, ContentId id, boolean onlyIfAbsent, String contentType) {
    if (contentType.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new IllegalArgumentException("not a content type: " + contentType);
    }
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("content-type", contentType);
    headers.put("x-amz-checksum-sha256", id.base64());
    if (onlyIfAbsent) {
      headers.put("if-none-match", "*");
    }
    return exchanges.put(key, headers, body, id).flatMap(answer -> settled(answer, onlyIfAbsent));
  }

  /** Tries an unconditional PUT of a body whose hash nobody knows yet; it is not kept. */
  public Optional<PutResult> put(String key, byte[] body, String contentType) {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("content-type", contentType);
    return exchanges
        .put(key, headers, body, SigV4.hash(body))
        .flatMap(answer -> settled(answer, false));
  }

  /**
   * Tries a PUT on a condition, of a body whose hash nobody knows yet; it is not kept. Sent once at
   * most: a second time it could meet itself.
   *
   * @param header {@code if-match} or {@code if-none-match}
   */
  public Optional<PutResult> putIf(
      String header, String value, String key, byte[] body, String contentType) {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("content-type", contentType);
    headers.put(header, value);
    return exchanges
        .putOnce(key, headers, body, SigV4.hash(body))
        .flatMap(answer ->
            answer.status() == 409
                ? Optional.of(new PutResult.ConditionFailed()) // another write was under way
                : settled(answer, true));
  }

  private static Optional<PutResult> settled(Answer answer, boolean conditional) {
    if (answer.status() == 412 && conditional) {
      return Optional.of(new PutResult.ConditionFailed());
    }
    return answer.status() == 200
        ? Optional.ofNullable(answer.header("etag")).map(PutResult.Written::new)
        : Optional.empty();
  }
}
