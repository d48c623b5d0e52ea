package dev.sheaf.ops;

import java.util.List;
import java.util.Optional;

/**
 * What retention would delete, and what it would delete if no peer were behind.
 *
 * @param deletable all ops below the cutoff, more perhaps than one run deletes
 * @param held ops that are old enough to go, and stay for the sake of a peer
 */
public record RetentionPlan(RetentionFloor floor, OpsAmount deletable, OpsAmount held) {
  /** Ops below it go; empty when nothing may go. */
  public Optional<Ulid> cutoff() {
    return floor.cutoff();
  }

  /** Why nothing may go, or empty. */
  public Optional<String> skipReason() {
    return floor.skipReason();
  }

  /** The peer whose position, and not age, decides about the cutoff or forbids it. */
  public Optional<String> pinnedBy() {
    return floor.pinnedBy();
  }

  /** All configured peers. */
  public List<PeerStanding> peers() {
    return floor.peers();
  }
}
