package dev.sheaf.ops;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where retention ends, and who decides about that. Worked out without counting anything.
 *
 * @param cutoff ops below it go; empty when nothing may go
 * @param skipReason why nothing may go, or empty
 * @param pin the peer whose position, and not age, decides about the cutoff or forbids it
 * @param held what may go by its age and stays for the sake of that peer; empty without a pin
 * @param peers all configured peers
 */
public record RetentionFloor(
    Optional<Ulid> cutoff,
    Optional<String> skipReason,
    Optional<PeerStanding> pin,
    Optional<Range> held,
    List<PeerStanding> peers) {
  /**
   * Positions.
   *
   * @param from the least one
   * @param to the first one behind them
   */
  record Range(Ulid from, Ulid to) {}

  public RetentionFloor {
    peers = List.copyOf(peers);
  }

  /** Its URL. */
  public Optional<String> pinnedBy() {
    return pin.map(PeerStanding::host);
  }

  /** Up to when that peer has read; empty also when it has read nothing. */
  public Optional<Instant> pinnedSince() {
    return pin.flatMap(PeerStanding::position).map(Ulid::time);
  }
}
