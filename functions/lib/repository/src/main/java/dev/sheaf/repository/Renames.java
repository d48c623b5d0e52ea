package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;

/**
 * Gives repositories other names. Id, keys and history stay as they are; other sites hear of it as
 * of every change of a record. The name that it had is nobody's as long as the repository is there,
 * unless another one is renamed to it: whoever pushes there by an old URL must not begin a new one.
 */
public final class Renames {
  private final Catalog catalog;
  private final SiteLog log;

  /**
   * @param log tells other sites
   */
  public Renames(Catalog catalog, SiteLog log) {
    this.catalog = catalog;
    this.log = log;
  }

  /**
   * Renames a repository within its owner; one that has the name keeps it.
   *
   * @return the repository as it is shown now
   * @throws SheafException of kind CONFLICT when another one has the name, deleted ones included
   *     until their bytes are gone; of kind INVALID for what is no name
   */
  public Repo rename(String repoId, String name, Instant now) {
    requireName(name);
    return catalog.transaction(transaction -> {
      Deletions.change(
          transaction,
          log,
          repoId,
          now,
          "told_name <> :told and deleted_at is null",
          "told_name = :told, named_at = :now::timestamptz",
          statement -> statement.text("told", name).text("now", now.toString()));
      Travelling.REPOS.settle(transaction);
      return renamed(transaction, repoId, name);
    });
  }

  /**
   * Refuses what no repository can be called.
   *
   * @throws SheafException of kind INVALID
   */
  public static void requireName(String name) {
    if (!ObjectKeys.isName(name)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'%s' is no name of a repository: 1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-', a letter or digit first"
              .formatted(name));
    }
  }

  /** Looked at when it is done: one that was made meanwhile counts, too. */
  private static Repo renamed(Catalog transaction, String repoId, String name) {
    Rows.Row row =
        transaction
            .execute(
                Statement.of(
                        """
                        select %s, exists (
                          select 1 from repos k where k.owner = r.owner and k.told_name = :told
                            and k.repo_id <> r.repo_id) as is_taken
                        from repos r where repo_id = :repo and deleted_at is null
                        """
                            .formatted(Repos.COLUMNS))
                    .text("repo", repoId)
                    .text("told", name))
            .first()
            .orElseThrow(() ->
                new SheafException(
                    ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"));
    Repo repo = Repos.repo(row);
    if (row.flag("is_taken")) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          repo.owner() + "/" + name + " is taken: nothing was renamed; choose another name");
    }
    return repo;
  }
}
