package dev.sheaf.repair.presence;

import dev.sheaf.storage.ObjectStore.StoredObject;
import java.time.Instant;

/** Where a key stands in the bucket, as far as whoever was asked knows. */
public sealed interface Standing {
  /**
   * It is there.
   *
   * @param size length in bytes
   * @param etagHash {@link #hash} of its ETag: enough to suspect a change, not to prove that there
   *     is none
   * @param lastModified whole seconds
   */
  record Present(long size, int etagHash, Instant lastModified) implements Standing {
    /** Whether these are the facts that somebody has noted. */
    public boolean isAs(long notedSize, String notedEtag) {
      return size == notedSize && etagHash == hash(notedEtag);
    }
  }

  /** It is not there. */
  record Absent() implements Standing {}

  /** The store did not say: nothing is done about it. */
  record Unknown(String why) implements Standing {}

  Absent ABSENT = new Absent();

  /** From a store's answer. */
  static Present of(StoredObject object) {
    return new Present(object.size(), hash(object.etag()), object.lastModified());
  }

  /** A hash of an ETag, with or without quotes. */
  static int hash(String etag) {
    boolean quoted = etag.length() > 1 && etag.startsWith("\"") && etag.endsWith("\"");
    int from = quoted ? 1 : 0;
    int to = quoted ? etag.length() - 1 : etag.length();
    int hash = 0x811c9dc5; // FNV-1a
    for (int i = from; i < to; i++) {
      hash = (hash ^ etag.charAt(i)) * 0x01000193;
    }
    return hash;
  }
}
