package dev.sheaf.bundle;

/** Who must do something about an error, and what. */
public enum ErrorKind {
  /** The input is at fault and will be at the next attempt too: change it. Never retried. */
  INVALID,
  /** What was named does not exist, or may not be seen: check the name. */
  NOT_FOUND,
  /** The caller may not do this: ask for the right. */
  FORBIDDEN,
  /** Somebody else was first: read the present state and decide again. */
  CONFLICT,
  /** A limit was passed: send less, or raise the limit that the message names. */
  TOO_LARGE,
  /** A store or the network failed, and the outcome of a write may be unknown: try again later. */
  UNAVAILABLE,
  /**
   * The site itself is at fault: a right, a secret, a name in its configuration, a database that
   * takes no writes, a request that no input explains. Its operator has to mend it; until then it
   * may be tried again, and nobody's input is to blame.
   */
  SITE,
  /** A stored thing contradicts itself: an operator has to look. */
  CORRUPT
}
