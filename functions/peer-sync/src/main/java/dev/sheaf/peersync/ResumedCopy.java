package dev.sheaf.peersync;

import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A blob as one stream: the parts of it that are in the bucket, then what a peer has behind them,
 * of which each whole part is put into the bucket as it has come. A read fails as the peer and the
 * store do, the latter with a {@link SheafException}.
 */
final class ResumedCopy extends InputStream {
  private static final String TYPE = "application/octet-stream";

  private final ObjectStore store;
  private final IntFunction<String> keys;
  private final Part part;
  private final long size;
  private final HttpPeer.Place place;

  /** How many parts were there when this was opened. */
  private final int before;

  private int parts;
  private long at;
  private @Nullable InputStream from;

  /**
   * A part that is under way.
   *
   * @param folder where its file is
   * @param bytes its length when it is whole
   */
  record Part(Path folder, int bytes) {}

  private @Nullable Path file;
  private @Nullable OutputStream out;

  /**
   * @param keys of the parts, by their numbers from 0
   * @param before how many parts are in the bucket
   * @param size of the blob
   * @param place where the rest is
   */
  ResumedCopy(
      ObjectStore store,
      IntFunction<String> keys,
      Part part,
      int before,
      long size,
      HttpPeer.Place place) {
    this.store = store;
    this.keys = keys;
    this.part = part;
    this.before = before;
    this.parts = before;
    this.size = size;
    this.place = place;
  }

  /** Whether parts have been put that were not there before. */
  boolean hasGrown() {
    return parts > before;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    return at < (long) before * part.bytes()
        ? readKept(target, offset, length)
        : readNew(target, offset, length);
  }

  private int readKept(byte[] target, int offset, int length) throws IOException {
    int number = (int) (at / part.bytes());
    long left = (number + 1L) * part.bytes() - at;
    InputStream in = from == null ? kept(number) : from;
    int count = in.read(target, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new IOException("%s ends before its %d bytes".formatted(keys.apply(number), left));
    }
    at += count;
    if (count == left) {
      closeSource();
    }
    return count;
  }

  private InputStream kept(int number) throws IOException {
    InputStream in =
        store
            .get(keys.apply(number), ObjectStore.Read.WHOLE)
            .orElseThrow(() -> new IOException(keys.apply(number) + " is gone"))
            .body();
    from = in;
    return in;
  }

  private int readNew(byte[] target, int offset, int length) throws IOException {
    if (from == null && at == size) {
      return -1;
    }
    InputStream in = from == null ? rest() : from;
    int most = (int) Math.min(length, (parts + 1L) * part.bytes() - at);
    int count = in.read(target, offset, most);
    if (count > 0) {
      at += count;
      keep(target, offset, count);
    }
    return count;
  }

  private InputStream rest() throws IOException {
    InputStream in = place.open(at);
    from = in;
    return in;
  }

  private void keep(byte[] bytes, int offset, int count) throws IOException {
    OutputStream kept = out == null ? begin() : out;
    kept.write(bytes, offset, count);
    if (at == (parts + 1L) * part.bytes()) {
      Path whole = end();
      if (whole != null) {
        FileContent content = new FileContent(whole, part.bytes());
        store.put(keys.apply(parts), content, null, ObjectStore.Condition.ALWAYS, TYPE);
        parts++;
      }
    }
  }

  private OutputStream begin() throws IOException {
    Path begun = file == null ? Files.createTempFile(part.folder(), "blob", ".part") : file;
    file = begun;
    OutputStream empty = Files.newOutputStream(begun);
    out = empty;
    return empty;
  }

  private @Nullable Path end() throws IOException {
    OutputStream written = out;
    out = null;
    if (written != null) {
      written.close();
    }
    return file;
  }

  private void closeSource() throws IOException {
    InputStream in = from;
    from = null;
    if (in != null) {
      in.close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      closeSource();
    } finally {
      Path begun = end();
      if (begun != null) {
        Files.deleteIfExists(begun);
      }
    }
  }
}
