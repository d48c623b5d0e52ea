package dev.sheaf.repository;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Together;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Decides which git refs of a push are kept, and writes the table {@code dialect_refs}. */
final class GitRefRows {
  private final String repoId;
  private final RefState present;
  private final SortedMap<String, Row> kept = new TreeMap<>();
  private @Nullable String defaultBranch;
  private Instant updatedAt = Instant.EPOCH;

  /**
   * @param present where the refs are that are asked for here, and the branch of HEAD
   */
  GitRefRows(String repoId, RefState present) {
    this.repoId = repoId;
    this.present = present;
  }

  /**
   * A row to write.
   *
   * @param commit null for HEAD
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed from here to the statement.
  private record Row(String name, String target, @Nullable String commit, byte[] tags) {
    static Row of(String name, GitRefs.GitRef ref) {
      byte[] tags = ref.tags().isEmpty() ? new byte[0] : Refs.encodeTags(ref.tags());
      return new Row(name, ref.target(), ref.commit(), tags);
    }

    long encodedBytes() {
      return PgArray.encodedBytes(name)
          + PgArray.encodedBytes(target)
          + PgArray.encodedBytes(commit)
          + EncodedSize.ofBytes(tags.length)
          + 12;
    }
  }

  /** The refs that a push is about, HEAD among them. */
  static Set<String> names(@Nullable GitRefs git) {
    if (git == null) {
      return Set.of();
    }
    Set<String> names = new HashSet<>(git.refs().keySet());
    names.add(Refs.HEAD);
    return names;
  }

  /**
   * Keeps the refs of a push; see {@link BranchMoves#keepGitRefs}.
   *
   * @param mover the seq of the push's job
   * @param firstMover a tag that a later push than this has moved does not move, even by force
   */
  List<BranchMoves.Rejection> keep(
      GitRefs git, boolean force, long mover, long firstMover, Instant now) {
    updatedAt = now;
    List<BranchMoves.Rejection> rejected = new ArrayList<>();
    new TreeMap<>(git.refs())
        .forEach((name, ref) -> {
          RefState.Place place = present.gitRef(name);
          if (place == null) {
            take(Row.of(name, ref), mover);
          } else if (!place.target().equals(ref.target())) {
            boolean isLater = place.mover() > firstMover;
            if (name.startsWith(Refs.TAGS) && (!force || isLater)) {
              rejected.add(new BranchMoves.Rejection(name, place.target(), ref.target(), isLater));
            } else if (!isLater || firstMover < mover) {
              take(Row.of(name, ref), mover);
            }
          }
        });
    keepHead(git.head(), mover);
    return rejected;
  }

  private void keepHead(@Nullable String head, long mover) {
    if (head == null || present.gitRef(Refs.HEAD) != null) {
      return;
    }
    take(new Row(Refs.HEAD, head, null, new byte[0]), mover);
    if (head.startsWith(Refs.HEADS)) {
      String branch = head.substring(Refs.HEADS.length());
      present.look(Set.of(branch), Set.of());
      if (present.branch(branch) != null) {
        defaultBranch = branch;
      }
    }
  }

  private void take(Row row, long mover) {
    kept.put(row.name(), row);
    present.movedGitRef(row.name(), new RefState.Place(row.target(), mover));
  }

  boolean hasChanges() {
    return !kept.isEmpty();
  }

  /** The branch that HEAD, set by this push, names; null when it was not set or names none. */
  @Nullable String defaultBranch() {
    return defaultBranch;
  }

  /** Writes what was kept, when {@code together} is flushed. */
  void write(Together together, long mover) {
    List<Row> rows = List.copyOf(kept.values());
    Instant now = updatedAt;
    for (List<Row> batch : Batches.of(rows, Row::encodedBytes)) {
      BlobColumn tags = BlobColumn.of(batch, Row::tags);
      together.add(
          Together.Part.of(
              "dialect_refs",
              WRITE,
              batch.stream().mapToLong(Row::encodedBytes).sum(),
              statement ->
                  statement
                      .text("repo", repoId)
                      .text("ref_names", PgArray.texts(batch, Row::name))
                      .text("targets", PgArray.texts(batch, Row::target))
                      .text("commits", PgArray.texts(batch, Row::commit))
                      .bytes("tags", tags.blob())
                      .text("tag_lengths", tags.lengths())
                      .number("mover", mover)
                      .text("refs_updated", now.toString())));
    }
    kept.clear();
  }

  private static final String WRITE =
      """
      kept_refs as (
        insert into dialect_refs (repo_id, name, target, commit_id, tags, updated_at, moved_by)
        select :repo, name, target, commit_id,
          case when length > 0 then substr(:tags::bytea, start, length) end,
          :refs_updated::timestamptz, :mover
        from unnest(:ref_names::text[], :targets::text[], :commits::text[])
          with ordinality as facts (name, target, commit_id, n)
          join %s on ordinal = n
        on conflict (repo_id, name) do update
          set target = excluded.target, commit_id = excluded.commit_id, tags = excluded.tags,
              updated_at = excluded.updated_at, moved_by = excluded.moved_by
      )\
      """
          .formatted(BlobColumn.rows("tag_lengths"));
}
