package dev.sheaf.storage.s3.direct;

import dev.sheaf.bundle.ContentId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * AWS Signature Version 4 in a header, for S3 requests (docs.aws.amazon.com, "Create a signed AWS
 * API request"). Keeps the key that is derived from the secret for a day's signatures.
 */
final class SigV4 {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String region;
  private volatile @Nullable DayKey key;

  /** The function of a day's key is never used itself but copied: looking one up takes longer. */
  private record DayKey(String secret, String day, Mac function) {}

  SigV4(String region) {
    this.region = region;
  }

  /**
   * Adds the date, the payload's hash, a session's token and the signature to a request.
   *
   * @param headers every header to send and sign, {@code host} included, by lower-case name
   * @param payload the SHA-256 of the body
   */
  void sign(
      Target target,
      SortedMap<String, String> headers,
      ContentId payload,
      AwsCredentials credentials,
      Instant now) {
    String stamp = STAMP.format(now);
    String day = stamp.substring(0, 8);
    headers.put("x-amz-date", stamp);
    headers.put("x-amz-content-sha256", payload.hex());
    if (credentials instanceof AwsSessionCredentials session) {
      headers.put("x-amz-security-token", session.sessionToken());
    }
    String names = String.join(";", headers.keySet());
    String scope = day + "/" + region + "/s3/aws4_request";
    String toSign =
        String.join(
            "\n", ALGORITHM, stamp, scope, hex(sha256(canonical(target, headers, names, payload))));
    String signature = hex(copy(dayKey(credentials.secretAccessKey(), day)).doFinal(utf8(toSign)));
    headers.put(
        "authorization",
        ALGORITHM
            + (" Credential=" + credentials.accessKeyId() + "/" + scope)
            + (", SignedHeaders=" + names)
            + (", Signature=" + signature));
  }

  private static String canonical(
      Target target, Map<String, String> headers, String names, ContentId payload) {
    String lines =
        headers.entrySet().stream()
            .map(header -> header.getKey() + ":" + header.getValue() + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n", target.method(), target.path(), target.query(), lines, names, payload.hex());
  }

  private Mac dayKey(String secret, String day) {
    DayKey known = key;
    if (known != null && known.day.equals(day) && known.secret.equals(secret)) {
      return known.function;
    }
    Mac derived = hmac(utf8("AWS4" + secret));
    for (String part : new String[] {day, region, "s3", "aws4_request"}) {
      derived = hmac(derived.doFinal(utf8(part)));
    }
    key = new DayKey(secret, day, derived);
    return derived;
  }

  private static Mac hmac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Mac copy(Mac function) {
    try {
      return (Mac) function.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha256(String text) {
    return sha256(utf8(text));
  }

  /** The payload's hash where nobody knows it yet. */
  static ContentId hash(byte[] payload) {
    return ContentId.ofBytes(sha256(payload));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
