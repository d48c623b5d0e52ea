package dev.sheaf.repository;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the table {@code git_refs}, under the repository's lock. */
final class GitRefRows {
  private final Catalog transaction;
  private final String repoId;
  private final long mover;
  private final long firstMover;

  /**
   * @param mover the seq of the push's job
   * @param firstMover a tag that a later push than this has moved does not move, even by force
   */
  GitRefRows(Catalog transaction, String repoId, long mover, long firstMover) {
    this.transaction = transaction;
    this.repoId = repoId;
    this.mover = mover;
    this.firstMover = firstMover;
  }

  private record Row(String name, GitRefs.GitRef ref) {
    static Row of(Map.Entry<String, GitRefs.GitRef> entry) {
      return new Row(entry.getKey(), entry.getValue());
    }

    String target() {
      return ref.target();
    }

    String commit() {
      return ref.commit();
    }

    byte[] tags() {
      return ref.tags().isEmpty() ? new byte[0] : Refs.encodeTags(ref.tags());
    }

    long encodedBytes() {
      return PgArray.encodedBytes(name)
          + PgArray.encodedBytes(target())
          + PgArray.encodedBytes(commit())
          + EncodedSize.ofBytes(tags().length)
          + 12;
    }
  }

  /** Keeps the refs of a push; see {@link BranchMoves#keepGitRefs}. */
  List<BranchMoves.Rejection> keep(GitRefs refs, boolean force, Instant now) {
    List<BranchMoves.Rejection> rejected = new ArrayList<>();
    List<Row> rows = new TreeMap<>(refs.refs()).entrySet().stream().map(Row::of).toList();
    for (List<Row> batch : Batches.of(rows, Row::encodedBytes)) {
      for (Rows.Row row : transaction.execute(statement(batch, force, now))) {
        rejected.add(
            new BranchMoves.Rejection(
                row.text("name"), row.text("present"), row.text("wanted"), row.flag("later")));
      }
    }
    keepHead(refs.head(), now);
    return rejected;
  }

  private Statement statement(List<Row> batch, boolean force, Instant now) {
    BlobColumn tags = BlobColumn.of(batch, Row::tags);
    return Statement.of(
            """
            with pushed as (
              select name, target, commit_id,
                case when length > 0 then substr(:tags::bytea, start, length) end as tags
              from unnest(:names::text[], :targets::text[], :commits::text[])
                with ordinality as facts (name, target, commit_id, n)
                join %s on ordinal = n
            ), rejected as (
              select p.name, g.target as present, p.target as wanted,
                g.moved_by > :first_mover as later
              from pushed p join git_refs g on g.repo_id = :repo and g.name = p.name
              where (not :force or g.moved_by > :first_mover)
                and starts_with(p.name, :tag_prefix) and g.target <> p.target
            ), kept as (
              insert into git_refs (repo_id, name, target, commit_id, tags, updated_at, moved_by)
              select :repo, name, target, commit_id, tags, :now::timestamptz, :mover from pushed
              where name not in (select name from rejected)
              on conflict (repo_id, name) do update
                set target = excluded.target, commit_id = excluded.commit_id, tags = excluded.tags,
                    updated_at = excluded.updated_at, moved_by = excluded.moved_by
                where git_refs.target <> excluded.target
                  and (git_refs.moved_by <= :first_mover or :first_mover < :mover)
            )
            select * from rejected
            """
                .formatted(BlobColumn.ROWS))
        .text("repo", repoId)
        .text("names", PgArray.texts(batch, Row::name))
        .text("targets", PgArray.texts(batch, Row::target))
        .text("commits", PgArray.texts(batch, Row::commit))
        .bytes("tags", tags.blob())
        .text("lengths", tags.lengths())
        .flag("force", force)
        .number("mover", mover)
        .number("first_mover", firstMover)
        .text("tag_prefix", Refs.TAGS)
        .text("now", now.toString());
  }

  private void keepHead(@Nullable String head, Instant now) {
    if (head == null) {
      return;
    }
    transaction.execute(
        Statement.of(
                """
                with head as (
                  insert into git_refs (repo_id, name, target, updated_at)
                  values (:repo, :name, :target, :now::timestamptz)
                  on conflict do nothing
                  returning target
                )
                update repos r set default_branch = b.name
                from head, branches b
                where r.repo_id = :repo and b.repo_id = :repo
                  and head.target = :heads || b.name
                """)
            .text("repo", repoId)
            .text("name", Refs.HEAD)
            .text("target", head)
            .text("heads", Refs.HEADS)
            .text("now", now.toString()));
  }
}
