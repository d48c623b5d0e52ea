package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Writes a site's own ops, each in the transaction that makes its change.
 *
 * <p>Whoever appends first takes a {@link Stamp}: from then on nobody else appends until the
 * transaction ends, so that ops become visible in the order of their ulids, and a peer that has
 * read up to one never misses an earlier one. Take it late: after the rows that take long.
 */
public final class OpLog {
  /** An op is read back in one row, which may have 64 KB; what JSON escapes may double it. */
  static final int MOST_DATA_BYTES = 24 << 10;

  private final String self;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param self this site's base URL, lower case, without a slash at its end
   */
  public OpLog(String self, InstantSource clock, RandomGenerator random) {
    this.self = self;
    this.clock = clock;
    this.random = random;
  }

  /** Changes of one kind to records of one table. */
  public record Change(Action action, String table, List<ObjectNode> records) {}

  /** Takes the end of the log until the transaction ends: one statement. */
  public Stamp stamp(Catalog transaction) {
    return Stamp.take(transaction, clock.instant(), random);
  }

  /**
   * The ops of a change, for the caller to write their records first, each with the ulid of its op:
   * several where one op cannot hold the data.
   *
   * @param stamp taken in this transaction
   */
  public List<Op> ops(Stamp stamp, Change change) {
    return Batches.of(
            change.records(),
            record -> OpJson.text(record).length() + 1L,
            MOST_DATA_BYTES,
            Integer.MAX_VALUE)
        .stream()
        .map(part -> op(stamp.next(), change, part))
        .toList();
  }

  Op op(Ulid ulid, Change change, List<ObjectNode> records) {
    ArrayNode data = OpJson.MAPPER.createArrayNode();
    records.forEach(data::add);
    return new Op(ulid, self, change.action().text(), change.table(), data, false);
  }

  /** Writes ops in their order: one statement for every 4 MiB of them. */
  public void append(Catalog transaction, List<Op> ops) {
    OpRows.append(transaction, ops);
  }
}
