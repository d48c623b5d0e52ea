package dev.sheaf.cli.clone;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
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
  record Bundles(List<Future<Content>> bundles, RemoteRefs refs, long totalBytes) {}

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

  /** The bundles as they were pushed, straight from the store. */
  Bundles stored() {
    RemoteRefs refs = client.refs();
    List<StoredFile> bundles =
        refs.commits().isEmpty() ? List.of() : client.clonePlan(refs.commits());
    return new Bundles(startAll(bundles), refs, total(bundles));
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
    return new Bundles(List.of(downloads.submit(() -> bundle)), refs, bundle.size());
  }

  private static long total(List<StoredFile> files) {
    return files.stream().mapToLong(StoredFile::sizeBytes).sum();
  }

  private List<Future<Content>> startAll(List<StoredFile> files) {
    begin = stopwatch.nanos();
    progress.begin("receiving", total(files), Progress.Unit.BYTES);
    List<Future<Content>> started = new ArrayList<>();
    for (StoredFile file : files) {
      started.add(downloads.submit(() -> download(file)));
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
  static Content await(Future<Content> bundle) throws IOException {
    return Tasks.join(bundle);
  }

  @Override
  public void close() {
    downloads.shutdownNow();
  }
}
