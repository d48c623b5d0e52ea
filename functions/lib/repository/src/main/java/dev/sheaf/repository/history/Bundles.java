package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table {@code bundles}: what was uploaded to a repository, in order. */
public final class Bundles {
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
   * @param isMerged whether it stands for several that were uploaded
   */
  public record Stored(ContentId bundle, long sizeBytes, boolean indexed, boolean isMerged) {}

  /**
   * A stretch of a plan.
   *
   * @param bundles parents first: each builds on those before it, in this page and in earlier ones
   * @param next where the page after this one begins; null on the last
   */
  public record Page(List<Stored> bundles, @Nullable String next) {}

  /**
   * Which of these bundles the catalog has taken note of, indexed or not.
   *
   * @param owner with {@code name} the repository, which need not exist
   */
  public Set<ContentId> noted(String owner, String name, List<ContentId> bundles) {
    Set<ContentId> noted = new HashSet<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select n from %s
                      join repos r on r.owner = :owner and r.name = :name
                      join bundles b on b.repo_id = r.repo_id and b.bundle = ids.object_id
                    """
                        .formatted(IdBlob.ROWS))
                .text("owner", owner)
                .text("name", name)
                .bytes("ids", IdBlob.of(bundles)))
        .forEach(row -> noted.add(bundles.get((int) row.number("n"))));
    return noted;
  }

  /**
   * A page of the bundles that together brought the commits reachable from {@code want} and not
   * from {@code have}: in the order in which they were taken in, which is parents first in whatever
   * order they were registered. When a wanted commit is not taken in yet: every bundle of the
   * repository that has not failed, those that are still to be taken in last and in the order of
   * their registration. Objects that came with other bundles may be missing in them.
   *
   * @param want empty for all that branches name
   * @param after {@link Page#next} of the page before; null for the first
   * @param limit how many at most
   * @param merging whether a merged bundle may stand for those that it was made of, all of which
   *     are in the plan then
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when {@code after} is none of ours
   */
  public Page plan(
      String repoId,
      Collection<String> want,
      Collection<String> have,
      @Nullable String after,
      int limit,
      boolean merging) {
    PlanPosition from = PlanPosition.parse(after);
    if (from == null) {
      from = begin(repoId, want);
    }
    List<Rows.Row> rows = new ArrayList<>();
    Statement statement =
        switch (from.part()) {
          case WANTED -> wanted(repoId, missing(repoId, want, have), from, limit + 1L, merging);
          case TAKEN_IN -> takenIn(repoId, from, limit + 1L, merging);
          case WAITING -> waiting(repoId, from, limit + 1L);
        };
    catalog.execute(statement).forEach(rows::add);
    List<Rows.Row> page = rows.subList(0, Math.min(limit, rows.size()));
    List<Stored> bundles = page.stream().map(Bundles::stored).toList();
    if (rows.size() > limit) {
      return new Page(bundles, from.at(page.getLast().number("place")).toString());
    }
    if (from.part() == PlanPosition.Part.TAKEN_IN) {
      return withWaiting(repoId, bundles, from.waiting(), limit);
    }
    return new Page(bundles, null);
  }

  /**
   * Bundles of a git repository whose refs have moved and that a job is still to prove, in the
   * order in which they were announced.
   *
   * @param after {@link Page#next} of the page before; "0" for the first
   * @param limit how many at most
   */
  public Page unproven(String repoId, String after, int limit) {
    List<Rows.Row> rows = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select j.seq, b.bundle, b.size_bytes, b.state, false as merged
                    from jobs j join bundles b on b.repo_id = j.repo_id and b.bundle = j.bundle
                    where j.repo_id = :repo and j.status in ('pending', 'running')
                      and j.decision = 'moved'
                      and exists (select 1 from git_ref_moves m where m.job_id = j.job_id)
                      and j.seq > :after
                    order by j.seq limit :limit
                    """)
                .text("repo", repoId)
                .number("after", Long.parseLong(after))
                .number("limit", limit + 1L))
        .forEach(rows::add);
    List<Rows.Row> page = rows.subList(0, Math.min(limit, rows.size()));
    String next = page.size() < rows.size() ? Long.toString(page.getLast().number("seq")) : null;
    return new Page(page.stream().map(Bundles::stored).toList(), next);
  }

  /** The bundles that are still to be taken in follow in the same page where they fit. */
  private Page withWaiting(String repoId, List<Stored> first, PlanPosition waiting, int limit) {
    if (first.size() == limit) {
      return new Page(first, waiting.toString());
    }
    Page rest = plan(repoId, List.of(), List.of(), waiting.toString(), limit - first.size(), false);
    List<Stored> all = new ArrayList<>(first);
    all.addAll(rest.bundles());
    return new Page(all, rest.next());
  }

  private PlanPosition begin(String repoId, Collection<String> want) {
    Commits commits = new Commits(catalog);
    boolean allKnown =
        want.isEmpty()
            ? commits.named(repoId).allKnown()
            : commits.known(repoId, want).containsAll(want);
    return allKnown ? PlanPosition.WANTED : PlanPosition.takenInUpTo(lastCommit(repoId));
  }

  private CommitSet missing(String repoId, Collection<String> want, Collection<String> have) {
    Ancestry ancestry = new Ancestry(catalog);
    return want.isEmpty()
        ? ancestry.missing(repoId, new Commits(catalog).named(repoId).seqs(), have)
        : ancestry.missing(repoId, want, have);
  }

  private long lastCommit(String repoId) {
    return catalog
        .execute(
            Statement.of("select last_commit_seq from repos where repo_id = :repo")
                .text("repo", repoId))
        .first()
        .map(row -> row.number("last_commit_seq"))
        .orElse(0L);
  }

  private static Stored stored(Rows.Row row) {
    return new Stored(
        ContentId.parse(row.text("bundle")),
        row.number("size_bytes"),
        row.text("state").equals("indexed"),
        row.flag("merged"));
  }

  /** Bundles in the order of {@code brought}, with merged ones for those that they stand for. */
  private static final String PLANNED =
      """
      , pieces as (
        select first, bundle, size_bytes, state, case when :merging then merged_into end as held_by
        from brought join bundles b on b.repo_id = :repo and b.seq = bundle_seq
      ), whole as (
        select m.merged, m.size_bytes, min(p.first) as first
        from pieces p join merged_bundles m on m.repo_id = :repo and m.merged = p.held_by
        where m.retired_at is null
        group by m.merged, m.size_bytes, m.bundles having count(*) = m.bundles
      ), planned as (
        select first as place, bundle, size_bytes, state, false as merged from pieces
        where held_by is null or held_by not in (select merged from whole)
        union all
        select first, merged, size_bytes, 'indexed', true from whole
      )
      select * from planned where place > :after and state <> 'failed'
      order by place limit :limit
      """;

  private static Statement wanted(
      String repoId, CommitSet commits, PlanPosition from, long limit, boolean merging) {
    return Statement.of(
            """
            with brought as (
              select bundle_seq, min(seq)::bigint as first
              from unnest(:ranges::int4multirange) r
                join commits c on c.repo_id = :repo and c.seq >= lower(r) and c.seq < upper(r)
              group by bundle_seq
            )
            """
                + PLANNED)
        .text("repo", repoId)
        .text("ranges", commits.toMultirange())
        .flag("merging", merging)
        .number("after", from.after())
        .number("limit", limit);
  }

  private static final String FIRST_COMMITS =
      """
      with brought as (
        select bundle_seq, min(seq)::bigint as first from commits
        where repo_id = :repo and seq <= :last group by bundle_seq
      )
      """;

  private static Statement takenIn(String repoId, PlanPosition from, long limit, boolean merging) {
    return Statement.of(FIRST_COMMITS + PLANNED)
        .text("repo", repoId)
        .number("last", from.last())
        .flag("merging", merging)
        .number("after", from.after())
        .number("limit", limit);
  }

  private static Statement waiting(String repoId, PlanPosition from, long limit) {
    return Statement.of(
            FIRST_COMMITS
                + """
                select b.seq::bigint as place, bundle, size_bytes, state, false as merged
                from bundles b left join brought on bundle_seq = b.seq
                where b.repo_id = :repo and b.seq > :after and state <> 'failed' and first is null
                order by b.seq limit :limit
                """)
        .text("repo", repoId)
        .number("last", from.last())
        .number("after", from.after())
        .number("limit", limit);
  }
}
