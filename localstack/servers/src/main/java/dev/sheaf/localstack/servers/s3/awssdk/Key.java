package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * An object's key, ordered as S3 orders keys: by its UTF-8 bytes. (Java's own order of strings puts
 * supplementary characters before U+E000.)
 */
final class Key implements Comparable<Key> {
  /** S3's longest key, in bytes. */
  private static final int MAX_BYTES = 1024;

  private final byte[] utf8;

  private Key(byte[] utf8) {
    this.utf8 = utf8;
  }

  static Key of(String text) {
    return new Key(text.getBytes(UTF_8));
  }

  /** Of an object that is to be written, or S3's 400. */
  static Key ofNew(String text) {
    Key key = of(text);
    if (key.utf8.length > MAX_BYTES) {
      throw S3Exception.builder()
          .statusCode(400)
          .awsErrorDetails(
              AwsErrorDetails.builder()
                  .errorCode("KeyTooLongError")
                  .errorMessage("Your key is too long")
                  .build())
          .message("key of " + key.utf8.length + " bytes")
          .build();
    }
    return key;
  }

  boolean startsWith(Key prefix) {
    return utf8.length >= prefix.utf8.length
        && Arrays.equals(utf8, 0, prefix.utf8.length, prefix.utf8, 0, prefix.utf8.length);
  }

  /**
   * The part of this key up to the end of the first delimiter behind the prefix, or null when the
   * delimiter does not occur there.
   */
  @Nullable Key commonPrefix(Key prefix, Key delimiter) {
    for (int i = prefix.utf8.length; i + delimiter.utf8.length <= utf8.length; i++) {
      int end = i + delimiter.utf8.length;
      if (Arrays.equals(utf8, i, end, delimiter.utf8, 0, delimiter.utf8.length)) {
        return new Key(Arrays.copyOf(utf8, end));
      }
    }
    return null;
  }

  /**
   * A bound behind every key that starts with this one and before all that follow; 0xFF occurs in
   * no UTF-8 text.
   */
  Key afterAllBelow() {
    byte[] bound = Arrays.copyOf(utf8, utf8.length + 1);
    bound[utf8.length] = (byte) 0xFF;
    return new Key(bound);
  }

  byte[] bytes() {
    return utf8.clone();
  }

  @Override
  public int compareTo(Key other) {
    return Arrays.compareUnsigned(utf8, other.utf8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Key key && Arrays.equals(utf8, key.utf8);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(utf8);
  }

  @Override
  public String toString() {
    return new String(utf8, UTF_8);
  }
}
