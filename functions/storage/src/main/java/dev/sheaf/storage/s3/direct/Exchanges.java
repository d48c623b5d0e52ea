package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.Deadline;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import javax.net.ssl.SSLSocketFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/** Signed requests for objects of one bucket and their answers, over connections of its own. */
public final class Exchanges {
  private static final byte[] NO_BODY = {};
  private static final ContentId HASH_OF_NOTHING = SigV4.hash(NO_BODY);

  private final String basePath;
  private final Connections connections;
  private final SigV4 signer;
  private final AwsCredentialsProvider credentials;
  private final InstantSource clock;

  /**
   * @param bucket the URL that keys are appended to, behind a slash: {@code
   *     https://bucket.s3.eu-central-1.amazonaws.com}, {@code http://127.0.0.1:9000/bucket}
   */
  public Exchanges(
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

  /** The answer to a PUT, or empty when there was none. */
  Optional<Answer> put(String key, SortedMap<String, String> headers, byte[] body, ContentId id) {
    headers.put("content-length", Integer.toString(body.length));
    return send("PUT", key, headers, body, id);
  }

  /** The answer to a GET with its body, or empty when there was none. */
  Optional<Answer> get(String key, SortedMap<String, String> headers) {
    return send("GET", key, headers, NO_BODY, HASH_OF_NOTHING);
  }

  private Optional<Answer> send(
      String method, String key, SortedMap<String, String> headers, byte[] body, ContentId id) {
    try {
      AwsCredentials signedBy = credentials.resolveCredentials();
      if (signedBy.secretAccessKey() == null) {
        return Optional.empty(); // Anonymous.
      }
      String path = basePath + "/" + percentEncoded(key);
      headers.put("host", connections.hostHeader());
      signer.sign(method, path, headers, id, signedBy, clock.instant());
      return Optional.of(exchange(head(method, path, headers), body, method.equals("GET")));
    } catch (IOException | SdkException e) {
      return Optional.empty();
    }
  }

  private static byte[] head(String method, String path, Map<String, String> headers) {
    StringBuilder head = new StringBuilder(1_024);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private Answer exchange(byte[] head, byte[] body, boolean wanted) throws IOException {
    Connection connection = connections.take(clock.instant());
    if (connection.isNew()) {
      return exchange(connection, head, body, wanted);
    }
    try {
      return exchange(connection, head, body, wanted);
    } catch (IOException e) {
      if (Deadline.isOver()) {
        throw e; // A frozen process thaws here: its connections are dead and its time is up.
      }
      // A kept connection may have been closed meanwhile; only a new one shows what is the matter.
      return exchange(connections.open(), head, body, wanted);
    }
  }

  private Answer exchange(Connection connection, byte[] head, byte[] body, boolean wanted)
      throws IOException {
    boolean reusable = false;
    try {
      Answer answer = connection.exchange(head, body, wanted);
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
