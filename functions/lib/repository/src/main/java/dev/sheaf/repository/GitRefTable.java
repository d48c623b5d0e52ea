package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** The table {@code git_refs} of one repository, read; {@link GitRefWrites} writes it. */
public final class GitRefTable {
  /** A ref with a name of usual length is some 250 bytes of a result. */
  private static final int REFS_A_PAGE = 3_500;

  private static final int ROW_BYTES = 220;

  private static final byte[] HEAD = GitState.HEAD.getBytes(StandardCharsets.US_ASCII);

  private final Catalog catalog;
  private final String repoId;

  public GitRefTable(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * The refs of these names that exist, and those that git could not keep beside them: refs that
   * are folders on the way to one of the names, and refs below one.
   */
  public SortedMap<RefName, GitRef> around(Collection<RefName> names) {
    SortedMap<RefName, GitRef> found = new TreeMap<>();
    for (List<RefName> batch :
        Batches.of(
            List.copyOf(names),
            name -> ROW_BYTES + 2L * name.hex().length(),
            EncodedSize.RESULT_LIMIT - (64 << 10),
            REFS_A_PAGE)) {
      catalog
          .execute(around(batch, names.size()))
          .forEach(row -> {
            GitRef ref = ref(row);
            found.put(ref.name(), ref);
          });
    }
    return found;
  }

  /** A ref as the site shows it. */
  public Optional<GitRef> shown(RefName name) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select name, shown_target as target, shown_peeled as peeled, job_id
                    from git_refs
                    where repo_id = :repo and name = :name::bytea and shown_target is not null
                    """)
                .text("repo", repoId)
                .bytes("name", name.toBytes()))
        .first()
        .map(GitRefTable::ref);
  }

  /**
   * Checks that what refs point to is here.
   *
   * @throws SheafException of kind UNAVAILABLE naming one that a peer told of, and whose objects
   *     have not come yet
   */
  public void requireShown(List<RefName> names) {
    Set<String> asked = new HashSet<>();
    names.forEach(name -> asked.add(name.hex()));
    catalog
        .execute(
            Statement.of(
                    """
                    select name, target, peeled, job_id from git_refs
                    where repo_id = :repo and target is distinct from shown_target
                      and encode(name, 'hex') = any (:names::text[]) limit 1
                    """)
                .text("repo", repoId)
                .text("names", PgArray.texts(asked)))
        .first()
        .ifPresent(row -> {
          throw new SheafException(
              ErrorKind.UNAVAILABLE,
              "ref %s was moved at another site to %s, which has not come here yet; try again later"
                  .formatted(ref(row).name(), row.text("target")));
        });
  }

  /**
   * @param below refs below a name that are told: one that stays is enough, and at most so many go
   */
  private Statement around(List<RefName> names, int below) {
    List<RefName> parents = names.stream().flatMap(name -> name.folders().stream()).toList();
    return Statement.of(
            """
            with wanted as (
              select decode(hex, 'hex') as name from unnest(:names::text[]) as w (hex)
            )
            select g.name, g.target, g.peeled, g.job_id
            from (
                select name from wanted
                union select decode(hex, 'hex') from unnest(:parents::text[]) as p (hex)
              ) exact cross join lateral (
                select name, target, peeled, job_id from git_refs
                where repo_id = :repo and name = exact.name offset 0) g
            union
            select g.name, g.target, g.peeled, g.job_id
            from wanted w cross join lateral (
              select name, target, peeled, job_id from git_refs
              where repo_id = :repo and name > w.name || '\\x2f'::bytea
                and name < w.name || '\\x30'::bytea
              order by name limit :below) g
            """)
        .text("repo", repoId)
        .text("names", PgArray.texts(names, RefName::hex))
        .text("parents", PgArray.texts(parents.stream().map(RefName::hex).distinct().toList()))
        .number("below", Math.min(below, 100));
  }

  /** The last of the jobs that are still to prove what refs point to. */
  public Optional<String> lastUnprovenJob() {
    return catalog
        .execute(
            Statement.of(
                    """
                    select j.job_id from jobs j
                    where j.repo_id = :repo and j.status in ('pending', 'running')
                      and exists (select 1 from git_ref_moves m where m.job_id = j.job_id)
                    order by j.seq desc limit 1
                    """)
                .text("repo", repoId))
        .first()
        .map(row -> row.text("job_id"));
  }

  /**
   * Reads the refs that the site shows, in the order of their names, for as long as they are taken:
   * one that a peer told of and whose objects are not here is what it was before, or left out.
   *
   * @param after only those behind this name; empty for all
   * @return whether all were taken
   */
  public boolean forEachWhile(byte[] after, Predicate<GitRef> sink) {
    return new PagedRead<byte[]>(this::page, row -> row.bytes("name"), REFS_A_PAGE)
        .forEachWhile(
            catalog,
            after,
            row ->
                Arrays.equals(row.bytes("name"), HEAD)
                    || row.textOrNull("target") == null
                    || sink.test(ref(row)));
  }

  /**
   * All refs in the order of their names; one that a job is still to prove as it was before, where
   * that was proven, else left out.
   */
  public List<GitRef> proven() {
    List<GitRef> refs = new ArrayList<>();
    new PagedRead<byte[]>(this::provenPage, row -> row.bytes("name"), REFS_A_PAGE)
        .forEach(
            catalog,
            new byte[0],
            row -> {
              if (row.textOrNull("target") != null) {
                refs.add(ref(row));
              }
            });
    return refs;
  }

  private Statement provenPage(byte[] after, long limit) {
    return Statement.of(
            """
            select r.name, null as job_id,
              case when r.job_id is null then r.shown_target else m.previous_target end as target,
              case when r.job_id is null then r.shown_peeled else m.previous_peeled end as peeled
            from git_refs r
              left join git_ref_moves m
                on m.job_id = r.job_id and m.name = r.name and m.previous_job is null
            where r.repo_id = :repo and r.name > :after::bytea and r.symref is null
              and r.name <> :head::bytea
            order by r.name limit :limit
            """)
        .text("repo", repoId)
        .bytes("after", after)
        .bytes("head", HEAD)
        .number("limit", limit);
  }

  private Statement page(byte[] after, long limit) {
    return Statement.of(
            """
            select name, shown_target as target, shown_peeled as peeled, job_id from git_refs
            where repo_id = :repo and name > :after::bytea order by name limit :limit
            """)
        .text("repo", repoId)
        .bytes("after", after)
        .number("limit", limit);
  }

  static GitRef ref(Rows.Row row) {
    return new GitRef(
        RefName.ofBytes(row.bytes("name")),
        ObjectId.fromString(row.text("target")),
        id(row.textOrNull("peeled")),
        row.textOrNull("job_id"));
  }

  public static @Nullable ObjectId id(@Nullable String hex) {
    return hex == null ? null : ObjectId.fromString(hex);
  }

  /** A name's bytes as a text that goes into a URL. */
  public static String cursor(RefName name) {
    return name.hex();
  }

  /**
   * The name's bytes again.
   *
   * @throws SheafException of kind INVALID when the text is no cursor
   */
  public static byte[] ofCursor(String cursor) {
    try {
      return HexFormat.of().parseHex(cursor);
    } catch (IllegalArgumentException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          "'" + cursor + "' is no place in a list of refs; give back 'next' as it came",
          e);
    }
  }
}
