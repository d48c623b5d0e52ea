package dev.sheaf.cli.receive;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.GitPlan;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.StoredFile;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Clones a repository: its packs, then its refs, and when both are proven its work tree. */
public final class Cloner {
  /** Such refs would make git show another history than the one that was pushed. */
  private static final List<String> LEFT_OUT =
      List.of("refs/replace/", "refs/bisect/", "refs/worktree/", "refs/rewritten/");

  private final RepositoryClient client;
  private final CloneOptions options;
  private final Progress progress;
  private final Stopwatch stopwatch;
  private final ObjectFetcher fetcher;

  public Cloner(
      RepositoryClient client,
      StoreClient store,
      CloneOptions options,
      Progress progress,
      Stopwatch stopwatch) {
    this.client = client;
    this.options = options;
    this.progress = progress;
    this.stopwatch = stopwatch;
    this.fetcher = new ObjectFetcher(client, store, progress, stopwatch);
  }

  /**
   * Clones.
   *
   * @param directory where to; must not exist, or be empty
   */
  public CloneReport cloneInto(Path directory) throws IOException {
    try (CloneTarget target = CloneTarget.prepare(directory)) {
      SiteRefs site = fill(target);
      target.complete();
      Optional<String> incomplete =
          options.bare() ? Optional.empty() : stopwatch.time("checkout", () -> checkout(target));
      progress.end();
      return report(site, incomplete.orElse(null));
    }
  }

  /** Gives why that was not possible. */
  private Optional<String> checkout(CloneTarget target) throws IOException {
    return Optional.ofNullable(new WorkTree(options.variables(), target.place(), progress).fill());
  }

  private SiteRefs fill(CloneTarget target) throws IOException {
    Future<GitPlan> plan =
        options.onePack()
            ? CompletableFuture.completedFuture(new GitPlan(List.of(), List.of()))
            : CompletableFuture.supplyAsync(() -> client.clonePlan(List.of()));
    SiteRefs site = stopwatch.time("refs", client::refs).requireGit(client.url());
    LocalRepository repository =
        LocalRepository.create(options.variables(), target.repository(), options.bare());
    SortedMap<RefName, GitId> refs = carried(site.refs());
    Set<GitId> wanted = wanted(refs, site.head());
    if (options.onePack()) {
      fetcher.fillByOnePack(repository, wanted);
    } else {
      fetcher.fill(repository, Tasks.join(plan));
    }
    fetcher.complete(repository, wanted);
    stopwatch.time(
        "refs",
        () -> {
          new RefWriter(repository).putAll(refs).write();
          RefWriter.writeHead(repository, site.head());
          return refs;
        });
    configure(repository);
    return site;
  }

  /** Those that may be written into a repository. */
  static SortedMap<RefName, GitId> carried(SortedMap<RefName, GitId> there) {
    SortedMap<RefName, GitId> refs = new TreeMap<>(there);
    refs.keySet().removeIf(name -> RefBytes.isIn(name, LEFT_OUT));
    return refs;
  }

  private static Set<GitId> wanted(SortedMap<RefName, GitId> refs, @Nullable Head head) {
    Set<GitId> wanted = new HashSet<>(refs.values());
    if (head instanceof Head.Detached detached) {
      wanted.add(detached.id());
    }
    return wanted;
  }

  /** So that plain git goes on from here, through git-remote-sheaf. */
  private void configure(LocalRepository repository) throws IOException {
    GitProgram git = repository.git();
    String url = "sheaf::" + client.url();
    GitProgram.require(git.run("config", "remote.origin.url", url), "config");
    String fetch = options.bare() ? LocalRepository.MIRROR : "+refs/heads/*:refs/remotes/origin/*";
    GitProgram.require(git.run("config", "remote.origin.fetch", fetch), "config");
  }

  private CloneReport report(SiteRefs site, @Nullable String incomplete) {
    List<StoredFile> received = fetcher.received();
    SortedSet<RefName> leftOut = new TreeSet<>(site.refs().keySet());
    leftOut.removeAll(carried(site.refs()).keySet());
    return new CloneReport(
        site.refs().size() - leftOut.size(),
        leftOut,
        received.size(),
        received.stream().mapToLong(StoredFile::sizeBytes).sum(),
        incomplete,
        stopwatch.millis(),
        client.traffic());
  }
}
