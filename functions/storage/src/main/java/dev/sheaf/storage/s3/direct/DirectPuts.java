package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.PutResult;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.net.ssl.SSLSocketFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

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
  private final String basePath;
  private final Connections connections;
  private final SigV4 signer;
  private final AwsCredentialsProvider credentials;
  private final InstantSource clock;

  /**
   * @param bucket the URL that keys are appended to, behind a slash: {@code
   *     https://bucket.s3.eu-central-1.amazonaws.com}, {@code http://127.0.0.1:9000/bucket}
   */
  public DirectPuts(
      URI bucket,
      String region,
      AwsCredentialsProvider credentials,
      SSLSocketFactory tlsSockets,
      InstantSource clock) {
    this.basePath = withoutTrailingSlash(bucket.getRawPath());
    this.connections = new Connections(bucket, tlsSockets);
    this.signer = new SigV4(region);
    this.credentials = credentials;
    this.clock = clock;
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
    try {
      AwsCredentials signedBy = credentials.resolveCredentials();
      if (signedBy.secretAccessKey() == null) {
        return Optional.empty(); // Anonymous.
      }
      String path = basePath + "/" + percentEncoded(key);
      SortedMap<String, String> headers = headers(body.length, id, onlyIfAbsent, contentType);
      signer.sign("PUT", path, headers, id, signedBy, clock.instant());
      return settled(exchange(head(path, headers), body), onlyIfAbsent);
    } catch (IOException | SdkException e) {
      return Optional.empty();
    }
  }

  private static Optional<PutResult> settled(Answer answer, boolean onlyIfAbsent) {
    if (answer.status() == 412 && onlyIfAbsent) {
      return Optional.of(new PutResult.ConditionFailed());
    }
    return answer.status() == 200
        ? Optional.ofNullable(answer.header("etag")).map(PutResult.Written::new)
        : Optional.empty();
  }

  private SortedMap<String, String> headers(
      int length, ContentId id, boolean onlyIfAbsent, String contentType) {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("host", connections.hostHeader());
    headers.put("content-length", Integer.toString(length));
    headers.put("content-type", contentType);
    headers.put("x-amz-checksum-sha256", id.base64());
    if (onlyIfAbsent) {
      headers.put("if-none-match", "*");
    }
    return headers;
  }

  private static byte[] head(String path, Map<String, String> headers) {
    StringBuilder head = new StringBuilder(1_024);
    head.append("PUT ").append(path).append(" HTTP/1.1\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private Answer exchange(byte[] head, byte[] body) throws IOException {
    Connection connection = connections.take(clock.instant());
    if (connection.isNew()) {
      return exchange(connection, head, body);
    }
    try {
      return exchange(connection, head, body);
    } catch (IOException e) {
      // A kept connection may have been closed meanwhile; only a new one shows what is the matter.
      return exchange(connections.open(), head, body);
    }
  }

  private Answer exchange(Connection connection, byte[] head, byte[] body) throws IOException {
    boolean reusable = false;
    try {
      Answer answer = connection.exchange(head, body);
      reusable = answer.leavesConnectionOpen();
      return answer;
    } finally {
      if (reusable) {
        connections.giveBack(connection, clock.instant());
      } else {
        connection.close();
      }
    }
  }

  /** Encodes all but RFC 3986's unreserved characters and slashes, as signatures demand. */
  private static String percentEncoded(String key) {
    StringBuilder encoded = new StringBuilder(key.length() + 16);
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-_.~/".indexOf(c) >= 0);
      if (plain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 15));
      }
    }
    return encoded.toString();
  }

  private static char hexDigit(int value) {
    return "0123456789ABCDEF".charAt(value);
  }

  private static String withoutTrailingSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
