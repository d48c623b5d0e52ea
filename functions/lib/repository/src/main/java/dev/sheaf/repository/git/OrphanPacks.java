package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Packs in the bucket that no row of {@code git_packs} names: of pushes that lost the race for a
 * ref, were refused late, or died. Functions that take pushes cannot delete, so these stay until
 * their time is over.
 *
 * <p>A push in progress never loses its pack by this. A pack that its push has written itself is
 * young: a function lives for a quarter of an hour at most, the grace is days. One of which
 * anything was there before is written again, under the repository's lock, in the transaction that
 * gives it its row ({@link GitIntake#ensureStored}); a deletion looks at rows and ages once more
 * and is over before it lets go of that lock. A fold has its row before it writes. And where the
 * bucket's manifest tells of a later change than the catalog, rows say nothing, and nothing is
 * deleted.
 */
public final class OrphanPacks {
  private static final int PACKS_A_TRANSACTION = 300;

  private final GitPorts ports;
  private final Duration grace;
  private final GitManifests manifests;

  /**
   * @param grace how long a pack without a row is left alone: much longer than a function lives
   */
  public OrphanPacks(GitPorts ports, Duration grace) {
    this.ports = ports;
    this.grace = grace;
    this.manifests = new GitManifests(ports.catalog(), ports.store());
  }

  /**
   * Packs of one repository that nobody names.
   *
   * @param over those whose time is over
   * @param next when the time of the next one is; empty for none
   */
  public record Found(List<ContentId> over, Optional<Instant> next) {}

  /**
   * Looks; changes nothing. One statement, and a GET where there is something to delete.
   *
   * @param stored the packs that a listing shows, with the time of the newest file of each
   * @throws SheafException of kind CORRUPT when the catalog is behind the bucket
   */
  public Found find(Repo repo, Map<ContentId, Instant> stored) {
    Instant before = ports.time().instant().minus(grace);
    Set<ContentId> orphans = new FoldRows(ports.catalog(), repo.repoId()).unnamed(stored.keySet());
    List<ContentId> over = new ArrayList<>();
    Optional<Instant> next = Optional.empty();
    for (ContentId orphan : orphans) {
      Instant written = stored.getOrDefault(orphan, Instant.MAX);
      if (written.isBefore(before)) {
        over.add(orphan);
      } else if (next.filter(due -> due.isBefore(written.plus(grace))).isEmpty()) {
        next = Optional.of(written.plus(grace));
      }
    }
    if (!over.isEmpty()) {
      manifests.requireFollowed(repo, GitState.of(ports.catalog(), repo.repoId()));
    }
    return new Found(over, next);
  }

  /** Deletes what was found and is nobody's still; the number of packs. */
  public int delete(Repo repo, List<ContentId> over) {
    int deleted = 0;
    for (int from = 0; from < over.size(); from += PACKS_A_TRANSACTION) {
      List<ContentId> some = over.subList(from, Math.min(over.size(), from + PACKS_A_TRANSACTION));
      deleted += ports.catalog().transaction(transaction -> delete(transaction, repo, some));
    }
    return deleted;
  }

  private int delete(Catalog transaction, Repo repo, List<ContentId> some) {
    manifests.requireFollowed(repo, GitState.lock(transaction, repo.repoId()));
    Instant before = ports.time().instant().minus(grace);
    Set<ContentId> orphans = new FoldRows(transaction, repo.repoId()).unnamed(some);
    Map<ContentId, List<StoredObject>> files = files(repo);
    files.keySet().retainAll(orphans);
    files
        .values()
        .removeIf(parts -> parts.stream().anyMatch(part -> !part.lastModified().isBefore(before)));
    List<String> keys =
        files.values().stream().flatMap(List::stream).map(StoredObject::key).toList();
    Map<String, String> refused = keys.isEmpty() ? Map.of() : ports.store().delete(keys);
    if (!refused.isEmpty()) {
      throw new SheafException(
          ErrorKind.SITE, "packs of nobody cannot be deleted from the bucket: " + refused);
    }
    return files.size();
  }

  /** What the bucket has of each pack now. */
  private Map<ContentId, List<StoredObject>> files(Repo repo) {
    Map<ContentId, List<StoredObject>> files = new HashMap<>();
    String prefix = GitKeys.of(new RepoPath(repo.owner(), repo.name()));
    String next = null;
    do {
      ObjectStore.Page page = ports.store().list(prefix, null, next);
      for (StoredObject object : page.objects()) {
        GitKeys.PackKey key = GitKeys.parse(object.key());
        if (key != null) {
          files.computeIfAbsent(key.pack(), _ -> new ArrayList<>()).add(object);
        }
      }
      next = page.next();
    } while (next != null);
    return files;
  }
}
