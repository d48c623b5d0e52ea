package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.placement.Placement;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The other sites, and which of all sites are to have what. */
public final class Peers {
  private final Optional<String> self;
  private final Placement placement;
  private final List<BlobPeer> others;

  /**
   * @param self this site's URL; without one it is to have all that it knows of
   * @param replication how many sites are to have each thing
   */
  public Peers(Optional<String> self, Collection<BlobPeer> others, int replication) {
    this.self = self;
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

  /** Whether this site is to have it. */
  boolean isMine(ContentId id) {
    return self.map(site -> placement.isPlaced(site, id.hex())).orElse(true);
  }

  /** The others in the order in which they are to be asked: those that are to have it first. */
  List<BlobPeer> rank(ContentId id) {
    List<String> ranked = placement.rank(id.hex());
    return others.stream().sorted(Comparator.comparingInt(p -> ranked.indexOf(p.site()))).toList();
  }
}
