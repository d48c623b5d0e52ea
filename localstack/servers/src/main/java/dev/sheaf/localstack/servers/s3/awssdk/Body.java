package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * Bytes at rest: those of an object, of a part of an upload, or received and not yet published.
 * Closing gives up what holds them; streams that were opened before stay readable.
 */
interface Body extends Closeable {
  long size();

  /** A part of the bytes; the caller has checked that the range lies within them. */
  InputStream open(long offset, long length) throws IOException;

  /** All the bytes. */
  default InputStream open() throws IOException {
    return open(0, size());
  }

  @Override
  default void close() throws IOException {}

  /** Bytes in memory. */
  final class InMemory implements Body {
    private final byte[] bytes;

    InMemory(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public InputStream open(long offset, long length) {
      return new ByteArrayInputStream(bytes, Math.toIntExact(offset), Math.toIntExact(length));
    }
  }

  /** A stream over a part of an open file; closing it closes the channel when it owns it. */
  final class ChannelStream extends InputStream {
    private final FileChannel channel;
    private final boolean owned;
    private long position;
    private long left;

    ChannelStream(FileChannel channel, long offset, long length, boolean owned) {
      this.channel = channel;
      this.position = offset;
      this.left = length;
      this.owned = owned;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (left == 0) {
        return -1;
      }
      int wanted = (int) Math.min(length, left);
      int got = channel.read(ByteBuffer.wrap(into, offset, wanted), position);
      if (got < 0) {
        throw new IOException("the file ended " + left + " bytes early");
      }
      position += got;
      left -= got;
      return got;
    }

    @Override
    public void close() throws IOException {
      if (owned) {
        channel.close();
      }
    }
  }
}
