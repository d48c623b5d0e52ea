package dev.sheaf.repair.peer;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.repair.presence.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The other sites, and which of all sites are to have what.
 *
 * <p>Objects and the packs of git repositories belong to every site that knows of them: whoever
 * reads there, and every proof of a push, needs them. A muse bundle is taken apart when it has
 * come; then it is what all else can be made of again, and its fast way to a clone. Of these as
 * many sites as are configured have a copy, and the others do without.
 */
public final class Peers {
  /** So many are asked beyond those that are to have a thing, before everybody is. */
  private static final int FURTHER = 4;

  /** After so many cycles everybody is asked. */
  private static final int PATIENCE = 3;

  private final Optional<String> self;
  private final Placement placement;
  private final int replication;
  private final List<BlobPeer> others;

  /**
   * @param self this site's URL; without one it is to have all that it knows of
   * @param replication how many sites are to have each thing
   */
  public Peers(Optional<String> self, Collection<BlobPeer> others, int replication) {
    this.self = self;
    this.replication = replication;
    this.others = others.stream().filter(peer -> !self.equals(Optional.of(peer.site()))).toList();
    this.placement =
        new Placement(
            Stream.concat(self.stream(), this.others.stream().map(BlobPeer::site)).toList(),
            replication);
  }

  /** A site that is alone. */
  public static Peers none() {
    return new Peers(Optional.empty(), List.of(), 1);
  }

  /**
   * The same for one invocation, in which whoever keeps it waiting is not asked for ever.
   *
   * @param isShortOfTime whether the invocation is over
   */
  public Peers patient(BooleanSupplier isShortOfTime) {
    List<BlobPeer> patient =
        others.stream().<BlobPeer>map(peer -> new PatientPeer(peer.within(isShortOfTime))).toList();
    return new Peers(self, patient, replication);
  }

  /**
   * Bytes from whichever of them has them, proven here.
   *
   * @return in a file that the caller deletes; empty when every other site says that it has not got
   *     them
   * @throws SheafException of kind {@code UNAVAILABLE} when one that may have them did not give
   *     them
   */
  public Optional<FileContent> bring(ContentId id) {
    List<String> silent = new ArrayList<>();
    for (BlobPeer peer : rank(id)) {
      switch (peer.fetch(id)) {
        case BlobPeer.Answer.Bytes(FileContent content) -> {
          if (sha256(content).equals(id)) {
            return Optional.of(content);
          }
          delete(content);
          silent.add(peer.site() + " gave other bytes");
        }
        case BlobPeer.Answer.HasNot() -> {}
        case BlobPeer.Answer.Busy() -> silent.add(peer.site() + " is busy");
        case BlobPeer.Answer.Full() -> silent.add(peer.site() + " has no room");
        case BlobPeer.Answer.NoAnswer(String why) -> silent.add(peer.site() + ": " + why);
        case BlobPeer.Answer.Silent(String why) -> silent.add(peer.site() + ": " + why);
        case BlobPeer.Answer.OutOfTime() ->
            throw new SheafException(
                ErrorKind.UNAVAILABLE, peer.site() + ": the time was up while it was answering");
      }
    }
    if (silent.isEmpty()) {
      return Optional.empty();
    }
    throw new SheafException(ErrorKind.UNAVAILABLE, String.join("; ", silent));
  }

  /** What some bytes are to be called. */
  public static ContentId sha256(Content content) {
    try (InputStream in = content.open()) {
      MessageDigest digest = Ids.sha256();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return ContentId.ofBytes(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was brought is needed no more. */
  public static void delete(FileContent content) {
    try {
      Files.deleteIfExists(content.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this site is to have it. */
  public boolean isMine(Kind kind, ContentId id) {
    return kind != Kind.BUNDLE || self.map(site -> placement.isPlaced(site, id.hex())).orElse(true);
  }

  /** The others that are to have a bundle. */
  public List<BlobPeer> placed(ContentId id) {
    List<BlobPeer> ranked = rank(id);
    return ranked.stream().filter(peer -> placement.isPlaced(peer.site(), id.hex())).toList();
  }

  /** Whether there is anybody to ask. */
  public boolean hasOthers() {
    return !others.isEmpty();
  }

  /** How many sites are to have a copy of a bundle. */
  public int replication() {
    return replication;
  }

  /**
   * Those that are asked for a thing: most have it where it belongs, and who has not is spared the
   * question. When that has failed for three cycles everybody is asked, for nothing is lost before
   * everybody has said so.
   *
   * @param failedCycles cycles in which nobody gave it
   */
  public List<BlobPeer> toAsk(ContentId id, long failedCycles) {
    List<BlobPeer> ranked = rank(id);
    return isNarrow(failedCycles) ? ranked.subList(0, replication + FURTHER) : ranked;
  }

  /** Whether it is not everybody that is asked. */
  public boolean isNarrow(long failedCycles) {
    return failedCycles < PATIENCE && others.size() > replication + FURTHER;
  }

  /** The others in the order in which they are to be asked: those that are to have it first. */
  public List<BlobPeer> rank(ContentId id) {
    List<String> ranked = placement.rank(id.hex());
    return others.stream().sorted(Comparator.comparingInt(p -> ranked.indexOf(p.site()))).toList();
  }
}
