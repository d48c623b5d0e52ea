package dev.sheaf.cli.restore;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Builds a repository's objects out of bundles, given in an order in which each builds on the ones
 * before it. Memory is bounded by the history of one bundle and some 60 bytes an object.
 */
public final class RepositoryBuilder implements AutoCloseable {
  private final Path scratch;
  private final MissingObjects missingObjects;
  private final PackFile pack;
  private final PackFile aside;
  private final ObjectPacker packer;
  private final IdMap blobs = new IdMap();
  private final BlobImport blobImport;
  private final CommitImport commitImport;

  /** Gets objects that the bundles do not hold. */
  @FunctionalInterface
  public interface MissingObjects {
    /**
     * Gives each of the objects to the consumer.
     *
     * @throws dev.sheaf.bundle.SheafException when one is not to be had
     */
    void get(Collection<ContentId> ids, Consumer<RawObject> consumer) throws IOException;
  }

  /**
   * @param scratch an empty folder for working files; whoever made it deletes it
   * @param threads how many threads decode and compress
   */
  public RepositoryBuilder(Path scratch, int threads, MissingObjects missingObjects)
      throws IOException {
    this.scratch = scratch;
    this.missingObjects = missingObjects;
    this.pack = new PackFile(scratch.resolve("objects.pack"));
    this.aside = new PackFile(scratch.resolve("aside.pack"));
    this.packer = new ObjectPacker(scratch);
    this.blobImport = new BlobImport(pack, blobs, scratch, threads);
    this.commitImport = new CommitImport(pack, packer, new TreeWriter(pack, aside, packer), blobs);
  }

  /**
   * Adds everything in a bundle.
   *
   * @param bundle its bytes, found to be the right ones
   * @return what it says of branches and meta, and its commits
   */
  public History add(InputStream bundle) throws IOException {
    HistoryCollector sink =
        new HistoryCollector() {
          @Override
          public void objects(ObjectRun run) throws IOException {
            blobImport.add(run);
          }
        };
    BundleReader.spoolingTo(scratch).withoutHashing().read(bundle, sink);
    blobImport.await();
    History history = sink.history();
    getMissing(history);
    commitImport.add(history);
    return history;
  }

  private void getMissing(History history) throws IOException {
    Set<ContentId> missing = new LinkedHashSet<>();
    for (Snapshot snapshot : history.snapshots()) {
      for (ContentId id : snapshot.entries().values()) {
        if (blobs.get(id) == null) {
          missing.add(id);
        }
      }
    }
    if (!missing.isEmpty()) {
      missingObjects.get(missing, blobImport::add);
    }
  }

  /** What the commits came to, and what to say about it. */
  public CommitImport commits() {
    return commitImport;
  }

  /**
   * Adds an annotated tag.
   *
   * @param tag the raw content of its object
   * @param named what it has to name
   * @return its id
   */
  public ObjectId addTag(byte[] tag, ObjectId named) throws IOException {
    return commitImport.addTag(tag, named);
  }

  /** Number of objects so far. */
  public int objectCount() {
    return pack.size();
  }

  /**
   * Completes the pack.
   *
   * @param objects git's {@code objects} folder
   */
  public void finish(Path objects) throws IOException {
    Path folder = Files.createDirectories(objects.resolve("pack"));
    if (pack.size() > 0) {
      pack.finish(folder);
    }
  }

  @Override
  public void close() throws IOException {
    blobImport.close();
    packer.close();
    pack.close();
    aside.close();
  }
}
