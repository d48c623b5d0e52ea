package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import dev.sheaf.bundle.msgpack.MsgpackWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Single commits and snapshots in the form that they have in a bundle, for those who store them.
 * Nothing is lost on the way there and back: unknown keys stay.
 */
public final class Records {
  private Records() {}

  /** One commit as the map that a bundle holds. */
  public static byte[] encode(Commit commit) {
    return written(records -> records.commit(commit));
  }

  /** One snapshot as the map that a bundle holds. */
  public static byte[] encode(Snapshot snapshot) {
    return written(records -> records.snapshot(snapshot));
  }

  /**
   * Reads what {@link #encode(Commit)} made.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when it is no commit
   */
  public static Commit commit(byte[] bytes) {
    return read(bytes, (in, fields) -> new CommitRecord(in, fields, Limits.DEFAULT).read());
  }

  /**
   * Reads what {@link #encode(Snapshot)} made.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when it is no snapshot
   */
  public static Snapshot snapshot(byte[] bytes) {
    return read(bytes, (in, fields) -> new SnapshotRecord(in, fields).read());
  }

  /** Writes one record. */
  private interface Writing {
    void to(RecordWriter records) throws IOException;
  }

  /** Reads one record. */
  private interface Reading<R> {
    R from(MsgpackReader in, Fields fields) throws IOException;
  }

  private static byte[] written(Writing writing) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      MsgpackWriter out = new MsgpackWriter(bytes, 1 << 10);
      writing.to(new RecordWriter(out, IdDialect.PREFIXED));
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  private static <R> R read(byte[] bytes, Reading<R> reading) {
    try {
      MsgpackReader in = new MsgpackReader(bytes);
      R record = reading.from(in, new Fields(in, Limits.DEFAULT, new Interner(ContentId::parse)));
      in.expectEnd();
      return record;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }
}
