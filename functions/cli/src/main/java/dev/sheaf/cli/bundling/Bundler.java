package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.cli.git.BlobIds;
import dev.sheaf.cli.git.CommitText;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.process.Folders;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Writes bundles, range after range of one history. Every range must be given, in order, because a
 * bundle holds only what no earlier one has.
 *
 * <p>Memory is bounded by one bundle, the trees and texts in use, and 60 bytes for each blob of the
 * repository.
 */
public final class Bundler implements AutoCloseable {
  private final GitSource source;
  private final GitHistory history;
  private final BlobIds blobIds;
  private final BundleSettings settings;
  private final Path folder;
  private final LongConsumer progress;
  private final CommitIds commitIds;
  private final NewBlobs newBlobs;
  private final SnapshotWriter snapshots;
  private final ExecutorService workers;
  private @Nullable BlobReader blobReader;

  /** Says which objects the reader of a bundle lacks. */
  @FunctionalInterface
  public interface Wanted {
    /** Those of the ids that are to be written. */
    Set<ContentId> of(Collection<ContentId> ids) throws IOException;
  }

  /**
   * @param folder where bundles are written; whoever made it deletes it
   * @param progress told the raw size of each object that is done
   */
  public Bundler(
      GitSource source,
      GitHistory history,
      BlobIds blobIds,
      BundleSettings settings,
      Path folder,
      LongConsumer progress) {
    this.source = source;
    this.history = history;
    this.blobIds = blobIds;
    this.settings = settings;
    this.folder = folder;
    this.progress = progress;
    this.commitIds = new CommitIds(history);
    this.newBlobs = new NewBlobs(history);
    this.snapshots = new SnapshotWriter(history, this::blobId);
    this.workers = Executors.newFixedThreadPool(settings.workers());
  }

  /** The ids of commits. */
  public CommitIds commitIds() {
    return commitIds;
  }

  /**
   * Writes the next range.
   *
   * @param heads the refs, of the last bundle; {@link Heads#NONE} for others
   * @param wanted which objects to write; null for all, which saves hashing them beforehand
   */
  public BuiltBundle build(CommitRange range, Heads heads, @Nullable Wanted wanted)
      throws IOException {
    List<NewBlob> blobs = newBlobs(range);
    Path scratch = Files.createTempDirectory(folder, "objects-");
    try (ObjectSection section = new ObjectSection(source, settings, workers, scratch, progress)) {
      List<ObjectSection.Encoded> objects =
          section.encode(wanted == null ? blobs : select(blobs, wanted));
      for (ObjectSection.Encoded object : objects) {
        blobIds.add(object.blob(), object.identity());
      }
      return write(history(range, heads), objects);
    } finally {
      Folders.delete(scratch);
    }
  }

  private History history(CommitRange range, Heads heads) throws IOException {
    List<Commit> commits = new ArrayList<>();
    List<Snapshot> changed = new ArrayList<>();
    snapshots.begin();
    for (ObjectId id : range.commits()) {
      CommitText commit = history.commit(id);
      Snapshot snapshot = snapshots.write(commit);
      if (snapshot != null) {
        changed.add(snapshot);
      }
      commits.add(commit(id, commit));
    }
    return new History(commits, changed, heads.branches(), List.of(), heads.meta());
  }

  /** Passes over a range that was sent in an earlier run. */
  public void skip(CommitRange range) throws IOException {
    newBlobs(range);
  }

  private List<NewBlob> newBlobs(CommitRange range) throws IOException {
    List<NewBlob> found = new ArrayList<>();
    for (ObjectId commit : range.commits()) {
      found.addAll(newBlobs.of(history.commit(commit)));
    }
    return found;
  }

  private List<NewBlob> select(List<NewBlob> blobs, Wanted wanted) throws IOException {
    List<ContentId> ids = new ArrayList<>(blobs.size());
    for (NewBlob blob : blobs) {
      ids.add(blobId(blob.blob()));
    }
    Set<ContentId> missing = ids.isEmpty() ? Set.of() : wanted.of(ids);
    List<NewBlob> selected = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      if (missing.contains(ids.get(i))) {
        selected.add(blobs.get(i));
      }
    }
    return selected;
  }

  /** From memory where it was hashed before, in this run or an earlier one. */
  private ContentId blobId(ObjectId blob) throws IOException {
    BlobIds.Blob known = blobIds.find(blob);
    if (known == null) {
      if (blobReader == null) {
        blobReader = new BlobReader(source, folder);
      }
      var object = blobReader.read(blob);
      known = new BlobIds.Blob(object.id(), object.content().size());
      blobIds.add(blob, known);
    }
    return known.id();
  }

  private Commit commit(ObjectId id, CommitText commit) throws IOException {
    List<String> parents = new ArrayList<>();
    for (ObjectId parent : commit.parents()) {
      parents.add(commitIds.of(parent));
    }
    String raw = Base64.getEncoder().encodeToString(commit.raw());
    return new Commit(
        commitIds.of(id),
        snapshots.id(commit.tree()),
        commit.message(),
        commit.committedAt(),
        parents,
        commit.author(),
        "",
        PackedMap.of(Map.of("metadata", Map.of(Commit.GIT_COMMIT, raw))));
  }

  private BuiltBundle write(History content, List<ObjectSection.Encoded> objects)
      throws IOException {
    Path file = Files.createTempFile(folder, "bundle-", null);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      BundleWriter writer = writer(out);
      writer.history(content, objects.size());
      for (ObjectSection.Encoded object : objects) {
        writer.object(object.wire());
      }
      BundleSummary summary = writer.finish();
      return new BuiltBundle(
          file,
          Objects.requireNonNull(summary.sha256()),
          summary.sizeBytes(),
          summary.commits(),
          summary.snapshots(),
          summary.objects());
    }
  }

  private BundleWriter writer(OutputStream out) {
    return settings.portable()
        ? BundleWriter.plain(out, IdDialect.PREFIXED)
        : BundleWriter.compressing(out, IdDialect.PREFIXED, settings.level());
  }

  @Override
  public void close() {
    workers.shutdownNow();
    if (blobReader != null) {
      blobReader.close();
    }
  }
}
