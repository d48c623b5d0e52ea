package dev.sheaf.repository;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A bundle made by hand. Commits are named by the test; each has a snapshot of the same name. */
public final class TestPush {
  private final List<Commit> commits = new ArrayList<>();
  private final List<Snapshot> snapshots = new ArrayList<>();
  private final Map<ContentId, byte[]> objects = new LinkedHashMap<>();
  private final Map<String, String> heads = new LinkedHashMap<>();

  /** A commit of one file named like it, on top of parents; the first is the delta's base. */
  public TestPush commit(String id, String... parents) {
    byte[] content = ("content of " + id).getBytes(StandardCharsets.UTF_8);
    return commit(id, Map.of(id, content), parents);
  }

  public TestPush commit(String id, Map<String, byte[]> files, String... parents) {
    Map<String, ContentId> entries = new LinkedHashMap<>();
    files.forEach((path, content) -> {
      entries.put(path, Ids.object(content));
      objects.put(Ids.object(content), content);
    });
    String base = parents.length == 0 ? null : "s-" + parents[0];
    snapshots.add(new Snapshot("s-" + id, base == null, base, entries, List.of(), PackedMap.EMPTY));
    commits.add(
        Commit.of(id, "s-" + id, "message of " + id, "2026-01-01T00:00:00Z", List.of(parents)));
    return this;
  }

  public TestPush add(Commit commit) {
    commits.add(commit);
    return this;
  }

  public TestPush head(String branch, String commit) {
    heads.put(branch, commit);
    return this;
  }

  public TestPush without(ContentId id) {
    objects.remove(id);
    return this;
  }

  public History history() {
    return History.of(commits, snapshots, heads);
  }

  public Map<ContentId, byte[]> objects() {
    return objects;
  }

  public byte[] bundle() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(bytes, IdDialect.PREFIXED);
    writer.history(history(), objects.size());
    for (var object : objects.entrySet()) {
      writer.object(WireObject.raw(object.getKey(), Content.of(object.getValue())));
    }
    writer.finish();
    return bytes.toByteArray();
  }
}
