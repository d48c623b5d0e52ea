package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotOrder;
import dev.sheaf.bundle.msgpack.MsgpackWriter;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bundle as a stream and hashes it on the way: first the history, then the announced
 * number of objects, then {@link #finish}. Not thread-safe. Close it, finished or not; the stream
 * that it writes to stays open.
 *
 * <p>Sheaf's own extension to the format: the map may be wrapped in a zstd stream ({@link
 * #compressing}), one or more frames and nothing behind them. Ids, paths and raw git commits are
 * then a quarter of their size, which matters most for many small commits. A bundle's name is the
 * hash of the bytes in the file in either form, and its first four bytes tell which it is. Foreign
 * readers do not know the wrapped form: {@link #plain} writes what they read.
 */
public final class BundleWriter implements Closeable {
  /** Contents above this size are kept out of compression: they are compressed, or will not be. */
  private static final int STORED_BYTES = 1 << 16;

  private final HashingOutput hashing;
  private final @Nullable CompressedOutput compressed;
  private final MsgpackWriter out;
  private final RecordWriter records;
  private long commits;
  private long snapshots;
  private long announced = -1;
  private long objects;

  private BundleWriter(
      HashingOutput hashing, @Nullable CompressedOutput compressed, IdDialect dialect) {
    this.hashing = hashing;
    this.compressed = compressed;
    this.out = new MsgpackWriter(compressed == null ? hashing : compressed);
    this.records = new RecordWriter(this.out, dialect);
  }

  /**
   * A writer of a bundle that any reader understands, if its objects are not chained.
   *
   * @param dialect how object ids are spelled; commit and snapshot ids are written as they are. In
   *     the bare dialect, which the muse client reads, commits carry absent values as well
   */
  public static BundleWriter plain(OutputStream out, IdDialect dialect) {
    return new BundleWriter(new HashingOutput(out, Ids.sha256()), null, dialect);
  }

  /**
   * A writer of a bundle that is wrapped in a zstd stream.
   *
   * @param level zstd level, 1 to 22, of everything but the objects
   */
  public static BundleWriter compressing(OutputStream out, IdDialect dialect, int level) {
    HashingOutput hashing = new HashingOutput(out, Ids.sha256());
    return new BundleWriter(hashing, new CompressedOutput(hashing, level), dialect);
  }

  /**
   * Writes everything but the objects; snapshots parents first, empty optional keys left out.
   *
   * @param objectCount how many objects will follow
   */
  public void history(History history, long objectCount) throws IOException {
    if (announced >= 0) {
      throw new IllegalStateException("a bundle has one history");
    }
    announced = objectCount;
    commits = history.commits().size();
    List<Snapshot> ordered = SnapshotOrder.parentsFirst(history.snapshots());
    snapshots = ordered.size();
    out.writeMapHeader(4 + (history.tags().isEmpty() ? 0 : 1) + (history.meta().isEmpty() ? 0 : 1));
    out.writeString("commits");
    out.writeArrayHeader(commits);
    for (Commit commit : history.commits()) {
      records.commit(commit);
    }
    out.writeString("snapshots");
    out.writeArrayHeader(snapshots);
    for (Snapshot snapshot : ordered) {
      records.snapshot(snapshot);
    }
    out.writeString("branch_heads");
    out.writeValue(history.branchHeads());
    tagsAndMeta(history.tags(), history.meta());
    out.writeString("objects");
    out.writeArrayHeader(objectCount);
  }

  /**
   * Writes the next object as it is.
   *
   * @throws IllegalStateException when more come than were announced, or when a {@link
   *     Encoding#ZSTD_CHAIN} object is the first
   */
  public void object(WireObject object) throws IOException {
    if (objects == announced) {
      throw new IllegalStateException("only " + announced + " objects were announced");
    }
    if (objects == 0 && object.encoding() == Encoding.ZSTD_CHAIN) {
      throw new IllegalStateException("the first object cannot refer to one before it");
    }
    objects++;
    records.objectHeader(object);
    if (compressed != null && object.wire().size() > STORED_BYTES) {
      out.flush();
      try (InputStream in = object.wire().open()) {
        compressed.store(in, object.wire().size());
      }
    } else if (object.wire() instanceof BytesContent bytes) {
      out.writeRaw(bytes.bytes(), 0, bytes.bytes().length);
    } else {
      copy(object);
    }
  }

  /**
   * Completes the bundle and flushes the stream.
   *
   * @throws IllegalStateException when fewer objects came than were announced
   */
  public BundleSummary finish() throws IOException {
    if (objects != announced) {
      throw new IllegalStateException(announced + " objects were announced, " + objects + " came");
    }
    out.flush();
    if (compressed != null) {
      compressed.endFrame();
      hashing.flush();
    }
    ContentId sha256 = ContentId.ofBytes(hashing.digest());
    return new BundleSummary(sha256, hashing.size(), commits, snapshots, objects);
  }

  /** Frees what compression holds. */
  @Override
  public void close() {
    if (compressed != null) {
      compressed.close();
    }
  }

  private void tagsAndMeta(List<PackedMap> tags, PackedMap meta) throws IOException {
    if (!tags.isEmpty()) {
      out.writeString("tags");
      out.writeValue(tags);
    }
    if (!meta.isEmpty()) {
      out.writeString("meta");
      out.writePacked(meta);
    }
  }

  /** Copies a body out of its file, and insists on the length that was announced. */
  private void copy(WireObject object) throws IOException {
    long rest = object.wire().size();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = object.wire().open()) {
      while (rest > 0) {
        int got = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
        if (got < 0) {
          throw new IOException("object " + object.id() + " lost " + rest + " bytes of its file");
        }
        out.writeRaw(buffer, 0, got);
        rest -= got;
      }
    }
  }
}
