package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.repository.column.BlobColumn;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the table {@code commits}, many rows a statement, under the repository's lock. */
public final class CommitRows {
  /** The encoded bytes of a time and two numbers, at most. */
  private static final int TIME_AND_NUMBERS = 64;

  /** Git's own octopus merges have some dozens. */
  public static final int MOST_PARENTS = 16_384;

  /** With its parents' numbers and all else a row fits into one request. */
  public static final int MOST_RECORD_BYTES = 2 << 20;

  private CommitRows() {}

  /** A commit and what its row holds of it, made before any lock is held. */
  public static final class Prepared {
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
    public Prepared(Commit commit) {
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
   * Writes those commits that the repository does not have, when {@code together} is flushed.
   *
   * @param parentsFirst in this order they are numbered
   * @param known the numbers of those {@link #named} that the repository has
   * @param last the number of the newest commit so far
   * @return the number of the newest commit then
   */
  public static int insert(
      Together together,
      String repoId,
      List<Prepared> parentsFirst,
      Map<String, Integer> known,
      ContentId bundle,
      int last) {
    Map<String, Integer> seqs = new HashMap<>(known);
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
      BlobColumn records = BlobColumn.of(batch, row -> row.prepared.record);
      together.add(
          Together.Part.of(
              "commits",
              INSERT,
              batch.stream().mapToLong(Row::encodedBytes).sum(),
              statement -> bind(statement, repoId, bundle, batch, records)));
    }
    return seq;
  }

  /** The commits of a push and their parents. */
  public static Set<String> named(List<Prepared> commits) {
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

  private static final String INSERT =
      """
      added_commits as (
        insert into commits (repo_id, commit_id, seq, parents, bundle_seq, snapshot_id, branch,
          author, subject, committed_at, record)
        select :repo, commit_id, commit_seq, string_to_array(parent_seqs, ',')::integer[], b.seq,
          snapshot_id, branch, author, subject, committed_at::timestamptz,
          substr(:records::bytea, start, length)
        from unnest(:commit_ids::text[], :seqs::integer[], :parents::text[], :trees::text[],
            :on_branches::text[], :authors::text[], :subjects::text[], :times::text[])
          with ordinality as facts (commit_id, commit_seq, parent_seqs, snapshot_id, branch,
            author, subject, committed_at, n)
          join %s on ordinal = n
          join bundles b on b.repo_id = :repo and b.bundle = :bundle
      )\
      """
          .formatted(BlobColumn.rows("record_lengths"));

  private static Statement bind(
      Statement statement, String repoId, ContentId bundle, List<Row> batch, BlobColumn records) {
    return statement
        .text("repo", repoId)
        .text("bundle", bundle.hex())
        .text("commit_ids", PgArray.texts(batch, Row::commitId))
        .text("seqs", PgArray.numbers(batch, row -> row.seq))
        .text("parents", PgArray.texts(batch, row -> row.parents))
        .text("trees", PgArray.texts(batch, row -> row.prepared.commit.snapshotId()))
        .text("on_branches", PgArray.texts(batch, row -> row.prepared.branch))
        .text("authors", PgArray.texts(batch, row -> row.prepared.author))
        .text("subjects", PgArray.texts(batch, row -> row.prepared.subject))
        .text("times", PgArray.texts(batch, row -> row.prepared.time))
        .bytes("records", records.blob())
        .text("record_lengths", records.lengths());
  }
}
