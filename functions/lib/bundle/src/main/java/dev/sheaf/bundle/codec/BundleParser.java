package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/** One pass over one bundle. */
final class BundleParser {
  private final MsgpackReader in;
  private final BundleSink sink;
  private final BundleLimits limits;
  private final Spool spool;
  private final InflationBudget budget;
  private final RecordFields fields;
  private long commits;
  private long snapshots;
  private long objects;

  BundleParser(
      InputStream document,
      BundleSink sink,
      BundleLimits limits,
      Spool spool,
      InflationBudget budget,
      Function<String, ContentId> ids) {
    this.in = new MsgpackReader(document, limits.nesting());
    this.sink = sink;
    this.limits = limits;
    this.spool = spool;
    this.budget = budget;
    this.fields = new RecordFields(in, limits, new Interner(ids));
  }

  /** Reads the whole document; of the summary it knows the counts. */
  BundleSummary parse() throws IOException {
    in.at("bundle", -1);
    if (in.isAtEnd()) {
      throw in.fail("it is empty");
    }
    Set<String> seen = new HashSet<>();
    for (int rest = in.readMapHeader(); rest > 0; rest--) {
      section(fields.key(seen));
      in.at("bundle", -1);
    }
    in.expectEnd();
    return new BundleSummary(null, in.position(), commits, snapshots, objects);
  }

  private void section(String key) throws IOException {
    switch (key) {
      case "commits" -> commits = list(key, limits.commits(), () -> sink.commit(commit()));
      case "snapshots" ->
          snapshots = list(key, limits.snapshots(), () -> sink.snapshot(snapshot()));
      case "objects" -> objects = objects(key);
      case "branch_heads" -> branchHeads(key);
      case "tags" -> list(key, limits.commits(), this::tag);
      case "meta" -> meta(key);
      default -> in.skipValue();
    }
  }

  /** Reads one element. */
  private interface Element {
    void read() throws IOException;
  }

  /** Reads a list, which may be nil, and gives its length. */
  private long list(String name, long limit, Element element) throws IOException {
    in.at(name, -1);
    int size = in.tryNil() ? 0 : in.readArrayHeader();
    if (size > limit) {
      throw in.fail("%d entries pass the limit %s %d".formatted(size, name, limit));
    }
    for (int i = 0; i < size; i++) {
      in.at(name, i);
      element.read();
    }
    return size;
  }

  private Commit commit() throws IOException {
    return new CommitRecord(in, fields, limits).read();
  }

  private Snapshot snapshot() throws IOException {
    fields.begin(limits.recordBytes(), "recordBytes");
    Snapshot snapshot = new SnapshotRecord(in, fields).read();
    fields.end();
    return snapshot;
  }

  private long objects(String name) throws IOException {
    return list(name, limits.objects(), this::object);
  }

  private void object() throws IOException {
    WireObject wire = new ObjectRecord(in, fields, limits, spool).read();
    ReceivedObject object = new ReceivedObject(wire, limits, spool, budget);
    boolean taken = false;
    try {
      sink.object(object);
      taken = true;
    } finally {
      if (!taken) {
        object.close();
      }
    }
  }

  private void branchHeads(String name) throws IOException {
    in.at(name, -1);
    if (in.tryNil()) {
      return;
    }
    fields.begin(limits.recordBytes(), "recordBytes");
    Set<String> seen = new HashSet<>();
    for (int rest = in.readMapHeader(); rest > 0; rest--) {
      String branch = fields.key(seen);
      String head = fields.id("the head of a branch");
      if (branch.isEmpty() || branch.indexOf('\0') >= 0 || head == null) {
        throw in.fail("the branch '" + branch.replace('\0', '?') + "' has no name or no head");
      }
      sink.branchHead(branch, head);
    }
    fields.end();
  }

  private void tag() throws IOException {
    fields.begin(limits.commitBytes(), "commitBytes");
    sink.tag(in.readPackedMap());
    fields.end();
  }

  /** Advisory, so another type than a map is passed over. */
  private void meta(String name) throws IOException {
    in.at(name, -1);
    fields.begin(limits.recordBytes(), "recordBytes");
    if (in.isMapNext()) {
      sink.meta(in.readPackedMap());
    } else {
      in.skipValue();
    }
    fields.end();
  }
}
