package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.history.ObjectNames;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Supplier;

/**
 * Takes the bytes and rows of deleted repositories away when their time is over, and frees their
 * names then.
 *
 * <ol>
 *   <li>The home marks the row ({@code purged_at}); others hear of it by the row. From then on
 *       nobody takes the repository back, and nobody writes to it: {@link BranchMoves#lock} finds
 *       no such repository.
 *   <li>Rows go, then keys, the record in the bucket last; each page of keys is listed and deleted
 *       under the row's lock. As long as the row is there, the name in these keys is nobody else's.
 *   <li>When nothing was left to do, and the mark is older than any function that may have begun
 *       before it, the row goes, and the name is free.
 * </ol>
 *
 * <p>Any step can be done again. Objects under {@code objects/} belong to all repositories: what
 * this one named is noted, and goes later unless another one names it ({@link
 * dev.sheaf.repository.history.UnnamedObjects}).
 *
 * <p>A catalog that was set back may call a repository deleted whose name is another one's now; so
 * nothing is marked or taken away unless what the bucket tells of that name agrees.
 */
public final class Purges {
  /** A function lives for a quarter of an hour. */
  private static final Duration FUNCTIONS_END = Duration.ofHours(1);

  /** Of each table. */
  private static final int ROWS_A_STATEMENT = 5_000;

  private static final String OF_A_JOB =
      "job_id in (select job_id from jobs where repo_id = :repo)";

  /** Tables with a column {@code repo_id}; that of repositories goes last. */
  private static final List<String> TABLES =
      List.of(
          "object_refs",
          "object_proofs",
          "snapshot_chunks",
          "snapshots",
          "commits",
          "branches",
          "git_refs",
          "git_packs",
          "bundles",
          "packs",
          "uploads",
          "merged_bundles",
          "bundle_copies",
          "pack_copies",
          "repo_records");

  /** Those of them that name objects. */
  private static final List<String> NAMES = List.of("object_refs", "object_proofs");

  private static final String DROPPED =
      "(select object_id from gone_object_refs union all select object_id from gone_object_proofs)"
          + " gone";

  private static final String DELETE_ROWS = deleteRows();

  private final Catalog catalog;
  private final ObjectStore store;
  private final SiteLog log;

  /**
   * @param log knows where this site is, and tells others of what it marks
   */
  public Purges(Catalog catalog, ObjectStore store, SiteLog log) {
    this.catalog = catalog;
    this.store = store;
    this.log = log;
  }

  /** What there is to do about a deleted repository. */
  public enum Action {
    /** Nothing yet. */
    KEEP,
    /** Mark it, and take away its rows and keys. */
    BEGIN,
    /** Take away what is left, or its row. */
    GO_ON
  }

  /**
   * A deleted repository.
   *
   * @param reason why that is to be done, for people
   */
  public record Step(
      String repoId,
      String owner,
      String name,
      Deletions.Deletion deletion,
      Action action,
      String reason) {
    /** Its path. */
    public String place() {
      return owner + "/" + name;
    }
  }

  /**
   * What was taken away of a repository.
   *
   * @param isFreed whether that was the last of it
   */
  public record Done(long rows, long keys, long bytes, boolean isFreed) {
    /** Nothing. */
    public static final Done NOTHING = new Done(0, 0, 0, false);
  }

  /** What there is to do now, for every deleted repository; changes nothing. One statement. */
  public List<Step> plan(Instant now) {
    List<Step> steps = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                """
                select repo_id, owner, name, home, %s from repos where deleted_at is not null
                order by repos.deleted_at limit 1000
                """
                    .formatted(Deletions.COLUMNS)))) {
      Deletions.Deletion deletion = Deletions.deletion(row);
      Instant until = Objects.requireNonNull(deletion.bytesUntil());
      String elsewhere = log.elsewhere(row.textOrNull("home"));
      Action action;
      String reason;
      if (deletion.purgedAt() != null) {
        action = Action.GO_ON;
        reason = "marked at " + deletion.purgedAt();
      } else if (elsewhere != null) {
        action = Action.KEEP;
        reason = "its home " + elsewhere + " says when";
      } else {
        boolean isOver = !now.isBefore(until);
        action = isOver ? Action.BEGIN : Action.KEEP;
        reason = isOver ? "deleted at " + deletion.deletedAt() : "can be taken back until " + until;
      }
      steps.add(
          new Step(
              row.text("repo_id"), row.text("owner"), row.text("name"), deletion, action, reason));
    }
    return steps;
  }

  /**
   * Does what was planned, unless it is different by now.
   *
   * @throws SheafException of kind CORRUPT when the bucket says that the name is another one's, of
   *     kind UNAVAILABLE when it is not written down there yet that the repository is deleted, of
   *     kind SITE when the store keeps keys
   */
  public Done carryOut(Step step, Instant now) {
    if (step.action() == Action.KEEP) {
      return Done.NOTHING;
    }
    Optional<JsonNode> record = told(step, ObjectKeys.record(step.owner(), step.name()));
    told(step, GitKeys.manifest(new RepoPath(step.owner(), step.name())));
    if (step.action() == Action.BEGIN) {
      if (record.filter(json -> json.path("deleted_at").isTextual()).isEmpty()) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            step.place()
                + " is deleted, but its record in the bucket does not say so yet: repair writes it"
                + " within the hour; until then its bytes stay");
      }
      if (!mark(step, now)) {
        return Done.NOTHING;
      }
    }
    long rows = deleteRows(step.repoId());
    Deleted deleted = deleteKeys(step);
    boolean isEmpty = rows == 0 && deleted.keys == 0;
    return new Done(rows, deleted.keys, deleted.bytes, isEmpty && free(step.repoId(), now));
  }

  /** What the bucket tells of a repository under a key, if it tells anything. */
  private Optional<JsonNode> told(Step step, String key) {
    Optional<JsonNode> told = store.get(key, ObjectStore.Read.WHOLE).map(d -> json(key, d));
    told.filter(json -> !json.path("repo_id").asText().equals(step.repoId()))
        .ifPresent(json -> {
          throw new SheafException(
              ErrorKind.CORRUPT,
              "%s is of repository %s, the catalog has %s deleted there: it was set back; run sheaf"
                      .formatted(key, json.path("repo_id").asText(), step.repoId())
                  + " rebuild; until then nothing of it is taken away");
        });
    return told;
  }

  private static JsonNode json(String key, ObjectStore.Download download) {
    try (download) {
      return OwnRow.JSON.readTree(download.body().readAllBytes());
    } catch (IOException e) {
      throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + key + " failed: " + e, e);
    }
  }

  private boolean mark(Step step, Instant now) {
    return Deletions.change(
        catalog,
        log,
        step.repoId(),
        now,
        "deleted_at = :seen::timestamptz and purged_at is null",
        "purged_at = :value::timestamptz",
        statement ->
            statement
                .text("seen", String.valueOf(step.deletion().deletedAt()))
                .text("value", now.toString()));
  }

  /** Some rows of each table, and how many that were. */
  private static String deleteRows() {
    Map<String, String> conditions = new LinkedHashMap<>();
    TABLES.forEach(table -> conditions.put(table, "repo_id = :repo"));
    conditions.put("lost", "starts_with(id, :repo || '/')");
    conditions.put("job_moves", OF_A_JOB);
    conditions.put("git_ref_moves", OF_A_JOB);
    // By it those are found.
    conditions.put(
        "jobs",
        """
        repo_id = :repo
          and not exists (select 1 from job_moves m where m.job_id = jobs.job_id)
          and not exists (select 1 from git_ref_moves m where m.job_id = jobs.job_id)\
        """);
    StringJoiner deletes = new StringJoiner(", ", "with ", "");
    StringJoiner counts = new StringJoiner(" + ", " select ", " as n");
    conditions.forEach((table, condition) -> {
      deletes.add(
          """
          gone_%1$s as (
            delete from %1$s where ctid = any(array(
              select ctid from %1$s where %2$s limit :limit))
            returning %3$s
          )\
          """
              .formatted(table, condition, NAMES.contains(table) ? "object_id" : "1"));
      counts.add("(select count(*) from gone_" + table + ")");
    });
    deletes.add("dropped as (%s)".formatted(ObjectNames.dropped(DROPPED)));
    return deletes.toString() + counts;
  }

  private long deleteRows(String repoId) {
    return deleteRows(catalog, repoId);
  }

  /**
   * Deletes all rows of a repository and its own, and no bytes: somebody made it while the catalog
   * was gone, and what is in the bucket belongs to another one of that name. Again after a crash.
   */
  public static void forget(Catalog catalog, String repoId) {
    deleteRows(catalog, repoId);
    catalog.execute(Statement.of("delete from repos where repo_id = :repo").text("repo", repoId));
    RepoNames.settle(catalog);
  }

  private static long deleteRows(Catalog catalog, String repoId) {
    long rows = 0;
    long some;
    do {
      some =
          catalog
              .execute(
                  Statement.of(DELETE_ROWS).text("repo", repoId).number("limit", ROWS_A_STATEMENT))
              .first()
              .orElseThrow()
              .number("n");
      rows += some;
    } while (some > 0);
    return rows;
  }

  private record Deleted(long keys, long bytes, boolean isMoreToCome) {
    static final Deleted NOTHING = new Deleted(0, 0, false);

    Deleted and(Deleted other) {
      return new Deleted(keys + other.keys, bytes + other.bytes, other.isMoreToCome);
    }
  }

  private Deleted deleteKeys(Step step) {
    Deleted deleted = Deleted.NOTHING;
    for (String prefix :
        List.of(
            ObjectKeys.bundlesOf(step.owner(), step.name()),
            ObjectKeys.incomingOf(step.owner(), step.name()),
            ObjectKeys.mergedOf(step.owner(), step.name()),
            GitKeys.of(new RepoPath(step.owner(), step.name())))) {
      Deleted page;
      do {
        page =
            underLock(
                step,
                () -> {
                  ObjectStore.Page listed = store.list(prefix, null, null);
                  return delete(step, listed.objects(), listed.next() != null);
                });
        deleted = deleted.and(page);
      } while (page.isMoreToCome);
    }
    // Last, as it tells a rebuild that the repository is deleted.
    String record = ObjectKeys.record(step.owner(), step.name());
    return deleted.and(
        underLock(step, () -> delete(step, store.head(record).stream().toList(), false)));
  }

  private Deleted underLock(Step step, Supplier<Deleted> work) {
    return catalog.transaction(transaction -> {
      Rows still =
          transaction.execute(
              Statement.of(
                      """
                      select 1::bigint as n from repos
                      where repo_id = :repo and purged_at is not null for update
                      """)
                  .text("repo", step.repoId()));
      // None: somebody else has freed the name meanwhile.
      return still.size() == 0 ? Deleted.NOTHING : work.get();
    });
  }

  private Deleted delete(Step step, List<ObjectStore.StoredObject> objects, boolean isMoreToCome) {
    List<String> keys = objects.stream().map(ObjectStore.StoredObject::key).toList();
    Map<String, String> refused = keys.isEmpty() ? Map.of() : store.delete(keys);
    if (!refused.isEmpty()) {
      throw new SheafException(
          ErrorKind.SITE, "keys of deleted " + step.place() + " stay in the bucket: " + refused);
    }
    return new Deleted(
        keys.size(),
        objects.stream().mapToLong(ObjectStore.StoredObject::size).sum(),
        isMoreToCome);
  }

  /** What others still tell of the row does not bring it back. */
  private boolean free(String repoId, Instant now) {
    boolean isFreed =
        catalog
                .execute(
                    Statement.of(
                            """
                            with gone as (
                              delete from repos
                              where repo_id = :repo and purged_at < :before::timestamptz
                              returning repo_id, epoch, op_ulid
                            ), entombed as (
                              insert into tombstones ("table", key, epoch, op_ulid)
                              select 'repos', jsonb_build_array(repo_id)::text, epoch, op_ulid
                              from gone where op_ulid is not null
                              on conflict ("table", key) do update
                                set epoch = excluded.epoch, op_ulid = excluded.op_ulid
                            )
                            select 1::bigint as n from gone
                            """)
                        .text("repo", repoId)
                        .text("before", now.minus(FUNCTIONS_END).toString()))
                .size()
            > 0;
    if (isFreed) {
      RepoNames.settle(catalog);
    }
    return isFreed;
  }
}
