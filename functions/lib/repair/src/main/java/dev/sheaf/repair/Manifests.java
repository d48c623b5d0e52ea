package dev.sheaf.repair;

import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repair.presence.HeadPresence;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.git.GitManifests;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Writes manifests of git repositories again that are gone, or not what was written: without them a
 * catalog that goes, too, could not be made anew. One that tells of more than the catalog stays.
 */
final class Manifests {
  private static final int REPOSITORIES_A_PAGE = 500;

  private final GitInventory inventory;
  private final GitManifests manifests;
  private final ObjectStore store;
  private final Counters counters;

  Manifests(GitInventory inventory, GitManifests manifests, ObjectStore store, Counters counters) {
    this.inventory = inventory;
    this.manifests = manifests;
    this.store = store;
    this.counters = counters;
  }

  /**
   * Looks at all of them; what the listing says of those that are not as written a HEAD confirms.
   *
   * @param isShortOfTime whether to leave the rest to the next cleanup
   */
  void remake(Presence presence, BooleanSupplier isShortOfTime) {
    forEachLost(
        presence,
        repo -> {
          if (isShortOfTime.getAsBoolean()) {
            return false;
          }
          manifests.writeAgain(repo);
          counters.add(Counter.DERIVED_REMADE);
          return true;
        });
  }

  /**
   * Takes the repositories whose manifests are not there as they were written.
   *
   * @param isWanted takes one, and says whether it wants more
   */
  void forEachLost(Presence presence, Predicate<Repo> isWanted) {
    String after = "";
    List<GitInventory.Manifest> page;
    do {
      page = inventory.manifests(after, REPOSITORIES_A_PAGE);
      for (GitInventory.Manifest lost : lost(new HeadPresence(store), lost(presence, page))) {
        if (!isWanted.test(lost.repo())) {
          return;
        }
      }
      after = page.isEmpty() ? after : page.getLast().repo().repoId();
    } while (page.size() == REPOSITORIES_A_PAGE);
  }

  private static List<GitInventory.Manifest> lost(
      Presence presence, List<GitInventory.Manifest> written) {
    List<Standing> standings =
        presence.of(Kind.GIT, written.stream().map(one -> key(one.repo())).toList());
    List<GitInventory.Manifest> lost = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      boolean isLost =
          switch (standings.get(i)) {
            case Standing.Absent() -> true;
            case Standing.Present there -> there.etagHash() != Standing.hash(written.get(i).etag());
            case Standing.Unknown(String _) -> false;
          };
      if (isLost) {
        lost.add(written.get(i));
      }
    }
    return lost;
  }

  static String key(Repo repo) {
    return GitKeys.manifest(new RepoPath(repo.owner(), repo.name()));
  }
}
