package dev.sheaf.bundleindex;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A history made by hand, and bundles of parts of it. */
final class TestHistory {
  private final Map<String, Commit> commits = new LinkedHashMap<>();
  private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  private final Map<String, Manifest> manifests = new HashMap<>();
  private final Map<ContentId, byte[]> contents = new LinkedHashMap<>();
  private final Map<String, String> heads = new LinkedHashMap<>();
  private final Map<String, Commit> earlier = new HashMap<>();

  /** Commits a change on top of parents; content null removes a path. The first is the base. */
  String commit(String message, Map<String, String> changes, String... parents) {
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    changes.forEach((path, text) -> bytes.put(path, text.getBytes(StandardCharsets.UTF_8)));
    return commitBytes(message, bytes, List.of(), parents);
  }

  String commitBytes(
      String message, Map<String, byte[]> changes, List<String> removed, String... parents) {
    Commit first = parents.length == 0 ? null : find(parents[0]);
    String baseId = first == null ? null : first.snapshotId();
    Manifest base = baseId == null ? Manifest.EMPTY : manifest(baseId);
    Map<String, ContentId> objects = new LinkedHashMap<>(base.objects());
    removed.forEach(objects::remove);
    changes.forEach((path, bytes) -> {
      ContentId id = Ids.object(bytes);
      contents.put(id, bytes);
      objects.put(path, id);
    });
    Manifest manifest = new Manifest(objects);
    String snapshotId = Ids.snapshot(manifest, IdDialect.PREFIXED);
    manifests.put(snapshotId, manifest);
    snapshots.putIfAbsent(snapshotId, Snapshot.delta(snapshotId, baseId, base, manifest));
    String at = "2026-01-01T00:00:%02d+02:00".formatted(commits.size() % 60);
    String id = Ids.commit(List.of(parents), snapshotId, message, at, IdDialect.PREFIXED);
    commits.put(id, Commit.of(id, snapshotId, message, at, List.of(parents)));
    return id;
  }

  private Commit find(String id) {
    Commit commit = commits.getOrDefault(id, earlier.get(id));
    if (commit == null) {
      throw new AssertionError("no commit " + id);
    }
    return commit;
  }

  Manifest manifest(String snapshotId) {
    Manifest manifest = manifests.get(snapshotId);
    if (manifest == null) {
      throw new AssertionError("no snapshot " + snapshotId);
    }
    return manifest;
  }

  TestHistory head(String branch, String commitId) {
    heads.put(branch, commitId);
    return this;
  }

  /** Forgets what was there, so that the next bundle holds only what comes now. */
  TestHistory next() {
    TestHistory next = new TestHistory();
    next.manifests.putAll(manifests);
    next.earlier.putAll(earlier);
    next.earlier.putAll(commits);
    return next;
  }

  Map<ContentId, byte[]> contents() {
    return contents;
  }

  List<Commit> commits() {
    return List.copyOf(commits.values());
  }

  List<Snapshot> snapshots() {
    return List.copyOf(snapshots.values());
  }

  /** The bundle of everything. */
  byte[] bundle() {
    History history = History.of(commits(), snapshots(), heads);
    return bundle(history, encode(contents));
  }

  static byte[] bundle(History history, List<WireObject> objects) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BundleWriter writer = BundleWriter.to(bytes, IdDialect.PREFIXED);
      writer.history(history, objects.size());
      for (WireObject object : objects) {
        writer.object(object);
      }
      writer.finish();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<WireObject> encode(Map<ContentId, byte[]> contents) {
    List<WireObject> objects = new ArrayList<>();
    try (ObjectEncoder encoder =
        new ObjectEncoder(3, Path.of(System.getProperty("java.io.tmpdir")))) {
      for (var entry : contents.entrySet()) {
        RawObject raw = new RawObject(entry.getKey(), Content.of(entry.getValue()), null);
        objects.add(encoder.encode(raw));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return objects;
  }
}
