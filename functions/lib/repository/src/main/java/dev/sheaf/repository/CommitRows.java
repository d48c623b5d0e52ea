package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the table {@code commits}, many rows a statement, under the repository's lock. */
final class CommitRows {
  /** The encoded bytes of a time and two numbers, at most. */
  private static final int TIME_AND_NUMBERS = 64;

  /** Git's own octopus merges have some dozens. */
  static final int MOST_PARENTS = 16_384;

  /** With its parents' numbers and all else a row fits into one request. */
  static final int MOST_RECORD_BYTES = 2 << 20;

  private final Catalog transaction;
  private final String repoId;

  CommitRows(Catalog transaction, String repoId) {
    this.transaction = transaction;
    this.repoId = repoId;
  }

  /** A commit and what its row holds of it, made before any lock is held. */
  static final class Prepared {
    private final Commit commit;
    private final byte[] record;
    private final String branch;
    private final String author;
    private final String subject;
    private final @Nullable String time;

    /** What the row takes in a request, without its parents. */
    private final long encodedBytes;

    /**
     * @throws SheafException of kind TOO_LARGE naming the commit and the limit that it passes
     */
    Prepared(Commit commit) {
      this.commit = commit;
      this.record = CommitColumn.encode(commit);
      refuseAbove(commit, commit.parentIds().size(), MOST_PARENTS, "parents");
      refuseAbove(commit, record.length, MOST_RECORD_BYTES, "bytes, compressed");
      this.branch = CommitColumn.shortened(commit.branch());
      this.author = CommitColumn.shortened(commit.author());
      this.subject = CommitColumn.shortened(commit.message());
      this.time = CommitColumn.timestamp(commit.committedAt());
      this.encodedBytes =
          PgArray.encodedBytes(commit.commitId())
              + PgArray.encodedBytes(commit.snapshotId())
              + PgArray.encodedBytes(branch)
              + PgArray.encodedBytes(author)
              + PgArray.encodedBytes(subject)
              + EncodedSize.ofBytes(record.length)
              + TIME_AND_NUMBERS;
    }
  }

  private static void refuseAbove(Commit commit, int size, int limit, String what) {
    if (size > limit) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "commit %s has %d %s; %d are the most that a commit may have"
              .formatted(commit.commitId(), size, what, limit));
    }
  }

  private record Row(Prepared prepared, int seq, String parents) {
    String commitId() {
      return prepared.commit.commitId();
    }

    long encodedBytes() {
      return prepared.encodedBytes + parents.length();
    }
  }

  /**
   * Writes those commits that the repository does not have.
   *
   * @param parentsFirst in this order they are numbered
   * @param last the number of the newest commit so far
   * @return the number of the newest commit now
   */
  int insert(List<Prepared> parentsFirst, ContentId bundle, int last, Instant now) {
    Map<String, Integer> seqs = new Commits(transaction).seqs(repoId, named(parentsFirst));
    List<Row> rows = new ArrayList<>();
    int seq = last;
    for (Prepared prepared : parentsFirst) {
      Commit commit = prepared.commit;
      if (!seqs.containsKey(commit.commitId())) {
        rows.add(new Row(prepared, ++seq, parents(commit, seqs)));
        seqs.put(commit.commitId(), seq);
      }
    }
    for (List<Row> batch : Batches.of(rows, Row::encodedBytes)) {
      transaction.execute(statement(batch, bundle, now));
    }
    return seq;
  }

  private static Set<String> named(List<Prepared> commits) {
    Set<String> named = new LinkedHashSet<>();
    for (Prepared prepared : commits) {
      named.add(prepared.commit.commitId());
      named.addAll(prepared.commit.parentIds());
    }
    return named;
  }

  private static String parents(Commit commit, Map<String, Integer> seqs) {
    return commit.parentIds().stream()
        .map(parent -> {
          Integer seq = seqs.get(parent);
          if (seq == null) {
            throw unknownParent(commit, parent);
          }
          return seq.toString();
        })
        .collect(Collectors.joining(","));
  }

  private static SheafException unknownParent(Commit commit, String parent) {
    return new MissingBaseException(
        parent,
        "commit %s names parent %s, which is neither in the bundle nor in the repository;"
                .formatted(commit.commitId(), parent)
            + " push the missing history first");
  }

  private Statement statement(List<Row> batch, ContentId bundle, Instant now) {
    BlobColumn records = BlobColumn.of(batch, row -> row.prepared.record);
    return Statement.of(
            """
            with added as (
              insert into commits (repo_id, commit_id, seq, parents, bundle_seq, snapshot_id, branch,
                author, subject, committed_at, record)
              select :repo, commit_id, commit_seq, string_to_array(parent_seqs, ',')::integer[], b.seq,
                snapshot_id, branch, author, subject, committed_at::timestamptz,
                substr(:records::bytea, start, length)
              from unnest(:ids::text[], :seqs::integer[], :parents::text[], :snapshots::text[],
                  :branches::text[], :authors::text[], :subjects::text[], :times::text[])
                with ordinality as facts (commit_id, commit_seq, parent_seqs, snapshot_id, branch,
                  author, subject, committed_at, n)
                join %s on ordinal = n
                join bundles b on b.repo_id = :repo and b.bundle = :bundle
            )
            update repos set last_commit_seq = :last, pushed_at = :now::timestamptz
            where repo_id = :repo
            """
                .formatted(BlobColumn.ROWS))
        .text("repo", repoId)
        .text("bundle", bundle.hex())
        .text("ids", PgArray.texts(batch, Row::commitId))
        .text("seqs", PgArray.numbers(batch, row -> row.seq))
        .text("parents", PgArray.texts(batch, row -> row.parents))
        .text("snapshots", PgArray.texts(batch, row -> row.prepared.commit.snapshotId()))
        .text("branches", PgArray.texts(batch, row -> row.prepared.branch))
        .text("authors", PgArray.texts(batch, row -> row.prepared.author))
        .text("subjects", PgArray.texts(batch, row -> row.prepared.subject))
        .text("times", PgArray.texts(batch, row -> row.prepared.time))
        .bytes("records", records.blob())
        .text("lengths", records.lengths())
        .number("last", batch.getLast().seq)
        .text("now", now.toString());
  }
}
