package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.catalog.Catalog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the home says to ops that came too late: where their heads are kept, and where its own are.
 */
final class HomeAnswers {
  private final Catalog transaction;
  private final Map<String, RegisteredTable> tables;
  private final Map<String, Tenure> tenures;
  private final LateOps late;
  private final List<OpLog.Change> changes = new ArrayList<>();
  private final Set<String> restated = new HashSet<>();

  HomeAnswers(
      Catalog transaction,
      Map<String, RegisteredTable> tables,
      Map<String, Tenure> tenures,
      LateOps late) {
    this.transaction = transaction;
    this.tables = tables;
    this.tenures = tenures;
    this.late = late;
  }

  List<OpLog.Change> changes() {
    return changes;
  }

  void to(Op op, ObjectNode record) {
    Tenure tenure = tenures.get(HomeFence.text(record, "repo_id"));
    Epoch present = tenure == null ? Epoch.FIRST : tenure.epoch();
    Optional<ObjectNode> own = own(op.table(), record);
    if (!op.table().equals(HomeFence.REPOS)) {
      keep(op, record, present);
    }
    if (restated.add(op.table() + key(op.table(), record))) {
      ObjectNode truth = own.orElseGet(() -> key(op.table(), record)).put("epoch", present.value());
      Action action = own.isPresent() ? Action.UPDATE : Action.DELETE;
      changes.add(new OpLog.Change(action, op.table(), List.of(truth)));
    }
  }

  /**
   * What peers have of this site's own. What is here is newer; of what is not here, and was gone
   * when the site lost its catalog, they are told so.
   */
  void toOwn(List<Op> ops) {
    Map<String, List<ObjectNode>> records = new TreeMap<>();
    for (Op op : ops) {
      if (!op.table().equals(HomeFence.REPOS) && !op.action().equals(Action.DELETE.text())) {
        List<ObjectNode> keys = records.computeIfAbsent(op.table(), _ -> new ArrayList<>());
        op.data().forEach(record -> add(keys, op, (ObjectNode) record));
      }
    }
    records.forEach((table, keys) -> {
      List<ObjectNode> gone = OwnRow.absent(transaction, registered(table), keys);
      if (!gone.isEmpty()) {
        changes.add(new OpLog.Change(Action.DELETE, table, gone));
      }
    });
  }

  private void add(List<ObjectNode> keys, Op op, ObjectNode record) {
    Tenure tenure = tenures.get(HomeFence.text(record, "repo_id"));
    if (tenure != null && tenure.loss().hadGone(op.ulid())) {
      keys.add(key(op.table(), record).put("epoch", HomeFence.epoch(record).value()));
    }
  }

  private void keep(Op op, ObjectNode record, Epoch present) {
    boolean moves = !op.action().equals(Action.DELETE.text());
    if (moves && !GitRecords.isHead(op, record) && !late.isSuperseded(op, record)) {
      ObjectNode kept = TakenOver.record(record, LateOps.keptName(op, record), present);
      changes.add(new OpLog.Change(Action.UPDATE, op.table(), List.of(kept)));
    }
  }

  private RegisteredTable registered(String table) {
    return Objects.requireNonNull(tables.get(table));
  }

  private ObjectNode key(String table, ObjectNode record) {
    ObjectNode key = OwnRow.JSON.createObjectNode();
    for (String column : registered(table).key()) {
      key.set(column, record.path(column));
    }
    return key;
  }

  /** The row as it is here, as a record. */
  private Optional<ObjectNode> own(String table, ObjectNode record) {
    RegisteredTable registered = registered(table);
    String repo = HomeFence.text(record, "repo_id");
    return switch (table) {
      case HomeFence.REPOS -> OwnRow.repo(transaction, registered, repo);
      case HomeFence.GIT_REFS ->
          OwnRow.gitRef(transaction, registered, repo, HomeFence.text(record, "name"));
      default -> OwnRow.branch(transaction, registered, repo, HomeFence.text(record, "name"));
    };
  }
}
