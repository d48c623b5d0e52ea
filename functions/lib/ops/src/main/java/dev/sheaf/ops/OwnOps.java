package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Changes that a site makes record by record: written here as peers will write them, together with
 * their ops. Who changes many rows by one statement of his own appends through {@link OpLog}.
 */
public final class OwnOps {
  private final OpLog log;
  private final Map<String, RegisteredTable> tables;

  /**
   * @param self this site's base URL
   */
  public OwnOps(
      String self, List<RegisteredTable> tables, InstantSource clock, RandomGenerator random) {
    this.log = new OpLog(self, clock, random);
    this.tables =
        tables.stream().collect(Collectors.toMap(RegisteredTable::name, Function.identity()));
  }

  /** Writes changes, and takes the end of the log for it. */
  public void write(Catalog transaction, List<OpLog.Change> changes) {
    write(transaction, log.stamp(transaction), changes);
  }

  /**
   * Writes changes.
   *
   * @param stamp taken in this transaction
   */
  void write(Catalog transaction, Stamp stamp, List<OpLog.Change> changes) {
    List<Op> ops = changes.stream().flatMap(change -> log.ops(stamp, change).stream()).toList();
    writeRecords(transaction, tables, ops);
    log.append(transaction, ops);
  }

  /**
   * Writes records as this site had written them when it lost its catalog. What came from elsewhere
   * meanwhile gives way where it is older, and stays where it is newer. Appends nothing.
   *
   * @param asOf the end of the log that was lost, when the records were read
   */
  public void restore(Catalog transaction, Ulid asOf, List<OpLog.Change> changes) {
    List<Op> ops = changes.stream().map(change -> log.op(asOf, change, change.records())).toList();
    writeRecords(transaction, tables, ops);
  }

  /**
   * Begins a log anew, by an op that tells of nothing. Whoever had read the one before it finds a
   * gap, and takes a snapshot.
   */
  public void begin(Catalog transaction, RegisteredTable table) {
    OpLog.Change nothing = new OpLog.Change(Action.UPDATE, table.name(), List.of());
    log.append(transaction, List.of(log.op(log.stamp(transaction).next(), nothing, List.of())));
  }

  /** Writes the records of ops whose tables and actions are known. */
  static void writeRecords(Catalog transaction, Map<String, RegisteredTable> tables, List<Op> ops) {
    Map<String, RecordWrites> writes = new TreeMap<>();
    for (Op op : ops) {
      RegisteredTable table = tables.get(op.table());
      Action action = Action.of(op.action()).orElse(null);
      if (table == null || action == null) {
        throw new IllegalArgumentException("not a change of a registered table: " + op.table());
      }
      writes.computeIfAbsent(op.table(), _ -> new RecordWrites(table)).add(op, action);
    }
    writes.values().forEach(table -> table.write(transaction));
  }
}
