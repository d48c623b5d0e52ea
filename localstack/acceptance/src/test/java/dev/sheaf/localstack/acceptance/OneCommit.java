package dev.sheaf.localstack.acceptance;

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
import java.util.List;
import java.util.Map;

/** A muse bundle of one commit with one file, on the branch main. */
final class OneCommit {
  private OneCommit() {}

  /**
   * @param parents of which there may be none
   */
  static byte[] bundle(String commit, List<String> parents, String text) throws IOException {
    byte[] content = text.getBytes(UTF_8);
    ContentId id = Ids.object(content);
    Manifest manifest = new Manifest(Map.of("file", id));
    String snapshot = Ids.snapshot(manifest, IdDialect.PREFIXED);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
    writer.history(
        new History(
            List.of(Commit.of(commit, snapshot, commit, "2026-01-02T03:04:05Z", parents)),
            List.of(Snapshot.full(snapshot, manifest)),
            Map.of("main", commit),
            List.of(),
            PackedMap.EMPTY),
        1);
    writer.object(WireObject.raw(id, Content.of(content)));
    writer.finish();
    return out.toByteArray();
  }
}
