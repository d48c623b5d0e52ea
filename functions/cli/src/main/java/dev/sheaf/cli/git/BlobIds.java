package dev.sheaf.cli.git;

import dev.sheaf.bundle.ContentId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.jspecify.annotations.Nullable;

/**
 * Git blobs and the objects that they are in Sheaf, kept in a file so that a later push hashes only
 * what is new. The file may be lost or damaged at any time: records that do not match their
 * checksum are skipped, and what is missing is hashed again.
 *
 * <p>The file is a list of 64-byte records: SHA-1, SHA-256, size (8 bytes, big-endian), CRC-32 of
 * these 60. One thread; several processes may append.
 */
public final class BlobIds {
  private static final int VALUE = ContentId.LENGTH + Long.BYTES;
  private static final int BODY = Constants.OBJECT_ID_LENGTH + VALUE;
  private static final int RECORD = BODY + Integer.BYTES;

  /**
   * What a blob is in Sheaf.
   *
   * @param id SHA-256 of its content
   * @param size length of its content in bytes
   */
  public record Blob(ContentId id, long size) {}

  private final FixedWidthMap map = new FixedWidthMap(Constants.OBJECT_ID_LENGTH, VALUE);
  private final Path file;
  private ByteBuffer unsaved = ByteBuffer.allocate(1024 * RECORD);

  private BlobIds(Path file) {
    this.file = file;
  }

  /** Reads the file, which need not be there; {@link #save} makes it. */
  public static BlobIds load(Path file) throws IOException {
    BlobIds ids = new BlobIds(file);
    if (Files.isRegularFile(file)) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        byte[] record = new byte[RECORD];
        while (in.readNBytes(record, 0, RECORD) == RECORD) {
          ids.take(record);
        }
      }
    }
    return ids;
  }

  private void take(byte[] record) {
    if (ByteBuffer.wrap(record).getInt(BODY) == crc(record, 0)) {
      map.put(
          Arrays.copyOf(record, Constants.OBJECT_ID_LENGTH),
          Arrays.copyOfRange(record, Constants.OBJECT_ID_LENGTH, BODY));
    }
  }

  private static int crc(byte[] record, int at) {
    CRC32 crc = new CRC32();
    crc.update(record, at, BODY);
    return (int) crc.getValue();
  }

  /** What a blob is, or null when that is not known yet. */
  public @Nullable Blob find(AnyObjectId blob) {
    byte[] value = new byte[VALUE];
    if (!map.get(raw(blob), value)) {
      return null;
    }
    ByteBuffer fields = ByteBuffer.wrap(value);
    byte[] id = new byte[ContentId.LENGTH];
    fields.get(id);
    return new Blob(ContentId.ofBytes(id), fields.getLong());
  }

  /** Records what a blob is. */
  public void add(AnyObjectId blob, Blob known) {
    byte[] key = raw(blob);
    byte[] value =
        ByteBuffer.allocate(VALUE).put(known.id().toBytes()).putLong(known.size()).array();
    if (!map.put(key, value)) {
      return;
    }
    if (unsaved.remaining() < RECORD) {
      unsaved = ByteBuffer.allocate(2 * unsaved.capacity()).put(unsaved.flip());
    }
    int start = unsaved.position();
    unsaved.put(key).put(value);
    unsaved.putInt(crc(unsaved.array(), start));
  }

  /** Appends what is new to the file. */
  public void save() throws IOException {
    if (unsaved.position() == 0) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.lock()) {
      // Records of a process that was killed half-way must not shift ours.
      channel.position(lock.channel().size() / RECORD * RECORD);
      unsaved.flip();
      while (unsaved.hasRemaining()) {
        channel.write(unsaved);
      }
      unsaved.clear();
    }
  }

  private static byte[] raw(AnyObjectId id) {
    byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
    id.copyRawTo(raw, 0);
    return raw;
  }
}
