package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.InflationCredit;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.process.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Compresses the objects of one bundle, many at a time: the blobs, cut into groups. Contents too
 * large for memory live until this is closed.
 */
final class ObjectSection implements AutoCloseable {
  private static final int GROUP_OBJECTS = 32;

  /** Of zstd; measured on real histories. */
  private static final int LEVEL = 9;

  private final GitSource source;
  private final ExecutorService workers;
  private final Path folder;
  private final LongConsumer progress;
  private final Queue<ObjectEncoder> encoders = new ConcurrentLinkedQueue<>();
  private final InflationCredit credit = new InflationCredit();

  /** A blob, what it is in Sheaf, and how it travels. */
  record Encoded(ObjectId blob, ContentId id, long size, WireObject wire) {}

  /**
   * @param folder where large contents are put
   * @param progress told the raw size of each object, on the thread that calls {@link #encode}
   */
  ObjectSection(GitSource source, ExecutorService workers, Path folder, LongConsumer progress) {
    this.source = source;
    this.workers = workers;
    this.folder = folder;
    this.progress = progress;
  }

  /** Compresses the blobs; the result is in the order in which they must be written. */
  List<Encoded> encode(List<NewBlob> blobs) throws IOException {
    List<Future<List<Encoded>>> groups = new ArrayList<>();
    for (int i = 0; i < blobs.size(); i += GROUP_OBJECTS) {
      List<NewBlob> group = blobs.subList(i, Math.min(i + GROUP_OBJECTS, blobs.size()));
      groups.add(workers.submit(() -> encodeGroup(group)));
    }
    try {
      return join(groups);
    } finally {
      groups.forEach(group -> group.cancel(true));
    }
  }

  private List<Encoded> join(List<Future<List<Encoded>>> groups) throws IOException {
    List<Encoded> all = new ArrayList<>();
    for (Future<List<Encoded>> group : groups) {
      for (Encoded object : Tasks.join(group)) {
        all.add(object);
        progress.accept(object.size());
      }
    }
    return all;
  }

  private List<Encoded> encodeGroup(List<NewBlob> group) throws IOException {
    ObjectEncoder free = encoders.poll();
    ObjectEncoder encoder = free == null ? newEncoder() : free;
    List<Encoded> encoded = new ArrayList<>(group.size());
    try (BlobReader reader = new BlobReader(source, folder)) {
      for (NewBlob blob : group) {
        RawObject object = reader.read(blob.blob());
        encoded.add(
            new Encoded(blob.blob(), object.id(), object.content().size(), encoder.encode(object)));
      }
    } finally {
      encoders.add(encoder);
    }
    return encoded;
  }

  private ObjectEncoder newEncoder() {
    return new ObjectEncoder(LEVEL, folder, credit);
  }

  @Override
  public void close() throws IOException {
    for (ObjectEncoder encoder : encoders) {
      encoder.close();
    }
  }
}
