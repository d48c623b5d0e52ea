package dev.sheaf.repair.presence;

/** A listing that cannot be believed, and why. Nothing of it may be used. */
public final class ListingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ListingException(String reason) {
    super(reason);
  }

  ListingException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
