package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;

/** Another site, asked for content by its id. */
public interface BlobPeer {
  /** Its URL, as configured: the name by which it is placed. */
  String site();

  /** Asks for the bytes that have this SHA-256; whoever gets them proves them. */
  Answer fetch(ContentId id);

  /** Asks whether it has the bytes, and means to keep them; nothing is transferred. */
  Holding holds(ContentId id);

  /** What a peer says of what it holds. */
  sealed interface Holding {
    /**
     * It has them.
     *
     * @param kind what they are there: {@code bundle}
     * @param isKept whether by its own configuration that site is to have them
     */
    record Has(String kind, long sizeBytes, boolean isKept) implements Holding {}

    /** It has not got them, and says so. */
    record HasNot() implements Holding {}

    /** It did not say. */
    record NoAnswer(String why) implements Holding {}
  }

  /** What a peer answers. */
  sealed interface Answer {
    /** Bytes in a file that the caller deletes; nothing is proven about them. */
    record Bytes(FileContent content) implements Answer {}

    /** It has not got them, and says so. */
    record HasNot() implements Answer {}

    /** It did not say: busy, unreachable, in trouble. */
    record NoAnswer(String why) implements Answer {}
  }
}
