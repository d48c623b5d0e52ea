package dev.sheaf.cli.restore;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.process.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Decodes runs of objects on several threads and packs them as blobs. An object that follows
 * another in its run is mostly a version of it, so it is tried as a delta of it.
 */
final class BlobImport implements AutoCloseable {
  private final PackFile pack;
  private final IdMap blobs;
  private final Path scratch;
  private final ExecutorService workers;
  private final Semaphore waiting;
  private final Queue<ObjectPacker> packers = new ConcurrentLinkedQueue<>();
  private final List<Future<?>> running = new ArrayList<>();

  /**
   * @param blobs receives what each object is in git
   * @param scratch where contents that are too large for memory are put
   */
  BlobImport(PackFile pack, IdMap blobs, Path scratch, int threads) {
    this.pack = pack;
    this.blobs = blobs;
    this.scratch = scratch;
    this.workers = Executors.newFixedThreadPool(threads);
    this.waiting = new Semaphore(2 * threads);
  }

  /** Takes a run over; waits while many are in work. */
  void add(ObjectRun run) throws IOException {
    waiting.acquireUninterruptibly();
    running.add(
        workers.submit(() -> {
          try (run) {
            importRun(run);
            return null;
          } finally {
            waiting.release();
          }
        }));
    forgetFinished();
  }

  /** Packs one object that came on its own. */
  void add(RawObject object) {
    ObjectPacker packer = packer();
    try {
      new Chain(packer).importOne(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      packers.add(packer);
    }
  }

  private void forgetFinished() throws IOException {
    for (Future<?> task : running) {
      if (task.state() == Future.State.FAILED) {
        Tasks.join(task);
      }
    }
    running.removeIf(Future::isDone);
  }

  /** Waits until everything taken over is in the pack. */
  void await() throws IOException {
    for (Future<?> task : running) {
      Tasks.join(task);
    }
    running.clear();
  }

  private void importRun(ObjectRun run) throws IOException {
    ObjectPacker packer = packer();
    try {
      new Chain(packer).importAll(run);
    } finally {
      packers.add(packer);
    }
  }

  private ObjectPacker packer() {
    ObjectPacker free = packers.poll();
    return free == null ? new ObjectPacker(scratch) : free;
  }

  private final class Chain {
    private final ObjectPacker packer;
    private ObjectPacker.Base base = ObjectPacker.Base.NONE;

    Chain(ObjectPacker packer) {
      this.packer = packer;
    }

    void importAll(ObjectRun run) throws IOException {
      run.decode(this::importOne);
    }

    private void importOne(RawObject object) throws IOException {
      requireOwnBytes(object);
      ObjectId id = packer.name(Constants.OBJ_BLOB, object.content());
      if (!pack.contains(id)) {
        pack.append(packer.pack(id, Constants.OBJ_BLOB, object.content(), base));
      }
      blobs.put(object.id(), id);
      base = ObjectPacker.Base.of(id, object.content());
    }
  }

  /** Whoever sent it, and however: nothing else vouches for an object. */
  private static void requireOwnBytes(RawObject object) throws IOException {
    ContentId found = Ids.object(object.content());
    if (!found.equals(object.id())) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "object "
              + object.id().hex()
              + " came with the bytes of "
              + found.hex()
              + "; the clone was given up");
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
    packers.forEach(ObjectPacker::close);
  }
}
