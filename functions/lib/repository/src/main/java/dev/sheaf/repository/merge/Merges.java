package dev.sheaf.repository.merge;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Merges the bundles of muse repositories: the new one is put into the store, then a transaction
 * under the repository's lock has its row stand for theirs if these are what they were. One that
 * was replaced stays until clones that began before are over; one that nobody names, as whoever
 * wrote it died, goes after the same time. Two at once do no harm: one of them loses.
 */
public final class Merges {
  private static final String CONTENT_TYPE = "application/x-msgpack";

  private static final int GETS_IN_FLIGHT = 16;

  private final Catalog catalog;
  private final ObjectStore store;
  private final Path temp;
  private final Duration grace;
  private final InstantSource clock;

  /**
   * @param temp where bundles lie while they are merged
   * @param grace longer than any clone
   */
  public Merges(
      Catalog catalog, ObjectStore store, Path temp, Duration grace, InstantSource clock) {
    this.catalog = catalog;
    this.store = store;
    this.temp = temp;
    this.grace = grace;
    this.clock = clock;
  }

  /**
   * What came of a repository.
   *
   * @param merged bundles that are in larger ones now
   * @param discarded merged bundles that were taken away
   * @param isLost whether somebody else was faster
   */
  public record Report(int merged, int discarded, boolean isLost) {}

  /**
   * Muse repositories in which there may be something to do, some at most, each time in another
   * order. One statement.
   */
  public List<Repo> candidates() {
    Instant now = clock.instant();
    return MergeRows.candidates(catalog, MergePlan.FEW, now.minus(grace), now.toString());
  }

  /**
   * What would be merged; changes nothing. One statement, and a LIST for each thousand bundles
   * where there is something to merge: a site that others keep a bundle for may be without it.
   */
  public MergePlan plan(Repo repo) {
    List<MergeRows.Item> items = new MergeRows(catalog, repo.repoId()).items();
    MergePlan plan = MergePlan.of(items);
    if (plan.groups().isEmpty()) {
      return plan;
    }
    Set<String> here = new HashSet<>();
    list(ObjectKeys.bundlesOf(repo.owner(), repo.name()), here);
    list(ObjectKeys.mergedOf(repo.owner(), repo.name()), here);
    return MergePlan.of(items, item -> here.contains(key(repo, item)));
  }

  private void list(String prefix, Set<String> keys) {
    @Nullable String next = null;
    do {
      ObjectStore.Page page = store.list(prefix, null, next);
      page.objects().forEach(object -> keys.add(object.key()));
      next = page.next();
    } while (next != null);
  }

  /** Merges what was planned, and takes away what has had its time. */
  public Report carryOut(Repo repo, MergePlan plan) {
    int merged = 0;
    boolean isLost = false;
    for (List<MergeRows.Item> group : plan.groups()) {
      if (merge(repo, group)) {
        merged += group.size();
      } else {
        isLost = true;
      }
    }
    return new Report(merged, discard(repo), isLost);
  }

  private boolean merge(Repo repo, List<MergeRows.Item> group) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory(temp, "sheaf-merge-");
      Path into = folder.resolve("merged");
      BundleSummary written = BundleMerger.merge(download(repo, group, folder), into, folder);
      ContentId id = Objects.requireNonNull(written.sha256());
      ObjectStore.PutResult put =
          store.put(
              ObjectKeys.merged(repo.owner(), repo.name(), id),
              new FileContent(into, written.sizeBytes()),
              id,
              // What is there may be about to go: its time begins anew.
              ObjectStore.Condition.ALWAYS,
              CONTENT_TYPE);
      String etag = put instanceof ObjectStore.PutResult.Written(String now) ? now : null;
      return catalog.transaction(transaction ->
          new MergeRows(transaction, repo.repoId())
              .swap(group, id, written.sizeBytes(), etag, clock.instant()));
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "merging bundles of %s/%s failed: %s".formatted(repo.owner(), repo.name(), e),
          e);
    } finally {
      delete(folder);
    }
  }

  private List<BundleMerger.Source> download(Repo repo, List<MergeRows.Item> group, Path folder)
      throws IOException {
    List<BundleMerger.Source> sources = new ArrayList<>();
    try (ParallelCalls<String> gets = new ParallelCalls<>(GETS_IN_FLIGHT)) {
      for (MergeRows.Item item : group) {
        Path file = folder.resolve(item.id().hex());
        sources.add(new BundleMerger.Source(item.id(), file));
        gets.submit(() -> download(repo, item, file));
      }
      gets.results();
    }
    return sources;
  }

  private String download(Repo repo, MergeRows.Item item, Path file) throws IOException {
    String key = key(repo, item);
    Optional<ObjectStore.Download> found = store.get(key, ObjectStore.Read.WHOLE);
    if (found.isEmpty()) {
      throw new SheafException(
          ErrorKind.NOT_FOUND, key + " is not in the store; repair brings it back");
    }
    try (ObjectStore.Download download = found.get()) {
      Files.copy(download.body(), file);
    }
    return key;
  }

  private static String key(Repo repo, MergeRows.Item item) {
    return item.isMerged()
        ? ObjectKeys.merged(repo.owner(), repo.name(), item.id())
        : ObjectKeys.bundle(repo.owner(), repo.name(), item.id());
  }

  /** A folder of files; what is left of it the next start of the function finds gone. */
  private static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Under the lock, so that nobody names again what is about to go. */
  private int discard(Repo repo) {
    Instant before = clock.instant().minus(grace);
    List<StoredObject> old =
        store.list(ObjectKeys.mergedOf(repo.owner(), repo.name()), null, null).objects().stream()
            .filter(object -> object.lastModified().isBefore(before))
            .toList();
    return old.isEmpty()
        ? 0
        : catalog.transaction(transaction -> {
          MergeRows rows = new MergeRows(transaction, repo.repoId());
          List<ContentId> kept = rows.lockAndForget(before);
          List<String> keys =
              old.stream()
                  .map(StoredObject::key)
                  .filter(key ->
                      kept.stream()
                          .noneMatch(
                              id -> key.equals(ObjectKeys.merged(repo.owner(), repo.name(), id))))
                  .toList();
          Map<String, String> refused = keys.isEmpty() ? Map.of() : store.delete(keys);
          if (!refused.isEmpty()) {
            throw new SheafException(
                ErrorKind.SITE, "merged bundles cannot be deleted from the bucket: " + refused);
          }
          return keys.size();
        });
  }
}
