package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.util.NB;

/**
 * How a finished pack is called.
 *
 * @param name SHA-256 of all of its bytes
 * @param trailer its last 20 bytes, the SHA-1 of those before, which its index repeats
 */
record PackNames(ContentId name, Trailer trailer) {
  private static final int OBJECTS_AT = 8;

  /** 20 bytes, shared. */
  @SuppressWarnings("ArrayRecordComponent") // Handed from here to the index writer.
  record Trailer(byte[] bytes) {}

  /**
   * Ends a pack: writes the number of its objects into its header and its checksum behind it.
   *
   * @param end where the trailer is to be
   */
  static PackNames finish(RandomAccessFile file, long end, int objects) throws IOException {
    byte[] count = new byte[4];
    NB.encodeInt32(count, 0, objects);
    file.seek(OBJECTS_AT);
    file.write(count);
    MessageDigest sha1 = Constants.newMessageDigest();
    MessageDigest sha256 = sha256();
    byte[] buffer = new byte[1 << 16];
    file.seek(0);
    for (long at = 0; at < end; ) {
      int length = (int) Math.min(buffer.length, end - at);
      file.readFully(buffer, 0, length);
      sha1.update(buffer, 0, length);
      sha256.update(buffer, 0, length);
      at += length;
    }
    byte[] trailer = sha1.digest();
    file.write(trailer);
    sha256.update(trailer);
    return new PackNames(ContentId.ofBytes(sha256.digest()), new Trailer(trailer));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
