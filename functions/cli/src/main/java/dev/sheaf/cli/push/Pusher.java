package dev.sheaf.cli.push;

import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.bundling.CommitRange;
import dev.sheaf.cli.bundling.Heads;
import dev.sheaf.cli.bundling.RangePlanner;
import dev.sheaf.cli.git.BlobIds;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.http.RemoteRefs;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;

/**
 * One push: read the refs on both sides, see what the server lacks, send it as bundles in order,
 * and let the last bundle move the refs. Until that one is announced, nothing that anybody reads
 * has changed, and a push that was broken off is simply run again: bundles that arrived are not
 * sent a second time.
 */
public final class Pusher {
  private final GitSource source;
  private final RepositoryClient client;
  private final BundleSender sender;
  private final PushOptions options;
  private final Progress progress;
  private final Stopwatch stopwatch;

  public Pusher(
      GitSource source,
      RepositoryClient client,
      BundleSender sender,
      PushOptions options,
      Progress progress,
      Stopwatch stopwatch) {
    this.source = source;
    this.client = client;
    this.sender = sender;
    this.options = options;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /**
   * Pushes.
   *
   * @param scratch an empty folder for the bundles; whoever made it deletes it
   */
  public PushReport push(Path scratch) throws IOException {
    RefList refs = RefList.read(source, options.selection());
    RemoteRefs remote = stopwatch.time("refs", client::refsIfPresent);
    BlobIds blobIds = BlobIds.load(source.commonFolder().resolve("sheaf").resolve("blob-ids"));
    try (GitHistory history = new GitHistory(source);
        Bundler bundler =
            new Bundler(source, history, blobIds, options.settings(), scratch, progress::step)) {
      Heads heads = Heads.of(refs, bundler.commitIds());
      RefChanges changes = new RefChanges(refs, heads, remote);
      if (changes.isEmpty()) {
        return report(true, heads, List.of());
      }
      List<CommitRange> ranges =
          stopwatch.time("plan", () -> plan(refs, remote, changes, history, bundler));
      List<BuiltBundle> built = send(ranges, heads, remote, bundler);
      saveQuietly(blobIds);
      return report(false, heads, built);
    }
  }

  private List<CommitRange> plan(
      RefList refs, RemoteRefs remote, RefChanges changes, GitHistory history, Bundler bundler)
      throws IOException {
    KnownCommits known = KnownCommits.find(remote, refs, history, bundler.commitIds());
    if (!options.force()) {
      changes.requireFastForward(known, history);
    }
    List<ObjectId> commits = history.commitsBetween(known.commits(), refs.tips());
    return new RangePlanner(source, history, options.settings().targetBytes()).plan(commits);
  }

  private List<BuiltBundle> send(
      List<CommitRange> ranges, Heads heads, RemoteRefs remote, Bundler bundler)
      throws IOException {
    // Of a repository without branches the server can have nothing that it would tell.
    Bundler.Wanted wanted = remote.branchHeads().isEmpty() ? null : client::missing;
    progress.begin(
        "compressing", ranges.stream().mapToLong(CommitRange::newBytes).sum(), Progress.Unit.BYTES);
    List<BuiltBundle> built = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      CommitRange range = ranges.get(i);
      Heads moved = i == ranges.size() - 1 ? heads : Heads.NONE;
      BuiltBundle bundle = stopwatch.time("bundle", () -> bundler.build(range, moved, wanted));
      sender.send(bundle, moved, options.force(), remote.branchHeads());
      built.add(bundle);
      Files.delete(bundle.file());
    }
    progress.end();
    if (options.awaitIndex()) {
      sender.awaitJobs();
    }
    return built;
  }

  /** The file only saves time; a repository that may be read but not written is fine. */
  private void saveQuietly(BlobIds blobIds) {
    try {
      blobIds.save();
    } catch (IOException e) {
      progress.say("could not keep the ids of blobs for the next push: " + e.getMessage());
    }
  }

  private PushReport report(boolean upToDate, Heads heads, List<BuiltBundle> built) {
    return new PushReport(
        upToDate,
        built.stream().mapToLong(BuiltBundle::commits).sum(),
        built.stream().mapToLong(BuiltBundle::objects).sum(),
        sender.sent(),
        Map.copyOf(heads.branches()),
        sender.jobs(),
        stopwatch.millis(),
        client.traffic());
  }
}
