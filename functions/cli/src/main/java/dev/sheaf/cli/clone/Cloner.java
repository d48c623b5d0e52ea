package dev.sheaf.cli.clone;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.restore.RepositoryBuilder;
import dev.sheaf.cli.restore.RepositoryFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Clones a repository: downloads its bundles, builds git's objects, checks, and puts it in place.
 */
public final class Cloner {
  private final RepositoryClient client;
  private final StoreClient store;
  private final CloneOptions options;
  private final Progress progress;
  private final Stopwatch stopwatch;

  public Cloner(
      RepositoryClient client,
      StoreClient store,
      CloneOptions options,
      Progress progress,
      Stopwatch stopwatch) {
    this.client = client;
    this.store = store;
    this.options = options;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /**
   * Clones.
   *
   * @param directory where to; must not exist, or be empty
   */
  public CloneReport cloneInto(Path directory) throws IOException {
    try (CloneTarget target = CloneTarget.prepare(directory);
        BundleSource source =
            new BundleSource(client, store, target.scratch(), progress, stopwatch)) {
      BundleSource.Bundles bundles =
          stopwatch.time(
              "plan", () -> options.viaFetch() ? source.fetched() : source.stored(Set.of()));
      RepositoryFolder folder = RepositoryFolder.create(target.repository(), options.bare());
      CloneReport report = build(target, folder, source, bundles);
      folder.setUrl(client.url().base());
      target.complete();
      if (!options.bare()) {
        Checkout.refresh(options.variables(), target.place());
      }
      progress.end();
      return report;
    }
  }

  private CloneReport build(
      CloneTarget target,
      RepositoryFolder folder,
      BundleSource source,
      BundleSource.Bundles bundles)
      throws IOException {
    try (RepositoryBuilder builder =
        new RepositoryBuilder(target.scratch(), options.threads(), this::getMissing)) {
      BundleSource.Bundles read = addAll(builder, source, bundles);
      int refs = new RestoredRefs(builder, read.refs()).write(folder);
      finish(builder, folder, target);
      return new CloneReport(
          refs,
          builder.commits().commitCount(),
          builder.objectCount(),
          builder.commits().madeUpCount(),
          read.bundles().size(),
          read.totalBytes(),
          source.downloadMillis(),
          stopwatch.millis(),
          client.traffic());
    }
  }

  /**
   * Reads the bundles. One that went from the store since the plan was made, or whose URL did not
   * live so long, is asked for once more by a new plan; what was read is not read again.
   *
   * @return what was read in the end
   */
  private BundleSource.Bundles addAll(
      RepositoryBuilder builder, BundleSource source, BundleSource.Bundles planned)
      throws IOException {
    Set<ContentId> read = new HashSet<>();
    try {
      addAll(builder, planned, read);
      return planned;
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.NOT_FOUND || options.viaFetch()) {
        throw e;
      }
      progress.say(e.getMessage() + "; asking for another plan");
      BundleSource.Bundles again = source.stored(read);
      addAll(builder, again, read);
      return again;
    }
  }

  private void addAll(RepositoryBuilder builder, BundleSource.Bundles bundles, Set<ContentId> read)
      throws IOException {
    for (BundleSource.Pending pending : bundles.bundles()) {
      Content bundle = stopwatch.time("receive", () -> BundleSource.await(pending));
      add(builder, bundle);
      read.add(pending.id());
    }
  }

  private void add(RepositoryBuilder builder, Content bundle) throws IOException {
    stopwatch.time(
        "build",
        () -> {
          try (InputStream in = bundle.open()) {
            return builder.add(in);
          }
        });
    if (bundle instanceof FileContent file) {
      Files.delete(file.path());
    }
  }

  private void finish(RepositoryBuilder builder, RepositoryFolder folder, CloneTarget target)
      throws IOException {
    stopwatch.time(
        "pack",
        () -> {
          builder.finish(folder.objects());
          return folder;
        });
    if (!folder.isBare()) {
      stopwatch.time(
          "checkout",
          () -> {
            new Checkout(options.variables(), target.repository(), progress).run();
            return folder;
          });
    }
  }

  /** Objects that are in none of the bundles. */
  private void getMissing(Collection<ContentId> ids, Consumer<RawObject> consumer)
      throws IOException {
    progress.say("getting " + ids.size() + " objects one by one");
    for (ContentId id : ids) {
      byte[] bytes;
      try (InputStream in = client.object(id)) {
        bytes = in.readAllBytes();
      }
      consumer.accept(new RawObject(id, Content.of(bytes), null));
    }
  }
}
