package dev.sheaf.cli.receive;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.StoredFile;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A further fetch into a clone: objects first, and when all are proven the refs that show them. A
 * bare repository is a mirror if its configuration says so, as a clone's does; in others branches
 * come beside those that are there, a tag that is there stays, and what is neither goes forward or
 * stays.
 */
public final class RefFetcher {
  /** Where somebody has pushed such refs, they are about his copy. */
  private static final List<String> OWN = List.of("refs/remotes/", "refs/stash");

  private static final List<String> TAGS = List.of("refs/tags/");

  private final RepositoryClient client;
  private final ObjectFetcher objects;
  private final Stopwatch stopwatch;

  public RefFetcher(
      RepositoryClient client, StoreClient store, Progress progress, Stopwatch stopwatch) {
    this.client = client;
    this.objects = new ObjectFetcher(client, store, progress, stopwatch);
    this.stopwatch = stopwatch;
  }

  /**
   * Fetches.
   *
   * @param remote what the repository calls the site; its branches come under {@code refs/remotes}
   * @param prune whether refs go that are no longer on the server
   */
  public FetchReport fetch(LocalRepository repository, String remote, boolean prune)
      throws IOException {
    String tracking = "refs/remotes/" + remote + "/";
    SiteRefs site = stopwatch.time("refs", client::refs).requireGit(client.url());
    boolean mirror = repository.isBare() && repository.isMirrorOf(remote);
    SortedMap<RefName, GitId> here = repository.allRefs();
    SortedMap<RefName, GitId> wanted = Cloner.carried(site.refs());
    SortedSet<RefName> stay = new TreeSet<>();
    if (!mirror) {
      wanted = beside(wanted, tracking);
      stay.addAll(movedTags(wanted, here));
      wanted.keySet().removeAll(stay);
    }
    objects.fetch(repository, new HashSet<>(wanted.values()));
    if (!mirror) {
      stay.addAll(diverged(repository, wanted, here, tracking));
      wanted.keySet().removeAll(stay);
    }
    SortedMap<RefName, GitId> moved = new TreeMap<>(wanted);
    moved.entrySet().removeIf(ref -> ref.getValue().equals(here.get(ref.getKey())));
    SortedSet<RefName> gone =
        prune ? gone(here, wanted, mirror ? null : tracking) : new TreeSet<>();
    RefWriter writer = new RefWriter(repository);
    for (Map.Entry<RefName, GitId> ref : here.entrySet()) {
      if (gone.contains(ref.getKey())) {
        writer.delete(ref.getKey(), ref.getValue());
      }
    }
    write(writer.putAll(moved));
    if (mirror) {
      RefWriter.writeHead(repository, site.head());
    }
    return new FetchReport(
        moved,
        gone,
        stay,
        objects.received().stream().mapToLong(StoredFile::sizeBytes).sum(),
        stopwatch.millis(),
        client.traffic());
  }

  private static void write(RefWriter writer) throws IOException {
    try {
      writer.write();
    } catch (SheafException e) {
      String said = String.valueOf(e.getMessage());
      throw said.contains("cannot lock ref")
          ? new SheafException(
              ErrorKind.CONFLICT,
              said + "; 'sheaf fetch --prune' deletes what is in the way and gone from the server",
              e)
          : e;
    }
  }

  private static SortedMap<RefName, GitId> beside(Map<RefName, GitId> there, String tracking) {
    SortedMap<RefName, GitId> wanted = new TreeMap<>();
    there.forEach((name, id) -> {
      if (name.isBranch()) {
        String branch = RefBytes.of(name).substring(RefName.HEADS.length());
        wanted.put(RefBytes.parse(tracking + branch), id);
      } else if (!RefBytes.isIn(name, OWN)) {
        wanted.put(name, id);
      }
    });
    return wanted;
  }

  private static SortedSet<RefName> movedTags(
      Map<RefName, GitId> wanted, Map<RefName, GitId> here) {
    SortedSet<RefName> moved = new TreeSet<>();
    wanted.forEach((name, id) -> {
      if (RefBytes.isIn(name, TAGS) && !here.getOrDefault(name, id).equals(id)) {
        moved.add(name);
      }
    });
    return moved;
  }

  /** Those of the user's own, notes for example, that do not go forward to what is there. */
  private static SortedSet<RefName> diverged(
      LocalRepository repository,
      Map<RefName, GitId> wanted,
      Map<RefName, GitId> here,
      String tracking)
      throws IOException {
    SortedSet<RefName> diverged = new TreeSet<>();
    for (Map.Entry<RefName, GitId> ref : wanted.entrySet()) {
      GitId old = here.getOrDefault(ref.getKey(), ref.getValue());
      if (!old.equals(ref.getValue())
          && !RefBytes.isIn(ref.getKey(), List.of(tracking))
          && !repository.isAncestor(old, ref.getValue())) {
        diverged.add(ref.getKey());
      }
    }
    return diverged;
  }

  private static SortedSet<RefName> gone(
      Map<RefName, GitId> here, Map<RefName, GitId> wanted, @Nullable String tracking) {
    SortedSet<RefName> gone = new TreeSet<>(here.keySet());
    gone.removeAll(wanted.keySet());
    if (tracking != null) {
      gone.removeIf(name -> !RefBytes.isIn(name, List.of(tracking)));
    }
    return gone;
  }
}
