package dev.sheaf.api.fetch;

import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes answers that go into one reply: bundles that every client reads. */
final class InlineWriter {
  private final Contents contents;
  private final Path spoolParent;

  InlineWriter(Contents contents, Path spoolParent) {
    this.contents = contents;
    this.spoolParent = spoolParent;
  }

  /**
   * An answer in memory; empty when it turns out larger than a function may send.
   *
   * @param objects what their sizes say is small enough to be held twice
   */
  Optional<BytesContent> write(History history, List<Location> objects, IdDialect dialect)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (SpoolDirectory spool = SpoolDirectory.below(spoolParent)) {
      List<Content> bodies = contents.read(objects, spool);
      BundleWriter writer = BundleWriter.to(out, dialect);
      writer.history(history, objects.size());
      for (int i = 0; i < bodies.size(); i++) {
        writer.object(WireObject.raw(objects.get(i).id(), bodies.get(i)));
      }
      writer.finish();
    }
    return out.size() <= GatewayLimits.INLINE_BYTES
        ? Optional.of((BytesContent) Content.of(out.toByteArray()))
        : Optional.empty();
  }
}
