package dev.sheaf.api.mwp;

import dev.sheaf.api.fetch.SpoolDirectory;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleSummary;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * Writes what a client sent piece by piece into one bundle: history, the objects that came along,
 * and those that were sent ahead. The same pieces give the same bytes, hence the same name.
 *
 * <p>A push is kept as such a bundle so that the bucket tells everything: clones read it, a catalog
 * is rebuilt from it, peers get it, as if it had been uploaded. It holds exactly what the
 * repository did not have, hence the bundles of a repository's commits together hold every object.
 */
final class ReceivedBundles {
  /** The bundle and one object of it, which may be as large, must fit into 512 MB of space. */
  static final long MAX_BYTES = 200L << 20;

  private static final long MEMORY_BYTES = 8 << 20;
  private static final long BATCH_BYTES = 16 << 20;
  private static final int BATCH_OBJECTS = 64;

  private final IncomingObjects incoming;

  ReceivedBundles(IncomingObjects incoming) {
    this.incoming = incoming;
  }

  /**
   * A bundle in a file.
   *
   * @param sha256 its name
   */
  record Written(FileContent file, ContentId sha256) {}

  /**
   * Writes a bundle.
   *
   * @param ahead objects that were sent ahead, with their sizes
   * @throws HttpFailure 413 when it becomes larger than one push may be
   */
  Written write(Repo repo, Pieces pieces, SortedMap<ContentId, Long> ahead, SpoolDirectory spool)
      throws IOException {
    requireFits(pieces, ahead);
    Path file = spool.newFile();
    BundleSummary summary;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      BundleWriter writer = BundleWriter.to(out, pieces.dialect());
      writer.history(pieces.history(), (long) pieces.objects().size() + ahead.size());
      for (Map.Entry<ContentId, Content> object : pieces.objects().entrySet()) {
        writer.object(WireObject.raw(object.getKey(), object.getValue()));
      }
      Iterator<Map.Entry<ContentId, Long>> rest = ahead.entrySet().iterator();
      while (rest.hasNext()) {
        writeBatch(repo, nextBatch(rest), writer, spool);
      }
      summary = writer.finish();
    }
    ContentId sha256 = Objects.requireNonNull(summary.sha256(), "a writer hashes what it writes");
    return new Written(new FileContent(file, summary.sizeBytes()), sha256);
  }

  private static void requireFits(Pieces pieces, SortedMap<ContentId, Long> ahead) {
    long bytes =
        pieces.objects().values().stream().mapToLong(Content::size).sum()
            + ahead.values().stream().mapToLong(size -> size).sum();
    if (bytes > MAX_BYTES) {
      throw HttpFailure.tooLarge(
          "the push's objects have "
              + bytes
              + " bytes; one push of this protocol takes "
              + MAX_BYTES
              + ": push an older commit first, or a bundle");
    }
  }

  /** As many objects as are read at once; a large one may exceed the batch's bytes by itself. */
  private static List<ContentId> nextBatch(Iterator<Map.Entry<ContentId, Long>> rest) {
    List<ContentId> batch = new ArrayList<>();
    long bytes = 0;
    while (rest.hasNext() && batch.size() < BATCH_OBJECTS && bytes < BATCH_BYTES) {
      Map.Entry<ContentId, Long> next = rest.next();
      batch.add(next.getKey());
      bytes += next.getValue();
    }
    return batch;
  }

  private void writeBatch(
      Repo repo, List<ContentId> batch, BundleWriter writer, SpoolDirectory spool)
      throws IOException {
    List<Content> contents;
    try (ParallelCalls<Content> gets = new ParallelCalls<>(BATCH_OBJECTS)) {
      batch.forEach(id -> gets.submit(() -> read(repo, id, spool)));
      contents = gets.results();
    }
    for (int i = 0; i < batch.size(); i++) {
      writer.object(WireObject.raw(batch.get(i), contents.get(i)));
      if (contents.get(i) instanceof FileContent spooled) {
        Files.delete(spooled.path());
      }
    }
  }

  private Content read(Repo repo, ContentId id, SpoolDirectory spool) {
    try (ObjectStore.Download download = incoming.open(repo, id);
        InputStream body = download.body()) {
      if (download.object().size() <= MEMORY_BYTES) {
        return Content.of(body.readAllBytes());
      }
      Path file = spool.newFile();
      return new FileContent(file, Files.copy(body, file, StandardCopyOption.REPLACE_EXISTING));
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "reading object " + id.hex() + " broke off; push again", e);
    }
  }
}
