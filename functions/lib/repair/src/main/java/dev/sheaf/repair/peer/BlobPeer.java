package dev.sheaf.repair.peer;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Another site, asked for content by its id. */
public interface BlobPeer {
  /** Its URL, as configured: the name by which it is placed. */
  String site();

  /**
   * The same for whoever has no time without end; itself, where nobody is kept waiting.
   *
   * @param isOver asked again and again while an answer is waited for
   */
  default BlobPeer within(BooleanSupplier isOver) {
    return this;
  }

  /** Asks for the bytes that have this SHA-256; whoever gets them proves them. */
  Answer fetch(ContentId id);

  /** Asks whether it has the bytes, and means to keep them; nothing is transferred. */
  Holding holds(ContentId id);

  /**
   * Asks for the packs that a git repository consists of there, those first that others build on;
   * none where it does not know the repository.
   *
   * @throws IOException when it does not say
   * @throws SheafException of kind INVALID when what it answers is no such list
   */
  List<Wanted> packs(String repoId) throws IOException;

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

    /** Nothing came for as long as anybody waits. */
    record Silent(String why) implements Holding {}
  }

  /** What a peer answers. */
  sealed interface Answer {
    /** Bytes in a file that the caller deletes; nothing is proven about them. */
    record Bytes(FileContent content) implements Answer {}

    /** It has not got them, and says so. */
    record HasNot() implements Answer {}

    /** Too much is asked of it just now (HTTP 503): it is asked again when others have been. */
    record Busy() implements Answer {}

    /** It has no room to serve this (HTTP 507), and will have none in this cycle. */
    record Full() implements Answer {}

    /** It did not say: it is in trouble. */
    record NoAnswer(String why) implements Answer {}

    /** Nothing came for as long as anybody waits, or there is no way to it. */
    record Silent(String why) implements Answer {}

    /** Who asked has no more time; it says nothing about the peer. */
    record OutOfTime() implements Answer {}
  }
}
