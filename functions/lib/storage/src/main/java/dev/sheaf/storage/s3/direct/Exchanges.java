package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.Deadline;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/** Signed requests to one bucket and their answers, over connections of its own. */
public final class Exchanges {
  private final String basePath;
  private final Connections connections;
  private final SigV4 signer;
  private final AwsCredentialsProvider credentials;
  private final InstantSource clock;

  /**
   * Sends nothing yet.
   *
   * @param bucket the URL that keys are appended to, behind a slash: {@code
   *     https://bucket.s3.eu-central-1.amazonaws.com}, {@code http://127.0.0.1:9000/bucket}
   * @param tlsSockets asked for when there is something to encrypt
   */
  public Exchanges(
      URI bucket,
      String region,
      AwsCredentialsProvider credentials,
      Supplier<SSLSocketFactory> tlsSockets,
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
    return send(Target.of("PUT", pathOf(key)), headers, Payload.of(body, id), 0, true);
  }

  /** The same for a PUT that means something else the second time: it is sent once at most. */
  Optional<Answer> putOnce(
      String key, SortedMap<String, String> headers, byte[] body, ContentId id) {
    headers.put("content-length", Integer.toString(body.length));
    return send(Target.of("PUT", pathOf(key)), headers, Payload.of(body, id), 0, false);
  }

  /**
   * The answer to a GET of an object, or empty when there was none.
   *
   * @param headers to send
   * @param most bytes of a body that is kept
   */
  Optional<Answer> get(String key, SortedMap<String, String> headers, int most) {
    return send(Target.of("GET", pathOf(key)), headers, Payload.NONE, most, true);
  }

  /** The answer to a HEAD of the bucket, or empty when there was none. */
  Optional<Answer> headBucket() {
    Target bucket = Target.of("HEAD", bucketPath());
    return send(bucket, new TreeMap<>(), Payload.NONE, -1, true);
  }

  /**
   * The answer to something that is told the bucket, or empty when there was none.
   *
   * @param query what: {@code delete}
   * @param most bytes of a body that is kept
   */
  Optional<Answer> post(
      String query, SortedMap<String, String> headers, byte[] body, ContentId id, int most) {
    headers.put("content-length", Integer.toString(body.length));
    Target target = new Target("POST", bucketPath(), query + "=");
    return send(target, headers, Payload.of(body, id), most, true);
  }

  /**
   * The answer to a question about the bucket, or empty when there was none.
   *
   * @param most bytes of a body that is kept
   */
  Optional<Answer> ask(SortedMap<String, String> query, int most) {
    return send(Target.get(bucketPath(), query), new TreeMap<>(), Payload.NONE, most, true);
  }

  private String bucketPath() {
    return basePath.isEmpty() ? "/" : basePath;
  }

  /** The body of a request and its SHA-256. */
  private record Payload(BytesContent body, ContentId hash) {
    static final Payload NONE = of(new byte[0], SigV4.hash(new byte[0]));

    static Payload of(byte[] body, ContentId hash) {
      return new Payload((BytesContent) Content.of(body), hash);
    }
  }

  private String pathOf(String key) {
    return basePath + "/" + PercentEncoding.ofKey(key);
  }

  private Optional<Answer> send(
      Target target,
      SortedMap<String, String> headers,
      Payload payload,
      int most,
      boolean repeatable) {
    try {
      AwsCredentials signedBy = credentials.resolveCredentials();
      if (signedBy.secretAccessKey() == null) {
        return Optional.empty(); // Anonymous.
      }
      headers.put("host", connections.hostHeader());
      signer.sign(target, headers, payload.hash, signedBy, clock.instant());
      byte[] head = head(target, headers);
      return Optional.of(exchange(head, payload.body.bytes(), most, repeatable));
    } catch (IOException | SdkException e) {
      return Optional.empty();
    }
  }

  private static byte[] head(Target target, Map<String, String> headers) {
    StringBuilder head = new StringBuilder(1_024);
    head.append(target.requestLine()).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private Answer exchange(byte[] head, byte[] body, int most, boolean repeatable)
      throws IOException {
    Connection connection = connections.take(clock.instant());
    if (connection.isNew() || !repeatable) {
      return exchange(connection, head, body, most);
    }
    try {
      return exchange(connection, head, body, most);
    } catch (IOException e) {
      if (Deadline.isOver()) {
        throw e; // A frozen process thaws here: its connections are dead and its time is up.
      }
      // A kept connection may have been closed meanwhile; only a new one shows what is the matter.
      return exchange(connections.open(), head, body, most);
    }
  }

  private Answer exchange(Connection connection, byte[] head, byte[] body, int most)
      throws IOException {
    boolean reusable = false;
    try {
      Answer answer = connection.exchange(head, body, most);
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

  private static String withoutTrailingSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
