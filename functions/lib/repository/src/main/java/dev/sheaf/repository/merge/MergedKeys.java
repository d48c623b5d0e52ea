package dev.sheaf.repository.merge;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether merged bundles are in the bucket as they were put there. Clones do without one that
 * is not, and get what was in it from the api, object by object: it is dissolved then, so that they
 * get its bundles again and the next merge makes it anew. One that no row names, as whoever wrote
 * it died, is handed over to what takes away those that were replaced. A statement where none was
 * ever made; else one for each thousand rows, a LIST for each thousand keys, and a HEAD for each
 * that the listing does not show as it should be.
 */
public final class MergedKeys {
  private static final int ROWS_A_PAGE = 1_000;

  /** What is younger may be about to get its row. */
  private static final Duration YOUNG = Duration.ofDays(7);

  private final Catalog catalog;
  private final ObjectStore store;

  public MergedKeys(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * A merged bundle that is not as it should be.
   *
   * @param repoId of the repository that has it
   * @param why for people
   */
  public record Fault(String repoId, ContentId merged, String key, boolean isSurplus, String why) {}

  private record Named(
      String repoId,
      String owner,
      String name,
      ContentId merged,
      long sizeBytes,
      @Nullable String etag,
      boolean isRetired) {
    String key() {
      return ObjectKeys.merged(owner, name, merged);
    }
  }

  /** What is wrong. Changes nothing. */
  public List<Fault> faults(Instant now) {
    // The rows first: a bundle is put before it has one.
    List<Named> rows = rows();
    List<Fault> faults = new ArrayList<>();
    if (rows.isEmpty()) {
      return faults;
    }
    Map<String, StoredObject> there = there();
    Map<String, String> repositories = new HashMap<>();
    Set<String> named = new HashSet<>();
    for (Named row : rows) {
      named.add(row.key());
      repositories.put(row.owner() + "/" + row.name(), row.repoId());
      String why = row.isRetired() ? null : confirmed(row, there.get(row.key()));
      if (why != null) {
        faults.add(new Fault(row.repoId(), row.merged(), row.key(), false, why));
      }
    }
    for (StoredObject object : there.values()) {
      String[] parts = object.key().split("/", -1);
      String repoId = parts.length == 4 ? repositories.get(parts[1] + "/" + parts[2]) : null;
      if (repoId != null
          && !named.contains(object.key())
          && object.lastModified().isBefore(now.minus(YOUNG))) {
        ContentId merged = ContentId.parse(parts[3]);
        faults.add(new Fault(repoId, merged, object.key(), true, "nothing names it"));
      }
    }
    return faults;
  }

  /** A listing may lack what is there, or be of before. */
  private @Nullable String confirmed(Named row, @Nullable StoredObject listed) {
    return fault(row, listed) == null ? null : fault(row, store.head(row.key()).orElse(null));
  }

  private static @Nullable String fault(Named row, @Nullable StoredObject there) {
    if (there == null) {
      return "it is not there";
    }
    if (there.size() != row.sizeBytes()) {
      return "it has %d bytes, not %d".formatted(there.size(), row.sizeBytes());
    }
    boolean isOther = row.etag() != null && !row.etag().equals(there.etag());
    return isOther ? "its ETag is not the one that was noted" : null;
  }

  /** Mends it: see above. Done again it changes nothing. */
  public void mend(Fault fault, Instant now) {
    catalog.transaction(transaction -> {
      MergeRows rows = new MergeRows(transaction, fault.repoId());
      if (fault.isSurplus()) {
        rows.retireUnnamed(fault.merged(), now);
      } else {
        rows.dissolve(fault.merged(), now);
      }
      return true;
    });
  }

  private List<Named> rows() {
    List<Named> rows = new ArrayList<>();
    String repo = "";
    String merged = "";
    int before;
    do {
      before = rows.size();
      catalog
          .execute(
              Statement.of(
                      """
                      select m.repo_id, owner, name, merged, m.size_bytes, m.etag,
                        m.retired_at is not null as retired
                      from merged_bundles m join repos using (repo_id)
                      where (m.repo_id, merged) > (:repo, :merged)
                      order by m.repo_id, merged limit :limit
                      """)
                  .text("repo", repo)
                  .text("merged", merged)
                  .number("limit", ROWS_A_PAGE))
          .forEach(row ->
              rows.add(
                  new Named(
                      row.text("repo_id"),
                      row.text("owner"),
                      row.text("name"),
                      ContentId.parse(row.text("merged")),
                      row.number("size_bytes"),
                      row.textOrNull("etag"),
                      row.flag("retired"))));
      if (!rows.isEmpty()) {
        repo = rows.getLast().repoId();
        merged = rows.getLast().merged().hex();
      }
    } while (rows.size() - before == ROWS_A_PAGE);
    return rows;
  }

  private Map<String, StoredObject> there() {
    Map<String, StoredObject> there = new HashMap<>();
    @Nullable String next = null;
    do {
      ObjectStore.Page page = store.list(ObjectKeys.MERGED, null, next);
      page.objects().forEach(object -> there.put(object.key(), object));
      next = page.next();
    } while (next != null);
    return there;
  }
}
