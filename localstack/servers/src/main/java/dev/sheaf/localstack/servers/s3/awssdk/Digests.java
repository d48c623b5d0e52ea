package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.gaul.s3proxy.S3ErrorCode;
import org.gaul.s3proxy.S3ProxyException;
import org.jspecify.annotations.Nullable;

/** Takes in an upload's bytes and computes the MD5 that S3 makes ETags of. */
final class Digests {
  private Digests() {}

  /**
   * Bytes that arrived whole.
   *
   * @param etag hex MD5 of the bytes
   */
  record Received(Body body, String etag) {
    byte[] md5() {
      return HexFormat.of().parseHex(etag);
    }
  }

  /**
   * Reads a request's body to its end. The stream itself refuses a wrong {@code x-amz-checksum-*}.
   *
   * @param length that the request announced
   * @param contentMd5 base64 that the request carried, or null
   */
  static Received receive(
      Vault vault, InputStream payload, @Nullable Long length, @Nullable String contentMd5)
      throws IOException {
    MessageDigest md5 = md5();
    Body body = vault.receive(new DigestInputStream(payload, md5));
    Received received = new Received(body, HexFormat.of().formatHex(md5.digest()));
    if (length != null && length != body.size()) {
      body.close();
      throw new S3ProxyException(S3ErrorCode.INCOMPLETE_BODY);
    }
    if (contentMd5 != null
        && !contentMd5.equals(Base64.getEncoder().encodeToString(received.md5()))) {
      body.close();
      throw new S3ProxyException(S3ErrorCode.BAD_DIGEST);
    }
    return received;
  }

  static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
