package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.cli.git.Head;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The documents that ask for refs to be moved. All or none of what one names can be had, so an
 * atomic push is one, whatever it takes: beyond some 20,000 refs they are compressed in it, to a
 * fifth or so.
 */
final class RefAnnouncement {
  /** What a request may hold of refs as they are; a gateway takes some 4.5 MB. */
  private static final int PLAIN_BYTES = 3_000_000;

  /** What it may hold of compressed ones. */
  private static final int PACKED_BYTES = 4_400_000;

  /** What a server takes of these when they are unpacked. */
  private static final int UNPACKED_BYTES = 32 << 20;

  /** What a ref takes beside its name: two ids, and the words around them. */
  private static final int UPDATE_FRAME = 130;

  private RefAnnouncement() {}

  /** The documents for a push: one, unless it is not atomic and too large for one. */
  static List<Map<String, @Nullable Object>> of(
      @Nullable ContentId bundle, List<RefUpdate> updates, @Nullable Head head, boolean atomic) {
    if (atomic && endOfSlice(updates, 0) < updates.size()) {
      Map<String, @Nullable Object> document = document(bundle, head, true);
      document.put("packed_updates", packed(updates));
      // Results of all of them would not fit into an answer.
      document.put("brief", true);
      return List.of(document);
    }
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    int from = 0;
    do {
      int to = endOfSlice(updates, from);
      Map<String, @Nullable Object> document =
          document(from == 0 ? bundle : null, to == updates.size() ? head : null, atomic);
      document.put("updates", maps(updates.subList(from, to)));
      documents.add(document);
      from = to;
    } while (from < updates.size());
    return documents;
  }

  /** See {@link RepositoryClient#requireOneRequest}. */
  static void requireOneRequest(List<RefUpdate> updates) {
    if (endOfSlice(updates, 0) < updates.size()) {
      packed(updates);
    }
  }

  private static int endOfSlice(List<RefUpdate> updates, int from) {
    int to = from;
    for (int bytes = 0; to < updates.size() && bytes < PLAIN_BYTES; to++) {
      bytes += updates.get(to).name().toBytes().length * 4 / 3 + UPDATE_FRAME;
    }
    return to;
  }

  private static Map<String, @Nullable Object> document(
      @Nullable ContentId bundle, @Nullable Head head, boolean atomic) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    if (bundle != null) {
      document.put("bundle_key", bundle.prefixed());
    }
    if (head != null) {
      document.put("head", headFields(head));
    }
    document.put("atomic", atomic);
    return document;
  }

  private static List<Map<String, @Nullable Object>> maps(List<RefUpdate> updates) {
    return updates.stream().map(RefUpdate::toMap).toList();
  }

  private static Map<String, @Nullable Object> headFields(Head head) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    switch (head) {
      case Head.Branch branch -> SiteRefs.putName(fields, "symref", branch.name());
      case Head.Detached detached -> fields.put("detached", detached.id().hex());
    }
    return fields;
  }

  private static byte[] packed(List<RefUpdate> updates) {
    byte[] plain = Msgpack.encode(Map.of("updates", maps(updates)));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 4);
    try (GZIPOutputStream out = new GZIPOutputStream(bytes, 1 << 16)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    if (plain.length > UNPACKED_BYTES || bytes.size() > PACKED_BYTES) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "the push names "
              + updates.size()
              + " refs, more than fit into one request (%d bytes, compressed %d; %d and %d are the most)"
                  .formatted(plain.length, bytes.size(), UNPACKED_BYTES, PACKED_BYTES)
              + ", and in several they could not move all or none; nothing was sent; push some of"
              + " them at a time");
    }
    return bytes.toByteArray();
  }
}
