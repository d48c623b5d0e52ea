package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bundles of a few commits, written the way clients write them. */
final class TestBundle {
  private static final Path VECTORS = Path.of("../lib/bundle/src/test/resources/vectors");

  private final List<Commit> commits = new ArrayList<>();
  private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  private final Map<ContentId, byte[]> objects = new LinkedHashMap<>();
  private final Map<String, String> heads = new LinkedHashMap<>();

  /** The bytes of a bundle that was made elsewhere. */
  static byte[] vector(String name) {
    try {
      return Files.readAllBytes(VECTORS.resolve(name + ".bundle"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The body of a request that the muse client 0.1.5 sent when it pushed {@code v1-tiny-mwp}. */
  static byte[] recorded(String name) {
    try {
      return Files.readAllBytes(VECTORS.resolve("v1-http").resolve(name + ".req"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ContentId id(String content) {
    return Ids.object(content.getBytes(UTF_8));
  }

  /** Adds a commit of whole files, with their objects. */
  TestBundle commit(String commitId, List<String> parents, Map<String, String> files) {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    files.forEach((path, text) -> contents.put(path, text.getBytes(UTF_8)));
    return commitBytes(commitId, parents, contents);
  }

  TestBundle commitBytes(String commitId, List<String> parents, Map<String, byte[]> files) {
    Map<String, ContentId> manifest = new LinkedHashMap<>();
    files.forEach((path, bytes) -> {
      ContentId id = Ids.object(bytes);
      manifest.put(path, id);
      objects.put(id, bytes);
    });
    return commitOf(commitId, parents, new Manifest(manifest));
  }

  /** Adds a commit whose snapshot is a delta, with the objects of that alone. */
  TestBundle delta(
      String commitId, String parent, Map<String, String> base, Map<String, String> changes) {
    Map<String, ContentId> whole = new LinkedHashMap<>();
    base.forEach((path, text) -> whole.put(path, id(text)));
    String baseId = Ids.snapshot(new Manifest(whole), IdDialect.PREFIXED);
    Map<String, ContentId> entries = new LinkedHashMap<>();
    changes.forEach((path, text) -> {
      entries.put(path, id(text));
      objects.put(id(text), text.getBytes(UTF_8));
    });
    whole.putAll(entries);
    String snapshotId = Ids.snapshot(new Manifest(whole), IdDialect.PREFIXED);
    snapshots.put(
        snapshotId, new Snapshot(snapshotId, false, baseId, entries, List.of(), PackedMap.EMPTY));
    commits.add(
        Commit.of(
            commitId,
            snapshotId,
            "message of " + commitId,
            "2026-01-02T03:04:05Z",
            List.of(parent)));
    return this;
  }

  /** Adds a commit of a manifest whose objects are elsewhere. */
  TestBundle commitOf(String commitId, List<String> parents, Manifest manifest) {
    String snapshotId = Ids.snapshot(manifest, IdDialect.PREFIXED);
    snapshots.put(snapshotId, Snapshot.full(snapshotId, manifest));
    commits.add(
        Commit.of(commitId, snapshotId, "message of " + commitId, "2026-01-02T03:04:05Z", parents));
    return this;
  }

  /** Adds an object under an id that need not be its own. */
  TestBundle object(ContentId id, byte[] content) {
    objects.put(id, content);
    return this;
  }

  TestBundle without(ContentId object) {
    objects.remove(object);
    return this;
  }

  TestBundle head(String branch, String commitId) {
    heads.put(branch, commitId);
    return this;
  }

  byte[] bytes() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
      writer.history(History.of(commits, List.copyOf(snapshots.values()), heads), objects.size());
      for (Map.Entry<ContentId, byte[]> object : objects.entrySet()) {
        writer.object(WireObject.raw(object.getKey(), Content.of(object.getValue())));
      }
      writer.finish();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
