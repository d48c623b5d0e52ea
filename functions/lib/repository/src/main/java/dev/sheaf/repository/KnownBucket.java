package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a catalog knows all repositories that its bucket has on record. One that stands in the
 * place of a lost catalog does not, until it has been rebuilt: a repository that was made in it
 * would be a second one of the same name, for every peer and for the rebuild, too.
 *
 * <p>It is asked when the first repository of a catalog is made: one listing in the life of a site
 * that begins with an empty bucket, and none ever after.
 */
public final class KnownBucket {
  private final Catalog catalog;
  private final @Nullable Supplier<ObjectStore> store;

  /**
   * @param store the bucket, asked for when needed
   */
  public KnownBucket(Catalog catalog, Supplier<ObjectStore> store) {
    this.catalog = catalog;
    this.store = store;
  }

  private KnownBucket(Catalog catalog) {
    this.catalog = catalog;
    this.store = null;
  }

  /** Of a catalog without a bucket: there is nothing that it could lack. */
  public static KnownBucket none(Catalog catalog) {
    return new KnownBucket(catalog);
  }

  /** Whether a repository may be made without asking. */
  boolean isTrusted() {
    return store == null;
  }

  /**
   * Makes a repository.
   *
   * @param attempt by {@link Repos#made}
   * @throws SheafException of kind SITE when the bucket has repositories that the catalog lacks
   */
  public <T> Optional<T> making(Supplier<Optional<T>> attempt) {
    Optional<T> made = attempt.get();
    if (made.isPresent()) {
      return made;
    }
    if (store != null && !isKnown()) {
      learn(store.get());
    }
    // What somebody else made at the same moment, the first attempt neither made nor saw.
    return attempt.get();
  }

  private boolean isKnown() {
    return catalog
        .execute(Statement.of("select is_known from known_bucket"))
        .first()
        .map(row -> row.flag("is_known"))
        .orElse(false);
  }

  private void learn(ObjectStore bucket) {
    String next = null;
    do {
      Page page = bucket.list(ObjectKeys.RECORDS, null, next);
      requireAll(
          page.objects().stream()
              .map(ObjectStore.StoredObject::key)
              .filter(ObjectKeys::isRecord)
              .toList());
      next = page.next();
    } while (next != null);
    isRead(catalog);
  }

  private void requireAll(List<String> records) {
    if (records.isEmpty()) {
      return;
    }
    catalog
        .execute(
            Statement.of(
                    """
                    select key from unnest(:keys::text[]) as k (key)
                    where not exists (
                      select 1 from repos where owner = split_part(key, '/', 2)
                        and name || '.json' = split_part(key, '/', 3))
                    limit 1
                    """)
                .text("keys", PgArray.texts(records)))
        .first()
        .ifPresent(row -> {
          throw new SheafException(
              ErrorKind.SITE,
              ("the bucket has a repository that is not in the catalog (%s): the catalog was lost,"
                      + " or is that of another site; no repository is made until its operator has"
                      + " run 'sheaf rebuild'")
                  .formatted(row.text("key")));
        });
  }

  /** Notes that everything that the bucket has on record is in the catalog. */
  public static void isRead(Catalog catalog) {
    catalog.execute(Statement.of("update known_bucket set is_known = true where not is_known"));
  }
}
