package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Keeps objects for as long as the process lives: small ones on the heap, large ones in temporary
 * files that have no name any more, so that not even a killed process leaves something behind.
 */
final class MemoryVault implements Vault {
  private static final int ON_HEAP_BYTES = 8 << 20;

  @Override
  public Body receive(InputStream bytes) throws IOException {
    byte[] head = bytes.readNBytes(ON_HEAP_BYTES + 1);
    if (head.length <= ON_HEAP_BYTES) {
      return new Body.InMemory(head);
    }
    FileChannel file = nameless();
    try {
      write(file, head, head.length);
      byte[] buffer = new byte[1 << 16];
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        write(file, buffer, n);
      }
      return new NamelessFile(file, file.position());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void write(FileChannel file, byte[] bytes, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
  }

  private static FileChannel nameless() throws IOException {
    Path path = Files.createTempFile("sheaf-object-", ".tmp");
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(path);
    }
  }

  @Override
  public Body join(List<Body> parts) throws IOException {
    List<InputStream> streams = new ArrayList<>();
    for (Body part : parts) {
      streams.add(part.open());
    }
    try (InputStream all = new SequenceInputStream(Collections.enumeration(streams))) {
      return receive(all);
    }
  }

  @Override
  public Staged stage(StoredObject object) {
    return new Staged() {
      @Override
      public StoredObject object() {
        return object;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public StoredObject publish(Staged staged) {
    return staged.object();
  }

  /** Leaves the body to its readers; a nameless file goes with the last reference to it. */
  @Override
  public void remove(StoredObject object) {}

  @Override
  public void load(Consumer<StoredObject> objects) {}

  @Override
  public void close() {}

  /** An unlinked file; the disk space is free once the channel is closed or unreachable. */
  private static final class NamelessFile implements Body {
    private final FileChannel file;
    private final long size;

    NamelessFile(FileChannel file, long size) {
      this.file = file;
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public InputStream open(long offset, long length) {
      return new ChannelStream(file, offset, length, false);
    }
  }
}
