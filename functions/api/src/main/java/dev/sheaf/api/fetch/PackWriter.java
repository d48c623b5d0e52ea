package dev.sheaf.api.fetch;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.repository.history.RepositoryObjects.Location;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Writes packs: bundles that answer a fetch. Contents are read some at a time, many at once; the
 * next ones are read while these are compressed.
 */
final class PackWriter {
  /** What a function's temporary space holds, with room for contents on their way. */
  static final long MAX_PACK_BYTES = 256 << 20;

  /** A larger object has no place in a pack: compressing it would take temporary space as well. */
  static final long MAX_OBJECT_BYTES = 32 << 20;

  private final Contents contents;

  PackWriter(Contents contents) {
    this.contents = contents;
  }

  /**
   * A written pack.
   *
   * @param sha256 of its bytes
   */
  record Written(FileContent file, ContentId sha256) {}

  /**
   * Writes a pack into a file.
   *
   * @throws HttpFailure 413 when it becomes too large
   */
  Written write(History history, List<Location> objects, IdDialect dialect, SpoolDirectory spool)
      throws IOException {
    Path file = spool.newFile();
    BundleSummary summary;
    try (OutputStream out =
        new BufferedOutputStream(new BoundedOutputStream(Files.newOutputStream(file)), 1 << 16)) {
      BundleWriter writer = BundleWriter.to(out, dialect);
      writer.history(history, objects.size());
      write(writer, objects, spool);
      summary = writer.finish();
    }
    ContentId sha256 = Objects.requireNonNull(summary.sha256(), "a writer hashes what it writes");
    return new Written(new FileContent(file, summary.sizeBytes()), sha256);
  }

  private void write(BundleWriter writer, List<Location> objects, SpoolDirectory spool)
      throws IOException {
    try (ObjectEncoder encoder = new ObjectEncoder(ObjectEncoder.DEFAULT_LEVEL, spool.path());
        ReadAhead batches = new ReadAhead(contents, objects, spool)) {
      for (ReadAhead.Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.objects().size(); i++) {
          Content content = batch.contents().get(i);
          ContentId id = batch.objects().get(i).id();
          writer.object(encoder.encode(new RawObject(id, content, null)));
          if (content instanceof FileContent spooled) {
            Files.delete(spooled.path());
          }
        }
      }
    }
  }

  /** Stops a pack from filling the temporary space. */
  private static final class BoundedOutputStream extends OutputStream {
    private final OutputStream out;
    private long written;

    BoundedOutputStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      count(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      count(length);
      out.write(bytes, from, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }

    private void count(int length) {
      written += length;
      if (written > MAX_PACK_BYTES) {
        throw HttpFailure.tooLarge(
            "the pack asked for is larger than "
                + MAX_PACK_BYTES
                + " bytes; POST the same to /clone-plan and read the bundles from the store");
      }
    }
  }
}
