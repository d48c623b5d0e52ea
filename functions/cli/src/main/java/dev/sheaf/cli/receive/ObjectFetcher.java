package dev.sheaf.cli.receive;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.KnownPacks;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.ObjectWalk;
import dev.sheaf.cli.http.GitPlan;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.StoredFile;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Brings objects into a repository, and all that they reach. */
public final class ObjectFetcher {
  /** A smaller plan is not worth a request that could make it smaller. */
  private static final long SMALL_PLAN = 1 << 20;

  private static final int HAVES = 2_000;

  private final RepositoryClient client;
  private final StoreClient store;
  private final Progress progress;
  private final Stopwatch stopwatch;
  private final List<StoredFile> received = new ArrayList<>();
  private final List<Path> kept = new ArrayList<>();
  private boolean keeps;

  public ObjectFetcher(
      RepositoryClient client, StoreClient store, Progress progress, Stopwatch stopwatch) {
    this.client = client;
    this.store = store;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /** What was downloaded so far. */
  public List<StoredFile> received() {
    return List.copyOf(received);
  }

  /** Fills a repository in which nothing is yet. */
  void fill(LocalRepository repository, GitPlan plan) throws IOException {
    GitPlan used = receive(repository, plan);
    new KnownPacks(repository).write(used.ids());
  }

  /**
   * Fills a repository in which nothing is yet, for git to write the refs when it has read what
   * this gives.
   *
   * @return files of git's that keep the packs until then; git is to delete them
   * @throws SheafException of kind CORRUPT when the server does not have everything
   */
  public List<Path> fillForGit(LocalRepository repository, Collection<GitId> wanted)
      throws IOException {
    keeps = true;
    fill(repository, stopwatch.time("plan", () -> client.clonePlan(List.of())));
    complete(repository, wanted);
    return List.copyOf(kept);
  }

  /**
   * Brings what a push has made the refs name, or a fold has moved within the list of packs, since
   * the plan was made.
   *
   * @throws SheafException of kind CORRUPT when the server does not have everything
   */
  void complete(LocalRepository repository, Collection<GitId> wanted) throws IOException {
    if (isWhole(repository, wanted)) {
      return;
    }
    KnownPacks known = new KnownPacks(repository);
    Set<ContentId> have = known.read();
    known.add(receive(repository, stopwatch.time("plan", () -> client.clonePlan(have))).ids());
    requireWhole(repository, wanted);
  }

  /** The same by one pack that the server makes; where it makes none, by those that it keeps. */
  void fillByOnePack(LocalRepository repository, Collection<GitId> wanted) throws IOException {
    if (wanted.isEmpty()) {
      return;
    }
    StoredFile pack;
    try {
      pack = stopwatch.time("plan", () -> client.fetchPack(wanted, List.of()));
    } catch (SheafException e) {
      progress.say("the server made no pack (" + e.getMessage() + "); taking those that it keeps");
      fill(repository, stopwatch.time("plan", () -> client.clonePlan(List.of())));
      return;
    }
    receiveThin(repository, pack);
  }

  /**
   * Brings what a repository lacks of the objects and of all that they reach.
   *
   * @throws SheafException of kind CORRUPT when the server does not have everything
   */
  public void fetch(LocalRepository repository, Collection<GitId> wanted) throws IOException {
    if (wanted.isEmpty() || isWhole(repository, wanted)) {
      return;
    }
    KnownPacks known = new KnownPacks(repository);
    Set<ContentId> have = known.read();
    GitPlan plan = stopwatch.time("plan", () -> client.clonePlan(have));
    if (plan.sizeBytes() > SMALL_PLAN && fetchLess(repository, wanted)) {
      return;
    }
    known.add(receive(repository, plan).ids());
    if (!have.isEmpty() && !isWhole(repository, wanted)) {
      // What was received once is no longer here.
      GitPlan all = stopwatch.time("plan", () -> client.clonePlan(List.of()));
      known.write(receive(repository, all).ids());
    }
    requireWhole(repository, wanted);
  }

  /** One pack of what is missing, where the server makes one. */
  private boolean fetchLess(LocalRepository repository, Collection<GitId> wanted)
      throws IOException {
    List<GitId> have = repository.allRefs().values().stream().distinct().limit(HAVES).toList();
    if (have.isEmpty()) {
      return false;
    }
    try {
      receiveThin(
          repository, stopwatch.time("plan", () -> client.fetchPack(Set.copyOf(wanted), have)));
    } catch (SheafException e) {
      progress.say("the server made no pack of what is new (" + e.getMessage() + "); taking all");
      return false;
    }
    return isWhole(repository, wanted);
  }

  private void receiveThin(LocalRepository repository, StoredFile pack) throws IOException {
    received.add(pack);
    stopwatch.time(
        "receive",
        () -> {
          new PackReceiver(repository, store, progress, keeps).receiveThin(pack);
          return pack;
        });
  }

  /** A pack that was folded into another since the plan was made is asked for by a new plan. */
  private GitPlan receive(LocalRepository repository, GitPlan plan) throws IOException {
    try {
      receiveOnce(repository, plan);
      return plan;
    } catch (SheafException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      progress.say(e.getMessage() + "; asking for another plan");
      GitPlan again = client.clonePlan(List.of());
      receiveOnce(repository, again);
      return again;
    }
  }

  private void receiveOnce(LocalRepository repository, GitPlan plan) throws IOException {
    received.addAll(plan.packs());
    received.addAll(plan.bundles());
    stopwatch.time(
        "receive",
        () -> {
          PackReceiver receiver = new PackReceiver(repository, store, progress, keeps);
          try {
            receiver.receive(plan);
          } finally {
            Path packs = repository.gitFolder().resolve("objects").resolve("pack");
            receiver.kept().forEach(id -> kept.add(packs.resolve("pack-" + id + ".keep")));
          }
          return plan;
        });
  }

  /**
   * Refuses to go on when git does not find everything that the objects reach.
   *
   * @throws SheafException of kind CORRUPT that names what is missing
   */
  private void requireWhole(LocalRepository repository, Collection<GitId> wanted)
      throws IOException {
    String missing = stopwatch.time("check", () -> missing(repository, wanted));
    if (!missing.isEmpty()) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "what the server gave is not whole ("
              + missing
              + "); no ref was written; if it was pushed just now, 'sheaf jobs' shows whether the"
              + " server is still working on it");
    }
  }

  private boolean isWhole(LocalRepository repository, Collection<GitId> wanted) throws IOException {
    return stopwatch.time("check", () -> missing(repository, wanted)).isEmpty();
  }

  /** What the objects reach and is not here; empty: nothing. */
  private static String missing(LocalRepository repository, Collection<GitId> wanted)
      throws IOException {
    GitProgram.Outcome outcome = walk(repository, wanted);
    if (!outcome.complaint().contains("tree entry")) {
      return outcome.isDone() ? "" : outcome.reason();
    }
    try {
      ObjectWalk.from(repository, wanted, List.of());
      return "";
    } catch (SheafException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static GitProgram.Outcome walk(LocalRepository repository, Collection<GitId> wanted)
      throws IOException {
    StringBuilder tips = new StringBuilder();
    wanted.forEach(id -> tips.append(id).append('\n'));
    return repository
        .git()
        .run(
            to -> to.write(tips.toString().getBytes(StandardCharsets.US_ASCII)),
            from -> from.skip(Long.MAX_VALUE),
            "rev-list",
            "--objects",
            "--quiet",
            "--stdin",
            "--not",
            "--all");
  }
}
