package dev.sheaf.localstack.servers.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Checks AWS signatures, version 4, in the {@code Authorization} header, as services other than S3
 * do (S3 has rules of its own): the method, the path, the query, the headers that were signed, the
 * body, and a time of at most 15 minutes ago.
 */
public final class Signatures {
  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request),"
              + " *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})");
  private static final Duration SKEW = Duration.ofMinutes(15);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final @Nullable Credentials credentials;
  private final InstantSource clock;

  /**
   * @param credentials the pair that requests have to be signed with
   */
  public Signatures(Credentials credentials, InstantSource clock) {
    this.credentials = credentials;
    this.clock = clock;
  }

  private Signatures() {
    this.credentials = null;
    this.clock = Instant::now;
  }

  /** Takes any: for a server that is shut off otherwise, from clients whose keys nobody knows. */
  public static Signatures unchecked() {
    return new Signatures();
  }

  /**
   * Returns if the request was signed with the credentials.
   *
   * @param body all of it
   */
  public void require(Request request, byte[] body) throws AccessDenied {
    if (credentials != null) {
      require(request, body, credentials);
    }
  }

  private void require(Request request, byte[] body, Credentials expected) throws AccessDenied {
    String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (authorization == null) {
      throw new AccessDenied("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    Matcher parts = AUTHORIZATION.matcher(authorization.strip());
    if (!parts.matches()) {
      throw new AccessDenied(
          "IncompleteSignatureException", "the Authorization header is no signature of version 4");
    }
    if (!parts.group(1).equals(expected.accessKeyId())) {
      throw new AccessDenied(
          "UnrecognizedClientException",
          "The security token included in the request is invalid: access key "
              + parts.group(1)
              + " is not this stack's, which draws its keys at its start");
    }
    requireTimely(request, parts.group(2));
    List<String> signed = List.of(parts.group(5).split(";", -1));
    byte[] right = signature(request, body, parts, signed, expected);
    if (!signed.contains("host")
        || !MessageDigest.isEqual(right, HexFormat.of().parseHex(parts.group(6)))) {
      throw new AccessDenied(
          "InvalidSignatureException",
          "The request signature we calculated does not match the signature you provided");
    }
  }

  private void requireTimely(Request request, String scope) throws AccessDenied {
    String stamp = String.valueOf(request.getHeaders().get("X-Amz-Date"));
    Instant signed;
    try {
      signed = STAMP.parse(stamp, Instant::from);
    } catch (DateTimeException e) {
      throw new AccessDenied("IncompleteSignatureException", "X-Amz-Date is no time: " + stamp);
    }
    Duration age = Duration.between(signed, clock.instant()).abs();
    if (age.compareTo(SKEW) > 0 || !scope.startsWith(stamp.substring(0, 8))) {
      throw new AccessDenied(
          "InvalidSignatureException", "Signature expired: " + stamp + " is not within 15 minutes");
    }
  }

  private static byte[] signature(
      Request request, byte[] body, Matcher parts, List<String> signed, Credentials credentials) {
    String scope = parts.group(2);
    String toSign =
        String.join(
            "\n",
            "AWS4-HMAC-SHA256",
            String.valueOf(request.getHeaders().get("X-Amz-Date")),
            scope,
            sha256(canonical(request, body, signed).getBytes(UTF_8)));
    byte[] key = ("AWS4" + credentials.secretAccessKey()).getBytes(UTF_8);
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    return hmac(key, toSign);
  }

  private static String canonical(Request request, byte[] body, List<String> signed) {
    String headers =
        signed.stream()
            .map(name -> name + ":" + values(request, name) + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n",
        request.getMethod(),
        encodedAgain(request.getHttpURI().getPath()),
        sorted(request.getHttpURI().getQuery()),
        headers,
        String.join(";", signed),
        sha256(body));
  }

  private static String values(Request request, String name) {
    return request.getHeaders().getValuesList(name).stream()
        .map(value -> value.strip().replaceAll(" +", " "))
        .collect(Collectors.joining(","));
  }

  /** A path is signed percent-encoded twice; it arrives encoded once. */
  private static String encodedAgain(@Nullable String path) {
    return path == null || path.isEmpty() ? "/" : path.replace("%", "%25");
  }

  private static String sorted(@Nullable String query) {
    return query == null || query.isEmpty()
        ? ""
        : Arrays.stream(query.split("&", -1))
            .map(pair -> pair.contains("=") ? pair : pair + "=")
            .sorted()
            .collect(Collectors.joining("&"));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
