package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/** A write to a repository whose home is another site. */
public final class NotHomeException extends SheafException {
  private final String home;

  /**
   * @param repo as the caller knows it
   * @param home URL of the site that accepts its writes
   */
  public NotHomeException(String repo, String home) {
    super(
        ErrorKind.INVALID,
        "the home of %s is %s: push there, or make this site its home by 'sheaf home --take'"
            .formatted(repo, home));
    this.home = home;
  }

  /** URL of the site that accepts the writes. */
  public String home() {
    return home;
  }
}
