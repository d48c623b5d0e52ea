package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
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

/** The table {@code git_refs} of one repository. Whoever writes it holds the repository's lock. */
public final class GitRefTable {
  /** A ref with a name of usual length is some 250 bytes of a result. */
  private static final int REFS_A_PAGE = 3_500;

  private static final int ROW_BYTES = 220;

  /** A null among the suffixes of ops. */
  private static final long NO_SUFFIX_BYTES = 8;

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
            from wanted w join git_refs g on g.repo_id = :repo and g.name = w.name
            union
            select g.name, g.target, g.peeled, g.job_id
            from unnest(:parents::text[]) as p (hex)
              join git_refs g on g.repo_id = :repo and g.name = decode(p.hex, 'hex')
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

  /**
   * What becomes of a ref.
   *
   * @param ref what it is from now on; null when it is deleted
   */
  public record Change(RefName name, @Nullable GitRef ref) {
    public static Change of(GitRef ref) {
      return new Change(ref.name(), ref);
    }

    private @Nullable String target() {
      return ref == null ? null : ref.target().name();
    }

    private @Nullable String peeled() {
      return ref == null || ref.peeled() == null ? null : ref.peeled().name();
    }

    private @Nullable String job() {
      return ref == null ? null : ref.unprovenBy();
    }

    /** Whether peers are told of it: not of what is still to be proven. */
    private boolean isTold() {
      return job() == null;
    }

    private long encodedBytes(GitTelling telling) {
      return 2L * name.hex().length()
          + PgArray.encodedBytes(target())
          + PgArray.encodedBytes(peeled())
          + PgArray.encodedBytes(job())
          + (telling.isOn()
              ? GitTelling.encodedBytes(telling.record(name.hex(), ref))
              : NO_SUFFIX_BYTES);
    }
  }

  /** Writes changes, in one statement for each 10,000 or so, and tells of what is proven. */
  public void write(List<Change> changes, GitTelling telling) {
    for (List<Change> batch : Batches.of(changes, change -> change.encodedBytes(telling))) {
      GitTelling.Told told = telling.told();
      List<@Nullable String> suffixes = suffixes(batch, told, telling);
      catalog.execute(
          told.bind(
              Statement.of(writing(told.prefix(), told.records()))
                  .text("repo", repoId)
                  .text("names", PgArray.texts(batch, change -> change.name().hex()))
                  .text("targets", PgArray.texts(batch, Change::target))
                  .text("peeled", PgArray.texts(batch, Change::peeled))
                  .text("jobs", PgArray.texts(batch, Change::job))
                  .text("suffixes", PgArray.nullableTexts(suffixes))
                  .number("epoch", telling.epoch().value())
                  .text("now", telling.now().toString())));
    }
  }

  private static String writing(String prefix, String tellings) {
    return """
    with changed as (
      select decode(hex, 'hex') as name, hex, target, peeled, job_id, %s || suffix as ulid
      from unnest(:names::text[], :targets::text[], :peeled::text[], :jobs::text[],
          :suffixes::text[])
        as c (hex, target, peeled, job_id, suffix)
    ), superseded as (
      update git_ref_moves m set superseded = true
      from changed c join git_refs r on r.repo_id = :repo and r.name = c.name
      where m.job_id = r.job_id and m.name = c.name and c.job_id is null
    ), gone as (
      delete from git_refs g using changed c
      where g.repo_id = :repo and g.name = c.name and c.target is null
    ), entombed as (
      insert into tombstones ("table", key, epoch, op_ulid)
      select 'git_refs', jsonb_build_array(:repo::text, hex)::text, :epoch, ulid
      from changed where target is null and ulid is not null
      on conflict ("table", key) do update
        set epoch = excluded.epoch, op_ulid = excluded.op_ulid
    )%s
    insert into git_refs (repo_id, name, target, peeled, shown_target, shown_peeled, job_id,
      epoch, op_ulid, updated_at)
    select :repo, name, target, peeled, target, peeled, job_id,
      case when job_id is null then :epoch else 0 end, ulid, :now::timestamptz
    from changed where target is not null
    on conflict (repo_id, name) do update
      set target = excluded.target, peeled = excluded.peeled,
          shown_target = excluded.shown_target, shown_peeled = excluded.shown_peeled,
          symref = null, job_id = excluded.job_id, updated_at = excluded.updated_at,
          epoch = greatest(git_refs.epoch, excluded.epoch),
          op_ulid = coalesce(excluded.op_ulid, git_refs.op_ulid)
    """
        .formatted(prefix, tellings);
  }

  /** The rest of the ulid of each change's op; null for one that is not told. */
  private static List<@Nullable String> suffixes(
      List<Change> batch, GitTelling.Told told, GitTelling telling) {
    @Nullable String[] suffixes = new @Nullable String[batch.size()];
    for (Action action : List.of(Action.UPDATE, Action.DELETE)) {
      List<Integer> places = new ArrayList<>();
      List<ObjectNode> records = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        Change change = batch.get(i);
        if (change.isTold() && (change.ref() == null) == (action == Action.DELETE)) {
          places.add(i);
          records.add(telling.record(change.name().hex(), change.ref()));
        }
      }
      List<String> given = told.add(action, Travelling.GIT_REFS.name(), records);
      for (int i = 0; i < given.size(); i++) {
        suffixes[places.get(i)] = given.get(i);
      }
    }
    return Arrays.asList(suffixes);
  }

  /**
   * Tells that refs were moved, as of an earlier home of the repository, and changes no row: what
   * is to become of them is for the present home to say.
   */
  public void tellOnly(List<Change> changes, GitTelling telling) {
    for (List<Change> batch : Batches.of(changes, change -> change.encodedBytes(telling))) {
      GitTelling.Told told = telling.told();
      suffixes(batch, told, telling);
      if (!told.records().isEmpty()) {
        catalog.execute(
            told.bind(Statement.of("with none as (select 1)" + told.records() + " select 1")));
      }
    }
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

  static @Nullable ObjectId id(@Nullable String hex) {
    return hex == null ? null : ObjectId.fromString(hex);
  }

  /**
   * What a peer told of a ref, HEAD among them, while the site shows something else.
   *
   * @param name its bytes in hex
   * @param target null where HEAD names a branch now
   */
  public record Awaited(String name, @Nullable ObjectId target) {
    private static final String HEADS =
        HexFormat.of().formatHex(RefName.HEADS.getBytes(StandardCharsets.US_ASCII));

    /** Whether only a commit will do. */
    public boolean isOfCommits() {
      return name.startsWith(HEADS) || name.equals(GitState.HEAD_HEX);
    }
  }

  /** Refs whose objects were not here when they were last looked for. */
  public List<Awaited> awaited() {
    List<Awaited> awaited = new ArrayList<>();
    new PagedRead<>(this::awaitedPage, row -> row.text("hex"), REFS_A_PAGE)
        .forEach(
            catalog,
            "",
            row -> awaited.add(new Awaited(row.text("hex"), id(row.textOrNull("target")))));
    return awaited;
  }

  private Statement awaitedPage(String after, long limit) {
    return Statement.of(
            """
            select encode(name, 'hex') as hex, target from git_refs
            where repo_id = :repo and target is distinct from shown_target
              and name > decode(:after, 'hex') order by name limit :limit
            """)
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }

  /**
   * A ref whose objects are here now.
   *
   * @param peeled what its target leads to, as it was found here
   */
  public record Whole(Awaited ref, @Nullable ObjectId peeled) {
    private long encodedBytes() {
      return ref.name().length() + 2L * 48;
    }
  }

  /** Shows refs from now on, each unless somebody has told something else of it meanwhile. */
  public void show(List<Whole> refs) {
    for (List<Whole> batch : Batches.of(refs, Whole::encodedBytes)) {
      catalog.execute(
          Statement.of(
                  """
                  update git_refs r set shown_target = w.target, shown_peeled = w.peeled
                  from unnest(:names::text[], :targets::text[], :peeled::text[])
                    as w (hex, target, peeled)
                  where r.repo_id = :repo and r.name = decode(w.hex, 'hex')
                    and r.target is not distinct from w.target and r.job_id is null
                  """)
              .text("repo", repoId)
              .text("names", PgArray.texts(batch, whole -> whole.ref().name()))
              .text("targets", PgArray.texts(batch, whole -> hex(whole.ref().target())))
              .text("peeled", PgArray.texts(batch, whole -> hex(whole.peeled()))));
    }
  }

  private static @Nullable String hex(@Nullable ObjectId id) {
    return id == null ? null : id.name();
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
