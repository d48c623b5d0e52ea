package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * PUTs objects named by their content, over HTTP/1.1 connections of its own. The id serves as
 * checksum and as the payload's hash in the signature, so no byte is hashed.
 *
 * <p>Only two answers are taken: 200 with an ETag, and 412. Whatever else happens, a refusal, a
 * broken connection, missing credentials, leaves the PUT unsettled: the caller makes it again
 * through the SDK, which retries with patience and names errors. That is safe because the same
 * bytes go to the same key.
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

  private static Optional<PutResult> settled(Answer answer, boolean onlyIfAbsent) {
    if (answer.status() == 412 && onlyIfAbsent) {
      return Optional.of(new PutResult.ConditionFailed());
    }
    return answer.status() == 200
        ? Optional.ofNullable(answer.header("etag")).map(PutResult.Written::new)
        : Optional.empty();
  }
}
