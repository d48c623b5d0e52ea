package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The table {@code bundles}: what was uploaded to a repository, in order. */
public final class Bundles {
  private static final int BUNDLES_A_PAGE = 4_000;

  private final Catalog catalog;

  public Bundles(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A bundle in the store.
   *
   * @param bundle its SHA-256
   * @param sizeBytes its length on the wire
   * @param indexed whether its contents are in the catalog
   */
  public record Stored(ContentId bundle, long sizeBytes, boolean indexed) {}

  /**
   * The bundles that together brought the commits reachable from {@code want} and not from {@code
   * have}, oldest first. When a wanted commit is not indexed yet: every bundle of the repository
   * that has not failed. Objects that came with other bundles may be missing in them.
   */
  public List<Stored> plan(String repoId, Collection<String> want, Collection<String> have) {
    Set<String> unknown = new HashSet<>(want);
    unknown.removeAll(new Commits(catalog).known(repoId, want));
    if (!unknown.isEmpty()) {
      return read(repoId, ALL, CommitSet.EMPTY);
    }
    return read(repoId, BRINGING, new Ancestry(catalog).missing(repoId, want, have));
  }

  private static final String ALL = "state <> 'failed' and :ranges::int4multirange is not null";

  private static final String BRINGING =
      """
      seq in (select bundle_seq
        from unnest(:ranges::int4multirange) r
          join commits c on c.repo_id = :repo and c.seq >= lower(r) and c.seq < upper(r))\
      """;

  private List<Stored> read(String repoId, String which, CommitSet commits) {
    List<Stored> bundles = new ArrayList<>();
    new PagedRead<>(
            (after, limit) -> page(repoId, which, commits, after, limit),
            row -> row.number("seq"),
            BUNDLES_A_PAGE)
        .forEach(
            catalog,
            0L,
            row ->
                bundles.add(
                    new Stored(
                        ContentId.parse(row.text("bundle")),
                        row.number("size_bytes"),
                        row.text("state").equals("indexed"))));
    return bundles;
  }

  private static Statement page(
      String repoId, String which, CommitSet commits, long after, long limit) {
    return Statement.of(
            """
            select seq, bundle, size_bytes, state from bundles
            where repo_id = :repo and seq > :after and %s
            order by seq limit :limit
            """
                .formatted(which))
        .text("repo", repoId)
        .text("ranges", commits.toMultirange())
        .number("after", after)
        .number("limit", limit);
  }
}
