package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.Collection;

/**
 * Repositories of which this site heard from peers that it is their home: it was, and has lost its
 * catalog since. What it had acknowledged and they had not heard of is in its bucket alone; so
 * until {@code sheaf rebuild} has read that, nothing is written to them, and nothing is written
 * down of them.
 */
public final class LostHomes {
  private LostHomes() {}

  /**
   * Whether a repository is one, in SQL.
   *
   * @param repoId its id, in SQL
   */
  public static String contains(String repoId) {
    return "exists (select 1 from lost_homes l where l.repo_id = %s)".formatted(repoId);
  }

  static void add(Catalog transaction, Collection<String> repoIds) {
    transaction.execute(
        Statement.of(
                """
                insert into lost_homes (repo_id) select unnest(:repos::text[])
                on conflict do nothing
                """)
            .text("repos", PgArray.texts(repoIds)));
  }

  /** One of them is as its bucket says. */
  public static void remove(Catalog catalog, String repoId) {
    catalog.execute(
        Statement.of("delete from lost_homes where repo_id = :repo").text("repo", repoId));
  }

  /** All that the bucket had of them was read. */
  public static void clear(Catalog catalog) {
    catalog.execute(Statement.of("delete from lost_homes"));
  }

  /** Whether a repository is one. */
  public static boolean contains(Catalog catalog, String repoId) {
    return catalog
            .execute(
                Statement.of("select 1::bigint as n from lost_homes where repo_id = :repo")
                    .text("repo", repoId))
            .size()
        > 0;
  }

  /** Says why nothing is written to one. */
  public static SheafException refusal(String repo) {
    return new SheafException(
        ErrorKind.SITE,
        repo
            + " was written here by a catalog that is lost, and peers may not have heard of all of"
            + " it; nothing is written to it until the site's operator has run 'sheaf rebuild'");
  }
}
