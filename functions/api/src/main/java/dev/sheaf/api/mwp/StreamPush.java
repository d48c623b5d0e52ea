package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.RefLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The body of {@code POST /push}: {@code {bundle, branch, force}}. Its bundle is read by the reader
 * of all bundles; unlike others it may leave its objects to requests of their own.
 *
 * @param pieces what is pushed; its only branch head is the one that is to move
 * @param head the commit that the branch is to have
 */
record StreamPush(Pieces pieces, String branch, String head, boolean force) {
  private static final int MAX_RECORDS = 10_000;
  private static final long MAX_INLINE_BYTES = 16 << 20;

  /**
   * Reads a body.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when it is at fault, TOO_LARGE past a
   *     limit
   */
  static StreamPush of(Document fields, BundleReader reader) {
    Collector collector = new Collector();
    try {
      byte[] bundle = fields.document("bundle").packed();
      reader.withoutHashing().read(new ByteArrayInputStream(bundle), collector);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
    History history = collector.history();
    requireLimits(history);
    String branch = fields.text("branch");
    String named = history.branchHeads().get(branch);
    String head = named == null ? CommitOrder.onlyHead(history.commits()) : named;
    RefLimits.check(Map.of(branch, head));
    History pushed =
        new History(
            history.commits(),
            history.snapshots(),
            Map.of(branch, head),
            history.tags(),
            history.meta());
    Pieces pieces = new Pieces(pushed, collector.objects, RepoCall.dialectOf(head));
    return new StreamPush(pieces, branch, head, fields.flag("force"));
  }

  private static void requireLimits(History history) {
    requireAtMost(history.commits().size(), "commits");
    requireAtMost(history.snapshots().size(), "snapshots");
    history
        .snapshots()
        .forEach(snapshot ->
            requireAtMost(
                snapshot.entries().size(), "manifest entries in " + snapshot.snapshotId()));
  }

  private static void requireAtMost(int count, String what) {
    if (count > MAX_RECORDS) {
      throw HttpFailure.tooLarge(
          "%d %s; one push takes %d: push an older commit first, or a bundle"
              .formatted(count, what, MAX_RECORDS));
    }
  }

  /** Keeps history and objects in memory: a request's body was. */
  private static final class Collector extends HistoryCollector {
    private final SortedMap<ContentId, Content> objects = new TreeMap<>();
    private long bytes;

    @Override
    public void object(ReceivedObject object) throws IOException {
      try (object) {
        object.decode(this::keep);
      }
    }

    private void keep(RawObject object) {
      bytes += object.content().size();
      if (bytes > MAX_INLINE_BYTES || !(object.content() instanceof BytesContent content)) {
        throw HttpFailure.tooLarge(
            "the objects of the push hold more than "
                + MAX_INLINE_BYTES
                + " bytes; ask /presign for URLs and upload large ones there");
      }
      objects.put(object.id(), content);
    }
  }
}
