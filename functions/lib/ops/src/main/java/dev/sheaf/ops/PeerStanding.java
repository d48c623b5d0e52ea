package dev.sheaf.ops;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a configured peer has read this site's log.
 *
 * @param host its base URL
 * @param position the smaller of what it last asked for and of how far we have read it; empty when
 *     it has read nothing
 * @param seenAt when it last asked
 * @param state in the words that Postgres has for its replication slots
 */
public record PeerStanding(
    String host, Optional<Ulid> position, Optional<Instant> seenAt, State state) {
  /** How a peer stands. */
  public enum State {
    /** It reads what is kept anyway. */
    STREAMING,
    /** It is behind what age alone would keep: ops stay for its sake. */
    EXTENDED,
    /** What it needs next is gone: it has to take a snapshot. */
    GAP,
    /** It has not asked for long, or never. */
    LOST
  }
}
