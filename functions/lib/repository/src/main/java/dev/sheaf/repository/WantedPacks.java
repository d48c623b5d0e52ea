package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Packs that peers told of, and whose bytes have not come here yet; and repositories of which the
 * packs that were told do not hold what their refs point to, since they were folded where they came
 * from.
 */
public final class WantedPacks {
  /** Pauses double from a minute up to about four hours. */
  private static final int MOST_DOUBLINGS = 8;

  /** Stands for the list of a repository's packs. */
  private static final String LIST = "";

  private final Catalog catalog;

  public WantedPacks(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A pack to be copied.
   *
   * @param sizeBytes its length, by the word of a peer
   */
  public record Wanted(ContentId pack, long sizeBytes) {}

  /** Repositories for which something is to be tried now. */
  public List<Repo> repos(Instant now, int most) {
    List<Repo> repos = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select %s from repos where repo_id in (
                      select p.repo_id from git_packs p
                        left join pack_copies c on c.repo_id = p.repo_id and c.pack = p.pack
                      where state = 'awaited'
                        and (try_after is null or try_after <= :now::timestamptz)
                      union
                      select g.repo_id from git_refs g
                        left join pack_copies c on c.repo_id = g.repo_id and c.pack = :list
                      where target is distinct from shown_target
                        and (try_after is null or try_after <= :now::timestamptz))
                    order by repo_id limit :most
                    """
                        .formatted(Repos.COLUMNS))
                .text("now", now.toString())
                .text("list", LIST)
                .number("most", most))
        .forEach(row -> repos.add(Repos.repo(row)));
    return repos;
  }

  /** Packs of a repository that are to be tried now, the oldest first. */
  public List<Wanted> due(String repoId, Instant now, int most) {
    List<Wanted> due = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select p.pack, size_bytes from git_packs p
                      left join pack_copies c on c.repo_id = p.repo_id and c.pack = p.pack
                    where p.repo_id = :repo and state = 'awaited'
                      and (try_after is null or try_after <= :now::timestamptz)
                    order by ordinal, p.pack limit :most
                    """)
                .text("repo", repoId)
                .text("now", now.toString())
                .number("most", most))
        .forEach(row ->
            due.add(new Wanted(ContentId.parse(row.text("pack")), row.number("size_bytes"))));
    return due;
  }

  /** Whether peers are to be asked now for the list of a repository's packs. */
  public boolean isListDue(String repoId, Instant now) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select not exists (select 1 from pack_copies
                      where repo_id = :repo and pack = :list and try_after > :now::timestamptz) as due
                    """)
                .text("repo", repoId)
                .text("list", LIST)
                .text("now", now.toString()))
        .first()
        .orElseThrow()
        .flag("due");
  }

  /** Notes that nobody gave packs: they are tried again after a pause that doubles each time. */
  public void failed(String repoId, Collection<ContentId> packs, Instant now) {
    if (!packs.isEmpty()) {
      putOff(repoId, packs.stream().map(ContentId::hex).toList(), now);
    }
  }

  /** Notes that no peer's packs hold all that refs point to. */
  public void listFailed(String repoId, Instant now) {
    putOff(repoId, List.of(LIST), now);
  }

  private void putOff(String repoId, Collection<String> packs, Instant now) {
    catalog.execute(
        Statement.of(
                """
                insert into pack_copies as present (repo_id, pack, attempts, try_after)
                select :repo, pack, 1, :now::timestamptz + interval '1 minute'
                from unnest(:packs::text[]) as p (pack)
                on conflict (repo_id, pack) do update set attempts = present.attempts + 1,
                  try_after = :now::timestamptz
                    + interval '1 minute' * power(2, least(present.attempts, :most))
                """)
            .text("repo", repoId)
            .text("packs", PgArray.texts(packs))
            .text("now", now.toString())
            .number("most", MOST_DOUBLINGS));
  }

  /** Forgets how often what has come now was asked for in vain. */
  public void came(String repoId) {
    catalog.execute(
        Statement.of(
                """
                delete from pack_copies c where repo_id = :repo
                  and not exists (select 1 from git_packs p
                    where p.repo_id = c.repo_id and p.pack = c.pack and p.state = 'awaited')
                  and not (pack = :list and exists (select 1 from git_refs g
                    where g.repo_id = :repo and g.target is distinct from g.shown_target))
                """)
            .text("repo", repoId)
            .text("list", LIST));
  }

  /**
   * Waits for packs no longer that nobody has, as all refs are whole without them: they were folded
   * away where they came from.
   */
  public void giveUp(String repoId, Collection<ContentId> packs, Instant now) {
    catalog.execute(
        Statement.of(
                """
                update git_packs set state = 'retired', retired_at = :now::timestamptz
                where repo_id = :repo and state = 'awaited' and pack = any (:packs::text[])
                  and not exists (select 1 from git_refs g
                    where g.repo_id = :repo and g.target is distinct from g.shown_target)
                """)
            .text("repo", repoId)
            .text("packs", PgArray.texts(packs.stream().map(ContentId::hex).toList()))
            .text("now", now.toString()));
  }
}
