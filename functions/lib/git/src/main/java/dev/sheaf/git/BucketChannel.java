package dev.sheaf.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;
import org.jspecify.annotations.Nullable;

/** An object of the bucket, read where JGit asks for it. Each jump is a GET; reading on is none. */
final class BucketChannel implements ReadableChannel {
  private final ObjectStore store;
  private final String key;
  private final long size;
  private final boolean inBlocks;

  private long position;
  private long ahead;
  private ObjectStore.@Nullable Download download;
  private long downloaded;
  private long end;
  private boolean open = true;

  private BucketChannel(ObjectStore store, String key, long size, boolean inBlocks) {
    this.store = store;
    this.key = key;
    this.size = size;
    this.inBlocks = inBlocks;
  }

  /** Asks for as much as each reader wants: for a file that is read here and there. */
  static BucketChannel inBlocks(ObjectStore store, String key, long size) {
    return new BucketChannel(store, key, size, true);
  }

  /** Asks for all that follows: for a file that is read once from begin to end. */
  static BucketChannel whole(ObjectStore store, String key, long size) {
    return new BucketChannel(store, key, size, false);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (position >= size) {
      return -1;
    }
    if (download == null || downloaded != position || downloaded >= end) {
      request(target.remaining());
    }
    InputStream body = java.util.Objects.requireNonNull(download).body();
    int count = readSome(body, target);
    position += count;
    downloaded += count;
    return count;
  }

  private int readSome(InputStream body, ByteBuffer target) {
    try {
      int most = (int) Math.min(target.remaining(), end - downloaded);
      int count = body.read(target.array(), target.arrayOffset() + target.position(), most);
      if (count < 0) {
        throw new SheafException(
            ErrorKind.CORRUPT,
            "%s ends before its %d bytes; it is not the file that its repository has listed"
                .formatted(key, size));
      }
      target.position(target.position() + count);
      return count;
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "reading %s at %d failed; try again".formatted(key, position), e);
    }
  }

  private void request(int wanted) {
    drop();
    long length = inBlocks ? Math.min(size - position, Math.max(wanted, ahead)) : size - position;
    download =
        store
            .get(key, ObjectStore.Read.range(position, length))
            .orElseThrow(() ->
                new SheafException(
                    ErrorKind.CORRUPT,
                    key + " is listed among its repository's packs, but not in the bucket"));
    downloaded = position;
    end = position + length;
  }

  private void drop() {
    if (download != null) {
      download.close();
      download = null;
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void position(long newPosition) {
    position = newPosition;
  }

  @Override
  public long size() {
    return size;
  }

  /** No multiple of anything: a GET may begin and end anywhere. */
  @Override
  public int blockSize() {
    return 0;
  }

  @Override
  public void setReadAheadBytes(int bytes) {
    ahead = bytes;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    drop();
  }
}
