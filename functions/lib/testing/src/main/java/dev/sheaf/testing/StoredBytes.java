package dev.sheaf.testing;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** One object of an {@link InMemoryObjectStore}. */
final class StoredBytes {
  private final String key;
  private final byte[] bytes;
  private final String etag;
  private final Instant stamp;
  private final @Nullable ContentId sha256;

  private StoredBytes(
      String key, byte[] bytes, String etag, Instant stamp, @Nullable ContentId sha256) {
    this.key = key;
    this.bytes = bytes;
    this.etag = etag;
    this.stamp = stamp;
    this.sha256 = sha256;
  }

  static StoredBytes of(String key, byte[] bytes, Instant stamp, @Nullable ContentId sha256) {
    String md5 = HexFormat.of().formatHex(digest("MD5", bytes));
    return new StoredBytes(key, bytes, '"' + md5 + '"', stamp, sha256);
  }

  String key() {
    return key;
  }

  /** The bytes themselves, not a copy. */
  byte[] bytes() {
    return bytes;
  }

  String etag() {
    return etag;
  }

  Instant stamp() {
    return stamp;
  }

  StoredObject facts() {
    return new StoredObject(key, bytes.length, etag, stamp, sha256);
  }

  /** The same without the checksum, which ranged reads and listings do not carry. */
  StoredObject factsWithoutChecksum() {
    return new StoredObject(key, bytes.length, etag, stamp, null);
  }

  static ContentId sha256(byte[] bytes) {
    return ContentId.ofBytes(digest("SHA-256", bytes));
  }

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
