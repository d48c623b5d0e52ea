package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.BlobColumn;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the tables {@code snapshots} and {@code snapshot_chunks}, many rows a statement. */
public final class SnapshotRows {
  /** 60,000 bytes as base64, so that a row can be read back through the Data API. */
  private static final int CHUNK = 45_000;

  private static final int NUMBERS = 6 * 12;

  private SnapshotRows() {}

  /**
   * How a snapshot is stored.
   *
   * @param depth number of deltas above the checkpoint
   * @param entryCount entries of the whole manifest
   * @param chainBytes encoded size of those deltas
   * @param checkpointBytes encoded size of the checkpoint
   */
  record Form(int depth, int entryCount, long chainBytes, long checkpointBytes) {
    /** No chain of deltas is longer. */
    static final int MAX_DEPTH = 31;

    /** Reads one from numbers in this order, of which it is not the first. */
    static Form of(long[] numbers, int from) {
      return new Form(
          (int) numbers[from], (int) numbers[from + 1], numbers[from + 2], numbers[from + 3]);
    }

    /** A snapshot stored whole. */
    static Form whole(int entryCount, long bodyBytes) {
      return new Form(0, entryCount, 0, bodyBytes);
    }

    /** Whether a delta of this size may be put on top. */
    boolean takes(long bodyBytes) {
      return depth < MAX_DEPTH && chainBytes + bodyBytes <= checkpointBytes;
    }

    /** The form of a delta on top of this one. */
    Form plus(int entries, long bodyBytes) {
      return new Form(depth + 1, entries, chainBytes + bodyBytes, checkpointBytes);
    }
  }

  /** A row to write. */
  static final class Row {
    private final String snapshotId;
    private final @Nullable String baseId;
    private final Form form;
    private final byte[] body;

    /**
     * @param baseId null when {@code body} is the whole manifest
     * @param body not copied
     */
    Row(String snapshotId, @Nullable String baseId, Form form, byte[] body) {
      this.snapshotId = snapshotId;
      this.baseId = baseId;
      this.form = form;
      this.body = body;
    }
  }

  private record Chunk(Row row, int part) {
    byte[] data() {
      int from = part * CHUNK;
      return Arrays.copyOfRange(row.body, from, Math.min(from + CHUNK, row.body.length));
    }

    static long encodedBytes(Chunk chunk) {
      return EncodedSize.ofBytes(Math.min(CHUNK, chunk.row.body.length))
          + PgArray.encodedBytes(chunk.row.snapshotId)
          + PgArray.encodedBytes(chunk.row.baseId)
          + NUMBERS;
    }
  }

  /**
   * Writes snapshots that the repository does not have, when {@code together} is flushed.
   *
   * @throws SheafException of kind CONFLICT when one has come in meanwhile, perhaps in another form
   */
  public static void insert(Together together, String repoId, List<Row> rows) {
    List<Chunk> chunks = new ArrayList<>();
    rows.forEach(row -> cut(row, chunks));
    for (List<Chunk> batch : Batches.of(chunks, Chunk::encodedBytes)) {
      long expected = batch.stream().filter(chunk -> chunk.part == 0).count();
      BlobColumn data = BlobColumn.of(batch, Chunk::data);
      together.add(
          new Together.Part(
              "snapshots",
              INSERT,
              "added_snapshots",
              batch.stream().mapToLong(Chunk::encodedBytes).sum(),
              statement -> bind(statement, repoId, batch, data),
              added -> requireAll(repoId, added, expected)));
    }
  }

  private static void requireAll(String repoId, long added, long expected) {
    if (added != expected) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          "repository %s got snapshots of this bundle from another push meanwhile; try again"
              .formatted(repoId));
    }
  }

  private static void cut(Row row, List<Chunk> chunks) {
    int parts = Math.ceilDiv(row.body.length, CHUNK);
    for (int part = 0; part < parts; part++) {
      chunks.add(new Chunk(row, part));
    }
  }

  private static final String INSERT =
      """
      chunks as (
        select facts.*, substr(:snapshot_data::bytea, start, length) as data
        from unnest(:snapshot_ids::text[], :bases::text[], :depths::integer[], :entries::integer[],
            :bodies::bigint[], :chains::bigint[], :checkpoints::bigint[], :parts::integer[])
          with ordinality as facts (snapshot_id, base_id, depth, entry_count, body_bytes,
            chain_bytes, checkpoint_bytes, part, n)
          join %s on ordinal = n
      ), added_snapshots as (
        insert into snapshots (repo_id, snapshot_id, base_id, depth, entry_count, body_bytes,
          chain_bytes, checkpoint_bytes)
        select :repo, snapshot_id, base_id, depth, entry_count, body_bytes, chain_bytes,
          checkpoint_bytes
        from chunks where part = 0
        on conflict do nothing
        returning 1
      ), added_chunks as (
        insert into snapshot_chunks (repo_id, snapshot_id, part, data)
        select :repo, snapshot_id, part, data from chunks
        on conflict do nothing
      )\
      """
          .formatted(BlobColumn.rows("snapshot_lengths"));

  private static Statement bind(
      Statement statement, String repoId, List<Chunk> batch, BlobColumn data) {
    return statement
        .text("repo", repoId)
        .text("snapshot_ids", PgArray.texts(batch, chunk -> chunk.row.snapshotId))
        .text("bases", PgArray.texts(batch, chunk -> chunk.row.baseId))
        .text("depths", PgArray.numbers(batch, chunk -> chunk.row.form.depth))
        .text("entries", PgArray.numbers(batch, chunk -> chunk.row.form.entryCount))
        .text("bodies", PgArray.numbers(batch, chunk -> chunk.row.body.length))
        .text("chains", PgArray.numbers(batch, chunk -> chunk.row.form.chainBytes))
        .text("checkpoints", PgArray.numbers(batch, chunk -> chunk.row.form.checkpointBytes))
        .text("parts", PgArray.numbers(batch, chunk -> chunk.part))
        .bytes("snapshot_data", data.blob())
        .text("snapshot_lengths", data.lengths());
  }
}
