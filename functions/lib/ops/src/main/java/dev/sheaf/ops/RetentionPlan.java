package dev.sheaf.ops;

import java.util.List;
import java.util.Optional;

/**
 * What retention would delete.
 *
 * @param cutoff ops below it go; empty when nothing may go
 * @param skipReason why nothing may go, or empty
 * @param pinnedBy the peer whose position, and not age, decides about the cutoff or forbids it
 * @param rows all ops below the cutoff, more perhaps than one run deletes
 * @param bytes what they take in the table
 * @param peers all configured peers
 */
public record RetentionPlan(
    Optional<Ulid> cutoff,
    Optional<String> skipReason,
    Optional<String> pinnedBy,
    long rows,
    long bytes,
    List<PeerStanding> peers) {
  public RetentionPlan {
    peers = List.copyOf(peers);
  }
}
