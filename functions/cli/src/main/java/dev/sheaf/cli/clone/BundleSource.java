package dev.sheaf.cli.clone;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.http.ClonePlan;
import dev.sheaf.cli.http.FetchAnswer;
import dev.sheaf.cli.http.RemoteRefs;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.StoredFile;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Gets the bundles that make up a repository, several at a time. */
final class BundleSource implements AutoCloseable {
  private static final int DOWNLOADS = 4;

  private final RepositoryClient client;
  private final StoreClient store;
  private final Path scratch;
  private final Progress progress;
  private final Stopwatch stopwatch;
  private final AtomicLong lastEnd = new AtomicLong();
  private volatile long begin;
  private final ExecutorService downloads = Executors.newFixedThreadPool(DOWNLOADS);

  /**
   * The bundles, in the order in which they must be read, and the refs they belong to.
   *
   * @param bundles complete and checked when the future is done
   */
  record Bundles(List<Pending> bundles, RemoteRefs refs, long totalBytes) {}

  /** A bundle on its way. */
  record Pending(ContentId id, Future<Content> content) {}

  BundleSource(
      RepositoryClient client,
      StoreClient store,
      Path scratch,
      Progress progress,
      Stopwatch stopwatch) {
    this.client = client;
    this.store = store;
    this.scratch = scratch;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /**
   * The bundles as they were pushed, straight from the store; all in one that the server makes,
   * where the store no longer has some of them.
   *
   * @param read those that need not come again
   */
  Bundles stored(Set<ContentId> read) throws IOException {
    RemoteRefs refs = client.refs();
    if (refs.commits().isEmpty()) {
      return new Bundles(List.of(), refs, 0);
    }
    ClonePlan plan = client.clonePlan(refs.commits());
    if (!plan.isComplete()) {
      progress.say("some bundles are gone from the store; the server puts the history together");
      return fetched();
    }
    List<StoredFile> bundles =
        plan.bundles().stream().filter(bundle -> !read.contains(bundle.id())).toList();
    return new Bundles(startAll(bundles), refs, total(plan.bundles()));
  }

  /** One bundle that the server makes for this. */
  Bundles fetched() throws IOException {
    RemoteRefs refs = client.refs();
    if (refs.commits().isEmpty()) {
      return new Bundles(List.of(), refs, 0);
    }
    FetchAnswer answer = client.fetch(refs.commits());
    if (answer.file() != null) {
      List<StoredFile> files = List.of(answer.file());
      return new Bundles(startAll(files), refs, total(files));
    }
    Content bundle = Objects.requireNonNull(answer.bundle());
    Pending pending = new Pending(Ids.object(bundle), downloads.submit(() -> bundle));
    return new Bundles(List.of(pending), refs, bundle.size());
  }

  private static long total(List<StoredFile> files) {
    return files.stream().mapToLong(StoredFile::sizeBytes).sum();
  }

  private List<Pending> startAll(List<StoredFile> files) {
    begin = stopwatch.nanos();
    progress.begin("receiving", total(files), Progress.Unit.BYTES);
    List<Pending> started = new ArrayList<>();
    for (StoredFile file : files) {
      started.add(new Pending(file.id(), downloads.submit(() -> download(file))));
    }
    return started;
  }

  private Content download(StoredFile file) throws IOException {
    Path target = scratch.resolve(file.id().hex());
    store.download(file, target);
    lastEnd.accumulateAndGet(stopwatch.nanos(), Math::max);
    progress.step(file.sizeBytes());
    return new FileContent(target, file.sizeBytes());
  }

  /** Wall time from the first request for a stored file to the last byte of the last one. */
  long downloadMillis() {
    return Math.max(0, lastEnd.get() - begin) / 1_000_000;
  }

  /** Waits for a bundle. */
  static Content await(Pending bundle) throws IOException {
    return Tasks.join(bundle.content());
  }

  @Override
  public void close() {
    downloads.shutdownNow();
  }
}
