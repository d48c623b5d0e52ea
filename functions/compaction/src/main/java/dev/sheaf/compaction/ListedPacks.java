package dev.sheaf.compaction;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a listing of the bucket shows of a git repository. Asking the catalog about each repository
 * every few minutes would keep it from ever being paused.
 *
 * @param packs each pack, retired ones and those of nobody included, and when the newest file of it
 *     was written
 * @param bytes how much they have
 * @param hasBitmap whether one of them has a bitmap
 * @param keys a hash of what is there: as long as it is the same, nothing has changed
 */
record ListedPacks(
    RepoPath repo, Map<ContentId, Instant> packs, long bytes, boolean hasBitmap, int keys) {
  /** All repositories that have packs: a LIST for each 1,000 files of packs. */
  static List<ListedPacks> of(ObjectStore bucket) {
    Map<RepoPath, ListedPacks> found =
        new TreeMap<>(Comparator.comparing(RepoPath::owner).thenComparing(RepoPath::name));
    String next = null;
    do {
      ObjectStore.Page page = bucket.list(GitKeys.GIT, null, next);
      page.objects().forEach(object -> add(found, object));
      next = page.next();
    } while (next != null);
    return new ArrayList<>(found.values());
  }

  private static void add(Map<RepoPath, ListedPacks> found, StoredObject object) {
    GitKeys.PackKey key = GitKeys.parse(object.key());
    if (key != null) {
      ListedPacks before =
          found.getOrDefault(key.repo(), new ListedPacks(key.repo(), new HashMap<>(), 0, false, 1));
      found.put(key.repo(), before.with(key, object));
    }
  }

  private ListedPacks with(GitKeys.PackKey key, StoredObject object) {
    packs.merge(key.pack(), object.lastModified(), (a, b) -> a.isAfter(b) ? a : b);
    return new ListedPacks(
        repo,
        packs,
        bytes + object.size(),
        hasBitmap || key.part() == GitKeys.Part.BITMAP,
        31 * keys + object.key().hashCode());
  }
}
