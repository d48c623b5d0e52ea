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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Writes a bundle as a stream and hashes it on the way: first the history, then the announced
 * number of objects, then {@link #finish}. Not thread-safe. The stream that it writes to stays
 * open.
 */
public final class BundleWriter {
  private final HashingOutput hashing;
  private final MsgpackWriter out;
  private final RecordWriter records;
  private long commits;
  private long snapshots;
  private long announced = -1;
  private long objects;

  private BundleWriter(HashingOutput hashing, IdDialect dialect) {
    this.hashing = hashing;
    this.out = new MsgpackWriter(hashing);
    this.records = new RecordWriter(this.out, dialect);
  }

  /**
   * A writer of a bundle.
   *
   * @param dialect how object ids are spelled; commit and snapshot ids are written as they are. In
   *     the bare dialect, which the muse client reads, commits carry absent values as well
   */
  public static BundleWriter to(OutputStream out, IdDialect dialect) {
    return new BundleWriter(new HashingOutput(out, Ids.sha256()), dialect);
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
   * @throws IllegalStateException when more come than were announced
   */
  public void object(WireObject object) throws IOException {
    if (objects == announced) {
      throw new IllegalStateException("only " + announced + " objects were announced");
    }
    objects++;
    records.objectHeader(object);
    if (object.wire() instanceof BytesContent bytes) {
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
    ContentId sha256 = ContentId.ofBytes(hashing.digest());
    return new BundleSummary(sha256, hashing.size(), commits, snapshots, objects);
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
