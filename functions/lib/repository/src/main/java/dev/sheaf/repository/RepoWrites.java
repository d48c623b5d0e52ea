package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.InlineOps;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction that holds a repository's lock changes of what travels between sites: its row,
 * branches, the bundle that it takes in. All of it waits, and goes into one statement with the ops
 * that tell of it, or, where there are very many branches, into a few.
 */
final class RepoWrites {
  /** With as many branches and their ops a statement has room left. */
  private static final int BRANCHES_A_STATEMENT = 1_000;

  private final Catalog transaction;
  private final Together together;
  private final String repoId;
  private final SiteLog log;
  private final long epoch;
  private boolean isNew;
  private final SortedMap<String, String> moved = new TreeMap<>();
  private final SortedSet<String> gone = new TreeSet<>();
  private final List<InlineOps.Prepared> prepared = new ArrayList<>();
  private int lastCommit;
  private @Nullable Instant changedAt;
  private @Nullable ContentId bundle;
  private Instant takenAt = Instant.EPOCH;
  private @Nullable String defaultBranch;
  private @Nullable String firstBranch;
  private @Nullable InlineOps ops;

  /**
   * The repository's row as it was locked.
   *
   * @param home the site that accepts its writes; null: whoever is asked
   * @param epoch of its home
   * @param isLost whether it is to be rebuilt first ({@link LostHomes})
   */
  record Present(
      int lastCommit,
      @Nullable String home,
      long epoch,
      @Nullable String defaultBranch,
      Repo.@Nullable Kind kind,
      boolean isLost) {}

  RepoWrites(Catalog transaction, Together together, String repoId, SiteLog log, Present present) {
    this.transaction = transaction;
    this.together = together;
    this.repoId = repoId;
    this.log = log;
    this.epoch = present.epoch();
    this.isNew = present.kind() == null;
    this.defaultBranch = present.defaultBranch();
    this.lastCommit = present.lastCommit();
  }

  /** Branches have new heads, or are to be written for who moves them. */
  void move(SortedMap<String, String> heads, Instant now) {
    if (!heads.isEmpty()) {
      moved.putAll(heads);
      gone.removeAll(heads.keySet());
      changedAt = now;
      firstBranch = firstBranch == null ? likelyDefault(heads) : firstBranch;
    }
  }

  private static String likelyDefault(SortedMap<String, String> branches) {
    return branches.containsKey("main")
        ? "main"
        : branches.containsKey("master") ? "master" : branches.firstKey();
  }

  /** A branch is no more. */
  void remove(String branch, Instant now) {
    moved.remove(branch);
    gone.add(branch);
    changedAt = now;
  }

  /** The number of the newest commit. */
  int lastCommit() {
    return lastCommit;
  }

  void commitsWritten(int last, Instant now) {
    if (last > lastCommit) {
      lastCommit = last;
      changedAt = now;
    }
  }

  /** A bundle is proven and taken in: peers are told of it, unless they were. */
  void takeIn(ContentId taken, Instant now) {
    bundle = taken;
    takenAt = now;
  }

  /**
   * Adds what waits to what is to be sent.
   *
   * @param mover the seq of the push's job
   */
  void flush(long mover) {
    List<Together.Part> parts = new ArrayList<>();
    if (changedAt != null || bundle != null) {
      InlineOps inline = ops(changedAt == null ? takenAt : changedAt);
      if (moved.size() + gone.size() > BRANCHES_A_STATEMENT) {
        together.flush();
        inline.takeTail(transaction);
      }
      addBranches(inline, mover, parts);
      addGone(inline, parts);
      addRepo(inline, parts);
      addBundle(inline, parts);
      addOps(inline, parts);
      send(inline, parts);
      defaultBranch = newDefault();
      isNew &= changedAt == null;
    }
    changedAt = null;
    bundle = null;
  }

  private InlineOps ops(Instant now) {
    InlineOps present = ops;
    if (present == null) {
      present = log.ops(now);
      ops = present;
    }
    return present;
  }

  private void send(InlineOps inline, List<Together.Part> parts) {
    ContentId told = bundle;
    if (inline.isOn() && !inline.hasTail()) {
      together.makeRoom(parts.stream().mapToLong(Together.Part::encodedBytes).sum());
      boolean always = !prepared.isEmpty() || (changedAt != null && changesRepo());
      String condition = always ? "true" : tellsBundle();
      together.add(
          Together.Part.of(
              "stamp",
              InlineOps.stamp(condition),
              0,
              statement -> bindBundle(inline.bindStamp(statement), told)));
    }
    parts.forEach(together::add);
    prepared.clear();
  }

  private String tellsBundle() {
    return bundle == null
        ? "false"
        : """
        exists (select 1 from bundles
          where repo_id = :repo and bundle = :told_bundle and op_ulid is null)\
        """;
  }

  private void addBranches(InlineOps inline, long mover, List<Together.Part> parts) {
    Instant now = changedAt == null ? Instant.EPOCH : changedAt;
    for (var batch : Batches.of(List.copyOf(moved.entrySet()), RepoWrites::encodedBytes)) {
      List<@Nullable String> suffixes =
          prepare(
              inline,
              Action.UPDATE,
              batch.size(),
              i -> {
                Map.Entry<String, String> row = batch.get(i);
                return record(row.getKey()).put("head_commit_id", row.getValue());
              });
      parts.add(
          Together.Part.of(
              "branches",
              """
              moved_branches as (
                insert into branches (repo_id, name, head_commit_id, updated_at, moved_by, epoch,
                  op_ulid)
                select :repo, name, head, :now::timestamptz, :mover, :epoch, %s || suffix
                from unnest(:branch_names::text[], :heads::text[], :branch_suffixes::text[])
                  as moved (name, head, suffix)
                on conflict (repo_id, name) do update
                  set head_commit_id = excluded.head_commit_id, updated_at = excluded.updated_at,
                      moved_by = excluded.moved_by, epoch = excluded.epoch,
                      op_ulid = excluded.op_ulid
              )\
              """
                  .formatted(inline.prefix()),
              batch.stream().mapToLong(RepoWrites::encodedBytes).sum(),
              statement ->
                  inline
                      .bind(statement)
                      .text("repo", repoId)
                      .number("mover", mover)
                      .number("epoch", epoch)
                      .text("branch_names", PgArray.texts(batch, Map.Entry::getKey))
                      .text("heads", PgArray.texts(batch, Map.Entry::getValue))
                      .text("branch_suffixes", PgArray.nullableTexts(suffixes))
                      .text("now", now.toString())));
    }
    moved.clear();
  }

  private static long encodedBytes(Map.Entry<String, String> row) {
    return PgArray.encodedBytes(row.getKey()) + PgArray.encodedBytes(row.getValue()) + 24;
  }

  private ObjectNode record(String branch) {
    return OwnRow.JSON
        .createObjectNode()
        .put("repo_id", repoId)
        .put("name", branch)
        .put("epoch", epoch);
  }

  private interface Records {
    ObjectNode at(int index);
  }

  /** Prepares ops of branches; the suffix of each record's op, in the order of the records. */
  private List<@Nullable String> prepare(
      InlineOps inline, Action action, int count, Records records) {
    List<ObjectNode> all = new ArrayList<>();
    for (int i = 0; inline.isOn() && i < count; i++) {
      all.add(records.at(i));
    }
    List<@Nullable String> suffixes = new ArrayList<>();
    for (InlineOps.Prepared op : inline.prepare(action, Travelling.BRANCHES.name(), all)) {
      prepared.add(op);
      op.records().forEach(_ -> suffixes.add(op.suffix()));
    }
    while (suffixes.size() < count) {
      suffixes.add(null);
    }
    return suffixes;
  }

  private void addGone(InlineOps inline, List<Together.Part> parts) {
    for (List<String> batch : Batches.of(List.copyOf(gone), PgArray::encodedBytes)) {
      List<@Nullable String> suffixes =
          prepare(inline, Action.DELETE, batch.size(), i -> record(batch.get(i)));
      parts.add(
          Together.Part.of(
              "gone",
              """
              gone_branches as (
                delete from branches where repo_id = :repo and name = any(:gone::text[])
              ), entombed as (
                insert into tombstones ("table", key, epoch, op_ulid)
                select 'branches', jsonb_build_array(:repo::text, name)::text, :epoch,
                  %s || suffix
                from unnest(:gone::text[], :gone_suffixes::text[]) as gone (name, suffix)
                where :ops_host::text is not null
                on conflict ("table", key) do update
                  set epoch = excluded.epoch, op_ulid = excluded.op_ulid
              )\
              """
                  .formatted(inline.prefix()),
              2 * batch.stream().mapToLong(PgArray::encodedBytes).sum(),
              statement ->
                  inline
                      .bind(statement)
                      .text("repo", repoId)
                      .number("epoch", epoch)
                      .text("gone", PgArray.texts(batch))
                      .text("gone_suffixes", PgArray.nullableTexts(suffixes))));
    }
    gone.clear();
  }

  private @Nullable String newDefault() {
    return defaultBranch != null ? defaultBranch : firstBranch;
  }

  private boolean changesRepo() {
    return isNew || !Objects.equals(newDefault(), defaultBranch);
  }

  /** The one part that changes the repository's row. */
  private void addRepo(InlineOps inline, List<Together.Part> parts) {
    Instant now = changedAt;
    if (now == null) {
      return;
    }
    String told =
        changesRepo()
            ? ", repo_op as (%s)"
                .formatted(
                    inline.appendOne(
                        Action.UPDATE,
                        Travelling.REPOS.name(),
                        "repo_suffix",
                        "pushed_repo",
                        Travelling.record(Travelling.REPOS, "pushed_repo")))
            : "";
    String ulid = changesRepo() ? inline.prefix() + " || :repo_suffix" : "op_ulid";
    String suffix = changesRepo() ? inline.suffix() : "";
    String branch = newDefault();
    int last = lastCommit;
    parts.add(
        Together.Part.of(
            "repo",
            """
            pushed_repo as (
              update repos set last_commit_seq = :last_commit, pushed_at = :now::timestamptz,
                kind = coalesce(kind, 'muse'), default_branch = :default_branch, op_ulid = %s
              where repo_id = :repo
              returning *
            )%s\
            """
                .formatted(ulid, told),
            500,
            statement -> {
              if (!suffix.isEmpty()) {
                statement.text("repo_suffix", suffix);
              }
              return inline
                  .bind(statement)
                  .text("repo", repoId)
                  .number("last_commit", last)
                  .text("default_branch", branch)
                  .text("now", now.toString());
            }));
  }

  private void addBundle(InlineOps inline, List<Together.Part> parts) {
    if (bundle == null || !inline.isOn()) {
      return;
    }
    ContentId taken = bundle;
    String suffix = inline.suffix();
    String told =
        inline.appendOne(
            Action.CREATE,
            Travelling.BUNDLES.name(),
            "bundle_suffix",
            "told_bundles",
            Travelling.record(Travelling.BUNDLES, "told_bundles"));
    parts.add(
        Together.Part.of(
            "bundle",
            """
            told_bundles as (
              update bundles set ordinal = seq, op_ulid = %s || :bundle_suffix
              where repo_id = :repo and bundle = :told_bundle and op_ulid is null
              returning *
            ), bundle_op as (%s)\
            """
                .formatted(inline.prefix(), told),
            500,
            statement -> inline.bind(bindBundle(statement, taken)).text("bundle_suffix", suffix)));
  }

  private Statement bindBundle(Statement statement, @Nullable ContentId told) {
    return told == null
        ? statement
        : statement.text("repo", repoId).text("told_bundle", told.hex());
  }

  private void addOps(InlineOps inline, Collection<Together.Part> parts) {
    List<InlineOps.Prepared> all = List.copyOf(prepared);
    for (List<InlineOps.Prepared> batch : Batches.of(all, RepoWrites::encodedBytes)) {
      String rows = InlineOps.rows(batch);
      parts.add(
          Together.Part.of(
              "ops",
              "appended_ops as (" + inline.append() + ")",
              batch.stream().mapToLong(RepoWrites::encodedBytes).sum(),
              statement -> inline.bind(statement).text("ops_rows", rows)));
    }
  }

  /** As JSON inside of JSON. */
  private static long encodedBytes(InlineOps.Prepared op) {
    long bytes = 100;
    for (ObjectNode record : op.records()) {
      bytes += EncodedSize.ofText(record.toString()) + 1;
    }
    return bytes;
  }
}
