package dev.sheaf.cli.send;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRefs;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.RefResult;
import dev.sheaf.cli.http.RefUpdate;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.http.UpdateAnswer;
import dev.sheaf.cli.process.Stopwatch;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One push: read the refs on both sides, send what the server lacks, and have it move its refs, all
 * or none, each only from where it was seen. Until that, nothing that anybody reads has changed.
 */
public final class Pusher {
  private static final int ATTEMPTS = 3;

  private final LocalRepository repository;
  private final RepositoryClient client;
  private final PackSender sender;
  private final JobWatch jobs;
  private final PushOptions options;
  private final Stopwatch stopwatch;

  public Pusher(
      LocalRepository repository,
      RepositoryClient client,
      PackSender sender,
      JobWatch jobs,
      PushOptions options,
      Stopwatch stopwatch) {
    this.repository = repository;
    this.client = client;
    this.sender = sender;
    this.jobs = jobs;
    this.options = options;
    this.stopwatch = stopwatch;
  }

  /** Pushes. */
  public PushReport push() throws IOException {
    return push(ATTEMPTS);
  }

  private PushReport push(int attempts) throws IOException {
    CompletableFuture<SiteRefs> asked = CompletableFuture.supplyAsync(client::refsIfPresent);
    repository.requireWhole();
    LocalRefs here = selected(repository.refs());
    SiteRefs there = stopwatch.time("refs", () -> join(asked)).requireGit(client.url());
    RefChanges changes =
        stopwatch.time("plan", () -> RefChanges.plan(repository, here, there, options));
    if (changes.updates().isEmpty() && changes.head() == null) {
      return report(changes, here, null, List.of());
    }
    return send(changes, here, there, attempts);
  }

  private static SiteRefs join(CompletableFuture<SiteRefs> asked) {
    try {
      return asked.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private LocalRefs selected(LocalRefs all) {
    SortedMap<RefName, GitId> refs = all.refs();
    if (!options.branches().isEmpty()) {
      refs = new TreeMap<>();
      for (String branch : options.branches()) {
        RefName name = branch.startsWith("refs/") ? RefName.of(branch) : RefName.ofBranch(branch);
        GitId target = all.refs().get(name);
        if (target == null) {
          throw new SheafException(
              ErrorKind.INVALID,
              repository.path()
                  + " has no branch '"
                  + branch
                  + "'; 'git branch' lists what it has");
        }
        refs.put(name, target);
      }
    }
    boolean nothing = refs.isEmpty() && !(all.head() instanceof Head.Detached);
    if (nothing && options.deleted().isEmpty()) {
      throw new SheafException(
          ErrorKind.INVALID, repository.path() + " has no commits yet; make one and push again");
    }
    return new LocalRefs(refs, all.head(), all.stay());
  }

  private PushReport send(RefChanges changes, LocalRefs here, SiteRefs there, int attempts)
      throws IOException {
    RepositoryClient.requireOneRequest(changes.updates());
    SentPack pack =
        sender.send(repository, changes.updates(), changes.detached(), there.refs().values());
    try {
      return announce(changes, here, pack, attempts);
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.CORRUPT) {
        throw Damage.explain(repository, e);
      }
      throw e;
    }
  }

  private PushReport announce(
      RefChanges changes, LocalRefs here, @Nullable SentPack pack, int attempts)
      throws IOException {
    UpdateAnswer answer =
        stopwatch.time(
            "announce",
            () ->
                client.update(
                    pack == null ? null : pack.id(), changes.updates(), changes.head(), true));
    if (pack != null) {
      pack.remember(repository, answer);
    }
    List<RefResult> rejected =
        answer.results().stream().filter(result -> !result.isDone()).toList();
    if (!rejected.isEmpty()) {
      if (attempts > 1 && isThere(changes, rejected)) {
        return push(attempts - 1);
      }
      throw refused(rejected);
    }
    if (options.awaitProof() && !answer.jobs().isEmpty()) {
      stopwatch.time(
          "prove",
          () -> {
            jobs.await(answer.jobs());
            return answer;
          });
    }
    return report(changes, here, pack, answer.jobs());
  }

  private static SheafException refused(List<RefResult> rejected) {
    boolean missing =
        rejected.stream().anyMatch(result -> "missing_objects".equals(result.reason()));
    return new SheafException(
        missing ? ErrorKind.CORRUPT : ErrorKind.CONFLICT,
        "the server moved no ref: "
            + rejected.stream()
                .limit(10)
                .map(result -> result.name() + " " + result.why())
                .collect(Collectors.joining(", "))
            + (rejected.size() > 10 ? ", and " + (rejected.size() - 10) + " more" : "")
            + (missing ? "" : "; 'sheaf fetch', merge and push again, or push with --force"));
  }

  /**
   * An announcement whose answer was lost is repeated, and finds itself to be too late: what it
   * wanted is there.
   */
  private boolean isThere(RefChanges changes, List<RefResult> rejected) {
    List<RefResult> stale =
        rejected.stream().filter(result -> "stale".equals(result.reason())).toList();
    if (stale.isEmpty()) {
      return false;
    }
    SortedMap<RefName, GitId> now = client.refs().refs();
    Map<RefName, @Nullable GitId> wanted = new HashMap<>();
    changes.updates().forEach(update -> wanted.put(update.name(), update.target()));
    return stale.stream()
        .allMatch(result -> Objects.equals(now.get(result.name()), wanted.get(result.name())));
  }

  private PushReport report(
      RefChanges changes, LocalRefs here, @Nullable SentPack pack, List<String> jobs) {
    SortedMap<RefName, GitId> moved = new TreeMap<>();
    SortedSet<RefName> deleted = new TreeSet<>();
    for (RefUpdate update : changes.updates()) {
      if (update.target() == null) {
        deleted.add(update.name());
      } else {
        moved.put(update.name(), update.target());
      }
    }
    return new PushReport(
        pack,
        moved,
        deleted,
        words(changes.head()),
        changes.headStays(),
        changes.onlyThere(),
        here.stay(),
        jobs,
        stopwatch.millis(),
        client.traffic());
  }

  private static @Nullable String words(@Nullable Head head) {
    return switch (head) {
      case null -> null;
      case Head.Branch branch -> branch.name().toString();
      case Head.Detached commit -> "detached at " + commit.id();
    };
  }
}
