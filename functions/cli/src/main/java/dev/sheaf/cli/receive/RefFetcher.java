package dev.sheaf.cli.receive;

import dev.sheaf.bundle.RefName;
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

/**
 * A further fetch into a clone: objects first, and when all are proven the refs that show them. A
 * bare repository is a mirror; in others branches come beside the user's own, and a tag that is
 * there stays.
 */
public final class RefFetcher {
  private static final String TRACKING = "refs/remotes/origin/";

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
   * @param prune whether refs go that are no longer on the server
   */
  public FetchReport fetch(LocalRepository repository, boolean prune) throws IOException {
    SiteRefs site = stopwatch.time("refs", client::refs).requireGit(client.url());
    boolean mirror = repository.isBare();
    SortedMap<RefName, GitId> here = repository.allRefs();
    SortedMap<RefName, GitId> wanted = Cloner.carried(site.refs());
    if (!mirror) {
      wanted = beside(wanted, here);
    }
    objects.fetch(repository, new HashSet<>(wanted.values()));
    SortedMap<RefName, GitId> moved = new TreeMap<>(wanted);
    moved.entrySet().removeIf(ref -> ref.getValue().equals(here.get(ref.getKey())));
    SortedSet<RefName> gone = prune ? gone(here, wanted, mirror) : new TreeSet<>();
    RefWriter writer = new RefWriter(repository);
    for (Map.Entry<RefName, GitId> ref : here.entrySet()) {
      if (gone.contains(ref.getKey())) {
        writer.delete(ref.getKey(), ref.getValue());
      }
    }
    writer.putAll(moved).write();
    if (mirror) {
      RefWriter.writeHead(repository, site.head());
    }
    return new FetchReport(
        moved,
        gone,
        objects.received().stream().mapToLong(StoredFile::sizeBytes).sum(),
        stopwatch.millis(),
        client.traffic());
  }

  private static SortedMap<RefName, GitId> beside(
      Map<RefName, GitId> there, Map<RefName, GitId> here) {
    SortedMap<RefName, GitId> wanted = new TreeMap<>();
    there.forEach((name, id) -> {
      if (name.isBranch()) {
        String branch = RefBytes.of(name).substring(RefName.HEADS.length());
        wanted.put(RefBytes.parse(TRACKING + branch), id);
      } else if (RefBytes.isIn(name, List.of("refs/tags/")) && !here.containsKey(name)) {
        wanted.put(name, id);
      }
    });
    return wanted;
  }

  private static SortedSet<RefName> gone(
      Map<RefName, GitId> here, Map<RefName, GitId> wanted, boolean mirror) {
    SortedSet<RefName> gone = new TreeSet<>(here.keySet());
    gone.removeAll(wanted.keySet());
    if (!mirror) {
      gone.removeIf(name -> !RefBytes.isIn(name, List.of(TRACKING)));
    }
    return gone;
  }
}
