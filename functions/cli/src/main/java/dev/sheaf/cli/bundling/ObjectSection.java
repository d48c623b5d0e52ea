package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.codec.InflationCredit;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.cli.git.BlobIds;
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
 * Compresses the objects of one bundle, many at a time: the blobs in {@link ChainOrder}, cut into
 * groups that each begin a chain. Contents too large for memory live until this is closed.
 */
final class ObjectSection implements AutoCloseable {
  /** Objects a chain (bundle.md section 11.12). */
  private static final int GROUP_OBJECTS = 32;

  private final GitSource source;
  private final BundleSettings settings;
  private final ExecutorService workers;
  private final Path folder;
  private final LongConsumer progress;
  private final Queue<ObjectEncoder> encoders = new ConcurrentLinkedQueue<>();
  private final InflationCredit credit = new InflationCredit();

  /** A blob, what it is in Sheaf, and how it travels. */
  record Encoded(ObjectId blob, BlobIds.Blob identity, WireObject wire) {}

  /**
   * @param folder where large contents are put
   * @param progress told the raw size of each object, on the thread that calls {@link #encode}
   */
  ObjectSection(
      GitSource source,
      BundleSettings settings,
      ExecutorService workers,
      Path folder,
      LongConsumer progress) {
    this.source = source;
    this.settings = settings;
    this.workers = workers;
    this.folder = folder;
    this.progress = progress;
  }

  /** Compresses the blobs; the result is in the order in which they must be written. */
  List<Encoded> encode(List<NewBlob> blobs) throws IOException {
    List<NewBlob> ordered = blobs.stream().sorted(ChainOrder.INSTANCE).toList();
    List<Future<List<Encoded>>> groups = new ArrayList<>();
    for (int i = 0; i < ordered.size(); i += GROUP_OBJECTS) {
      List<NewBlob> group = ordered.subList(i, Math.min(i + GROUP_OBJECTS, ordered.size()));
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
        progress.accept(object.identity().size());
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
        BlobIds.Blob identity = new BlobIds.Blob(object.id(), object.content().size());
        encoded.add(new Encoded(blob.blob(), identity, encoder.encode(object, !encoded.isEmpty())));
      }
    } finally {
      encoders.add(encoder);
    }
    return encoded;
  }

  private ObjectEncoder newEncoder() {
    return new ObjectEncoder(settings.level(), !settings.portable(), folder, credit);
  }

  @Override
  public void close() throws IOException {
    for (ObjectEncoder encoder : encoders) {
      encoder.close();
    }
  }
}
