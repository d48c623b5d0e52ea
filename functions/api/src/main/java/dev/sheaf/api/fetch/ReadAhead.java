package dev.sheaf.api.fetch;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Reads contents batch by batch, always one batch ahead of the one that is used. */
final class ReadAhead implements AutoCloseable {
  private static final int BATCH_OBJECTS = 256;
  private static final long BATCH_BYTES = 16 << 20;

  private final Contents contents;
  private final List<Location> objects;
  private final SpoolDirectory spool;
  private final ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor();
  private int next;
  private @Nullable Future<Batch> ahead;

  ReadAhead(Contents contents, List<Location> objects, SpoolDirectory spool) {
    this.contents = contents;
    this.objects = objects;
    this.spool = spool;
    this.ahead = begin();
  }

  /** Some objects and their contents, one for one. */
  record Batch(List<Location> objects, List<Content> contents) {}

  /** The next batch; null at the end. */
  @Nullable Batch next() {
    Future<Batch> current = ahead;
    if (current == null) {
      return null;
    }
    try {
      Batch batch = current.get();
      ahead = begin();
      return batch;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "interrupted while reading objects; try again", e);
    }
  }

  private @Nullable Future<Batch> begin() {
    List<Location> batch = new ArrayList<>();
    long bytes = 0;
    while (next < objects.size() && batch.size() < BATCH_OBJECTS) {
      Location object = objects.get(next);
      bytes += object.sizeBytes();
      if (bytes > BATCH_BYTES && !batch.isEmpty()) {
        break;
      }
      batch.add(object);
      next++;
    }
    return batch.isEmpty() ? null : reader.submit(() -> read(batch));
  }

  private Batch read(List<Location> batch) {
    return new Batch(batch, contents.read(batch, spool));
  }

  /** Stops what is still being read, and waits for it. */
  @Override
  public void close() {
    reader.shutdownNow();
    reader.close();
  }
}
