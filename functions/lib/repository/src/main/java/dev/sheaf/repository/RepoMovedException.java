package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;

/**
 * A request for a repository by a name that it has no longer. Only for those who may read it: it
 * says what it is called now.
 */
public final class RepoMovedException extends SheafException {
  private final transient Repo repo;

  /**
   * @param place the name that was asked for
   * @param repo what had it
   */
  public RepoMovedException(String place, Repo repo) {
    super(
        ErrorKind.NOT_FOUND,
        "%s is called %s now: use that name in the URL".formatted(place, repo.path()));
    this.repo = repo;
  }

  /** The repository as it is. */
  public Repo repo() {
    return repo;
  }
}
