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
  private static final String PAYLOAD_HASH = "x-amz-content-sha256";
  private static final MessageDigest SHA_256 = sha256();
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String region;
  private volatile @Nullable DayKey key;
  private volatile Stamp last = new Stamp(Instant.EPOCH);

  /** The function of a day's key is never used itself but copied, as SHA_256 is. */
  private record DayKey(String secret, String day, Mac function) {}

  /** A second as text, for all the requests in it. */
  private record Stamp(long second, String text) {
    Stamp(Instant time) {
      this(time.getEpochSecond(), STAMP.format(time));
    }
  }

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
    String stamp = stamp(now);
    String day = stamp.substring(0, 8);
    headers.put("x-amz-date", stamp);
    headers.put(PAYLOAD_HASH, payload.hex());
    if (credentials instanceof AwsSessionCredentials session) {
      headers.put("x-amz-security-token", session.sessionToken());
    }
    String names = String.join(";", headers.keySet());
    String scope = day + "/" + region + "/s3/aws4_request";
    String toSign =
        String.join(
            "\n", ALGORITHM, stamp, scope, hex(sha256(utf8(canonical(target, headers, names)))));
    String signature = hex(copy(dayKey(credentials.secretAccessKey(), day)).doFinal(utf8(toSign)));
    headers.put(
        "authorization",
        ALGORITHM
            + (" Credential=" + credentials.accessKeyId() + "/" + scope)
            + (", SignedHeaders=" + names)
            + (", Signature=" + signature));
  }

  private String stamp(Instant now) {
    Stamp stamp = last;
    if (stamp.second != now.getEpochSecond()) {
      stamp = new Stamp(now);
      last = stamp;
    }
    return stamp.text;
  }

  private static String canonical(Target target, Map<String, String> headers, String names) {
    StringBuilder text = new StringBuilder(1_024);
    text.append(target.method()).append('\n').append(target.path()).append('\n');
    text.append(target.query()).append('\n');
    headers.forEach((name, value) -> text.append(name).append(':').append(value).append('\n'));
    text.append('\n').append(names).append('\n').append(headers.get(PAYLOAD_HASH));
    return text.toString();
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

  /** The payload's hash where nobody knows it yet. */
  static ContentId hash(byte[] payload) {
    return ContentId.ofBytes(sha256(payload));
  }

  /** With a copy of a fresh function, which does not have to be looked up. */
  private static byte[] sha256(byte[] bytes) {
    try {
      return ((MessageDigest) SHA_256.clone()).digest(bytes);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
