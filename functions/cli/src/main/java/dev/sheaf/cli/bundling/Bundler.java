package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.cli.git.CommitText;
import dev.sheaf.cli.git.FixedWidthMap;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.git.RefTarget;
import dev.sheaf.cli.process.Folders;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Writes a git history as one plain muse bundle (bundle.md): its commits, a snapshot of each, and
 * every file. Modes, submodules and tags stay behind; a commit's id in git goes along as metadata.
 */
public final class Bundler implements AutoCloseable {
  /** The key of a commit's metadata with its id in git. */
  private static final String GIT_ID = "git_id";

  private final GitSource source;
  private final GitHistory history;
  private final FixedWidthMap blobIds =
      new FixedWidthMap(Constants.OBJECT_ID_LENGTH, ContentId.LENGTH);
  private final Path folder;
  private final LongConsumer progress;
  private final CommitIds commitIds = new CommitIds();
  private final NewBlobs newBlobs;
  private final SnapshotWriter snapshots;
  private final ExecutorService workers;

  /**
   * @param folder where bundles are written; whoever made it deletes it
   * @param progress told the raw size of each object that is done
   */
  public Bundler(GitSource source, GitHistory history, Path folder, LongConsumer progress) {
    this.source = source;
    this.history = history;
    this.folder = folder;
    this.progress = progress;
    this.newBlobs = new NewBlobs(history);
    this.snapshots = new SnapshotWriter(history, this::blobId);
    this.workers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
  }

  /** Writes everything that the branches and tags reach. */
  public BuiltBundle build(RefList refs) throws IOException {
    List<ObjectId> commits = history.commitsBetween(List.of(), refs.tips());
    Path scratch = Files.createTempDirectory(folder, "objects-");
    try (ObjectSection section = new ObjectSection(source, workers, scratch, progress)) {
      List<ObjectSection.Encoded> objects = section.encode(newBlobs(commits));
      for (ObjectSection.Encoded object : objects) {
        blobIds.put(CommitIds.raw(object.blob()), object.id().toBytes());
      }
      return write(history(commits, refs), objects);
    } finally {
      Folders.delete(scratch);
    }
  }

  private List<NewBlob> newBlobs(List<ObjectId> commits) throws IOException {
    List<NewBlob> found = new ArrayList<>();
    for (ObjectId commit : commits) {
      found.addAll(newBlobs.of(history.commit(commit)));
    }
    return found;
  }

  /** Commits that differ only in what a muse commit does not have are one. */
  private History history(List<ObjectId> ids, RefList refs) throws IOException {
    List<Commit> commits = new ArrayList<>();
    List<Snapshot> changed = new ArrayList<>();
    Set<String> written = new HashSet<>();
    for (ObjectId id : ids) {
      CommitText text = history.commit(id);
      Snapshot snapshot = snapshots.write(text);
      if (snapshot != null) {
        changed.add(snapshot);
      }
      Commit commit = commit(id, text);
      commitIds.put(id, commit.commitId());
      if (written.add(commit.commitId())) {
        commits.add(commit);
      }
    }
    return new History(commits, changed, heads(refs), List.of(), PackedMap.EMPTY);
  }

  private Map<String, String> heads(RefList refs) {
    Map<String, String> heads = new TreeMap<>();
    for (Map.Entry<String, RefTarget> ref : refs.refs().entrySet()) {
      if (ref.getKey().startsWith(Constants.R_HEADS)) {
        String branch = ref.getKey().substring(Constants.R_HEADS.length());
        heads.put(branch, commitIds.of(ref.getValue().commit()));
      }
    }
    return heads;
  }

  private ContentId blobId(ObjectId blob) {
    byte[] id = new byte[ContentId.LENGTH];
    if (!blobIds.get(CommitIds.raw(blob), id)) {
      throw new IllegalStateException("blob " + blob.name() + " is in no commit");
    }
    return ContentId.ofBytes(id);
  }

  private Commit commit(ObjectId id, CommitText text) throws IOException {
    List<String> parents = text.parents().stream().map(commitIds::of).distinct().toList();
    String snapshot = snapshots.id(text.tree());
    String message = text.message();
    String committedAt = text.committedAt();
    return new Commit(
        Ids.commit(parents, snapshot, message, committedAt, IdDialect.PREFIXED),
        snapshot,
        message,
        committedAt,
        parents,
        text.author(),
        "",
        PackedMap.of(Map.of("metadata", Map.of(GIT_ID, id.name()))));
  }

  private BuiltBundle write(History content, List<ObjectSection.Encoded> objects)
      throws IOException {
    Path file = Files.createTempFile(folder, "bundle-", null);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
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

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
