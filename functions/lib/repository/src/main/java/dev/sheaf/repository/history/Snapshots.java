package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.repository.column.WideRead;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tables {@code snapshots} and {@code snapshot_chunks}. A manifest is stored as a delta
 * to another one, with a checkpoint at least every 32 generations, so reading one touches a bounded
 * number of rows.
 */
public final class Snapshots {
  private static final int IDS_A_STATEMENT = 2_000;
  private static final int FORMS_A_PAGE = 3_000;

  /** The body of a snapshot that comes with its row: 60,000 bytes as base64. */
  private static final long BODY_BYTES = 45_000;

  /** All such bodies, with few rows: 530 KB as base64. */
  private static final long BODIES_BYTES = 400_000;

  /** Encoded bytes of manifests that are resolved together. */
  private static final long BATCH_BYTES = 4 << 20;

  private final Catalog catalog;

  public Snapshots(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Receives the snapshots of a walk. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param snapshot as it is stored: whole, or a delta to {@link Snapshot#parentId}
     * @param requested whether it was asked for, or is only the base of one that was; a base may
     *     come more than once
     * @param manifest the whole manifest: a live view, valid until this call returns
     */
    void visit(Snapshot snapshot, boolean requested, Manifest manifest) throws IOException;
  }

  /** One manifest; empty when the repository has no such snapshot. */
  public Optional<Manifest> manifest(String repoId, String snapshotId) {
    return Optional.ofNullable(manifests(repoId, List.of(snapshotId)).get(snapshotId));
  }

  /** Copies of those of these manifests that the repository has. */
  Map<String, Manifest> manifests(String repoId, Collection<String> snapshotIds) {
    Map<String, Manifest> manifests = new HashMap<>();
    try {
      walkKnown(
          repoId,
          snapshotIds,
          (snapshot, requested, manifest) -> {
            if (requested) {
              manifests.put(snapshot.snapshotId(), copy(manifest));
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return manifests;
  }

  private static Manifest copy(Manifest live) {
    return new Manifest(new LinkedHashMap<>(live.objects()));
  }

  /**
   * Visits many snapshots, a base before what builds on it, otherwise in any order. Each stored
   * delta is applied about once.
   *
   * @throws SheafException of kind CORRUPT when one is missing
   */
  public void walk(String repoId, Collection<String> snapshotIds, Visitor visitor)
      throws IOException {
    Set<String> missing = new HashSet<>(snapshotIds);
    walkKnown(
        repoId,
        snapshotIds,
        (snapshot, requested, manifest) -> {
          missing.remove(snapshot.snapshotId());
          visitor.visit(snapshot, requested, manifest);
        });
    if (!missing.isEmpty()) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "repository %s lacks %d snapshots that its commits name, such as %s"
              .formatted(repoId, missing.size(), missing.iterator().next()));
    }
  }

  private void walkKnown(String repoId, Collection<String> snapshotIds, Visitor visitor)
      throws IOException {
    List<String> distinct = List.copyOf(new LinkedHashSet<>(snapshotIds));
    for (List<String> ids : Batches.of(distinct, _ -> 1, Long.MAX_VALUE, IDS_A_STATEMENT)) {
      Map<String, Stored> forms = forms(repoId, ids);
      Set<String> requested = Set.copyOf(ids);
      for (List<List<Stored>> batch :
          Batches.of(trees(forms), Snapshots::bytes, BATCH_BYTES, 1_000)) {
        visitTrees(repoId, batch.stream().flatMap(List::stream).toList(), requested, visitor);
      }
    }
  }

  /**
   * How a snapshot is stored.
   *
   * @param body its bytes, where few are read together; else null
   */
  @SuppressWarnings("ArrayRecordComponent") // Read here, and handed on to nobody.
  private record Stored(
      String snapshotId,
      @Nullable String baseId,
      int entryCount,
      long bodyBytes,
      byte @Nullable [] body) {}

  /** These snapshots and all that they are deltas to. */
  private Map<String, Stored> forms(String repoId, List<String> ids) {
    Map<String, Stored> forms = new LinkedHashMap<>();
    new PagedRead<>(
            (after, limit) -> formsPage(repoId, ids, after, limit),
            row -> row.text("snapshot_id"),
            FORMS_A_PAGE)
        .forEach(catalog, "", row -> forms.put(row.text("snapshot_id"), stored(row)));
    return forms;
  }

  private static Stored stored(Rows.Row row) {
    return new Stored(
        row.text("snapshot_id"),
        row.textOrNull("base_id"),
        (int) row.number("entry_count"),
        row.number("body_bytes"),
        row.bytesOrNull("body"));
  }

  private static Statement formsPage(String repoId, List<String> ids, String after, long limit) {
    return Statement.of(
            """
            with recursive chain as (
              select s.snapshot_id, s.base_id, s.entry_count, s.body_bytes
              from unnest(:ids::text[]) as ids (snapshot_id)
                join snapshots s on s.repo_id = :repo and s.snapshot_id = ids.snapshot_id
              union
              select s.snapshot_id, s.base_id, s.entry_count, s.body_bytes
              from chain
                join snapshots s on s.repo_id = :repo and s.snapshot_id = chain.base_id
            )
            select *,
              case when body_bytes <= :most and sum(body_bytes) over () <= :most_together then (
                select string_agg(data, ''::bytea order by part) from snapshot_chunks k
                where k.repo_id = :repo and k.snapshot_id = chain.snapshot_id
              ) end as body
            from chain where snapshot_id > :after order by snapshot_id limit :limit
            """)
        .number("most", BODY_BYTES)
        .number("most_together", BODIES_BYTES)
        .text("ids", PgArray.texts(ids))
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }

  /** Groups snapshots by the checkpoint below them: each group resolves on its own. */
  private static List<List<Stored>> trees(Map<String, Stored> forms) {
    Map<String, List<Stored>> trees = new LinkedHashMap<>();
    for (Stored stored : forms.values()) {
      String root = stored.snapshotId();
      for (String base = stored.baseId(); base != null; base = baseId(forms, root)) {
        root = base;
      }
      trees.computeIfAbsent(root, _ -> new ArrayList<>()).add(stored);
    }
    return List.copyOf(trees.values());
  }

  private static @Nullable String baseId(Map<String, Stored> forms, String snapshotId) {
    Stored stored = forms.get(snapshotId);
    if (stored == null) {
      throw new SheafException(
          ErrorKind.CORRUPT, "snapshot " + snapshotId + ", a base of others, is missing");
    }
    return stored.baseId();
  }

  private static long bytes(List<Stored> tree) {
    // What a tree alone may have does not matter: it is read in pages.
    return Math.min(BATCH_BYTES, tree.stream().mapToLong(Stored::bodyBytes).sum());
  }

  private void visitTrees(String repoId, List<Stored> trees, Set<String> requested, Visitor visitor)
      throws IOException {
    Map<String, Integer> entryCounts = new HashMap<>();
    trees.forEach(stored -> entryCounts.put(stored.snapshotId(), stored.entryCount()));
    SnapshotResolver.resolve(
        read(repoId, trees),
        SnapshotResolver.Known.NOTHING,
        (snapshot, manifest) -> {
          String id = snapshot.snapshotId();
          requireCount(id, manifest.objects().size(), entryCounts.getOrDefault(id, -1));
          visitor.visit(snapshot, requested.contains(id), manifest);
        });
  }

  private static void requireCount(String snapshotId, int entries, int expected) {
    if (entries != expected) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "snapshot %s has %d entries, its row says %d".formatted(snapshotId, entries, expected));
    }
  }

  private List<Snapshot> read(String repoId, List<Stored> trees) {
    List<Snapshot> snapshots = new ArrayList<>(trees.size());
    List<Stored> unread = new ArrayList<>();
    for (Stored stored : trees) {
      if (stored.body() == null) {
        unread.add(stored);
      } else {
        snapshots.add(decode(stored, stored.body()));
      }
    }
    if (!unread.isEmpty()) {
      read(repoId, unread, snapshots);
    }
    return snapshots;
  }

  private static Snapshot decode(Stored stored, byte[] body) {
    return SnapshotColumn.decode(stored.snapshotId(), stored.baseId(), body);
  }

  private void read(String repoId, List<Stored> unread, List<Snapshot> snapshots) {
    WideRead.read(
        catalog,
        """
        select ordinal as n, string_agg(data, ''::bytea order by part) as data
        from unnest(:ids::text[]) with ordinality as ids (snapshot_id, ordinal)
          join snapshot_chunks k on k.repo_id = :repo and k.snapshot_id = ids.snapshot_id
        where ordinal >= :after_n
        group by ordinal\
        """,
        statement ->
            statement.text("repo", repoId).text("ids", PgArray.texts(unread, Stored::snapshotId)),
        (n, record) -> snapshots.add(decode(unread.get((int) n - 1), record)));
  }
}
