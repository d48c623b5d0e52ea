package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.RefName;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.InlineOps;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one transaction that changes a git repository tells of it: each statement that changes rows
 * appends the ops. The end of the log is taken when the first of them is about to; so whatever
 * takes long comes before.
 */
public final class GitTelling {
  private final Catalog transaction;
  private final InlineOps ops;
  private final String repoId;
  private final Epoch epoch;
  private final Instant now;

  /**
   * @param transaction holds the repository's lock
   * @param epoch of the repository's home when what is told of happened
   */
  public GitTelling(Catalog transaction, String repoId, SiteLog log, Epoch epoch, Instant now) {
    this.transaction = transaction;
    this.ops = log.ops(now);
    this.repoId = repoId;
    this.epoch = epoch;
    this.now = now;
  }

  Instant now() {
    return now;
  }

  Epoch epoch() {
    return epoch;
  }

  boolean isOn() {
    return ops.isOn();
  }

  private InlineOps taken() {
    if (!ops.hasTail()) {
      ops.takeTail(transaction);
    }
    return ops;
  }

  /** The record of a ref that is moved; of one that is deleted where {@code ref} is null. */
  ObjectNode record(String hex, @Nullable GitRef ref) {
    ObjectNode record = OwnRow.JSON.createObjectNode().put("repo_id", repoId).put("name", hex);
    if (ref != null) {
      record.put("target", ref.target().name());
      record.put("peeled", ref.peeled() == null ? null : ref.peeled().name());
    }
    return record.put("epoch", epoch.value());
  }

  /** The record of HEAD, which points to a commit or names a branch. */
  ObjectNode head(@Nullable String target, @Nullable RefName symref) {
    ObjectNode record =
        OwnRow.JSON.createObjectNode().put("repo_id", repoId).put("name", GitState.HEAD_HEX);
    record.put("target", target).put("symref", symref == null ? null : symref.hex());
    return record.put("epoch", epoch.value());
  }

  /** Ops that one statement appends. */
  final class Told {
    private final List<InlineOps.Prepared> prepared = new ArrayList<>();
    private @Nullable String rowSuffix;

    /**
     * Adds an op for records, or several where there are many.
     *
     * @return the rest of the ulid of each record's op, in the order of the records
     */
    List<String> add(Action action, String table, List<ObjectNode> records) {
      List<String> suffixes = new ArrayList<>();
      if (isOn() && !records.isEmpty()) {
        for (InlineOps.Prepared op : taken().prepare(action, table, records)) {
          prepared.add(op);
          op.records().forEach(_ -> suffixes.add(op.suffix()));
        }
      }
      return suffixes;
    }

    /**
     * Adds an op for a row that the statement itself returns, whose column {@code op_ulid} becomes
     * {@link #rowUlid}.
     */
    void addRow() {
      if (isOn()) {
        rowSuffix = taken().suffix();
      }
    }

    /** The ulid of that row's op, in SQL; null where there is none. */
    String rowUlid() {
      return rowSuffix == null ? "null::text" : ops.prefix() + " || :row_suffix";
    }

    /** What appends the op of that row, behind other parts after {@code with}. */
    String row(RegisteredTable table, String part) {
      return rowSuffix == null
          ? ""
          : ", row_op as ("
              + ops.appendOne(
                  Action.UPDATE, table.name(), "row_suffix", part, table.record(part + "."))
              + ")";
    }

    /** What appends the ops of records, behind other parts after {@code with}. */
    String records() {
      return prepared.isEmpty() ? "" : ", told_ops as (" + ops.append() + ")";
    }

    /** The beginning of the records' ulids, in SQL; null where nothing is told. */
    String prefix() {
      return prepared.isEmpty() ? "null::text" : ops.prefix();
    }

    Statement bind(Statement statement) {
      if (rowSuffix != null) {
        ops.bind(statement).text("row_suffix", rowSuffix);
      }
      return prepared.isEmpty()
          ? statement
          : ops.bind(statement).text("ops_rows", InlineOps.rows(prepared));
    }
  }

  /** Ops of one statement. */
  Told told() {
    return new Told();
  }

  /** What the record of an op takes in a request, as JSON inside of JSON. */
  static long encodedBytes(ObjectNode record) {
    return EncodedSize.ofText(record.toString()) + 48;
  }
}
