package dev.sheaf.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;

/** A file of a pack in temp space. */
final class TempChannel implements ReadableChannel {
  private final FileChannel file;

  private TempChannel(FileChannel file) {
    this.file = file;
  }

  static ReadableChannel open(Path path) {
    try {
      return new TempChannel(FileChannel.open(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return file.read(target);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public void position(long newPosition) throws IOException {
    file.position(newPosition);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int blockSize() {
    return 0;
  }

  @Override
  public void setReadAheadBytes(int bytes) {}

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
