package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.ops.Action;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table {@code git_packs} of one repository. Whoever writes it holds the repository's lock. */
public final class GitPacks {
  private static final int PACKS_A_PAGE = 3_000;

  private final Catalog catalog;
  private final String repoId;

  public GitPacks(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * A pack that is part of the repository.
   *
   * @param pack the SHA-256 of its bytes, which is its name
   * @param sequence the change that brought it
   * @param bitmapBytes 0 where it has none
   * @param origin what made it part of the repository
   */
  public record Live(
      ContentId pack,
      long sequence,
      long sizeBytes,
      long indexBytes,
      long bitmapBytes,
      long objects,
      Origin origin) {
    /** False for a pack of what a fold found that no ref reached. */
    public boolean isReached() {
      return origin != Origin.UNREACHABLE;
    }
  }

  /** What has made a pack part of a repository. */
  public enum Origin {
    /** A push to this site: peers are told of it. */
    PUSH,
    /** A push to a peer. */
    PEER,
    /** A fold: it is this site's own. */
    FOLD,
    /** A fold, of what it found that no ref reached. */
    UNREACHABLE;

    /** The text in the column, and in manifests. */
    public String column() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Origin ofColumn(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /** The packs of the repository, in the order in which they came. */
  public List<Live> live() {
    List<Live> packs = new ArrayList<>();
    new PagedRead<>(this::page, GitPacks::key, PACKS_A_PAGE)
        .forEach(catalog, "", row -> packs.add(pack(row)));
    return packs;
  }

  private Statement page(String after, long limit) {
    return Statement.of(
            """
            select lpad(sequence::text, 19, '0') || pack as place,
              pack, sequence, size_bytes, index_bytes, bitmap_bytes, objects, origin
            from git_packs
            where repo_id = :repo and state = 'live'
              and lpad(sequence::text, 19, '0') || pack > :after
            order by place limit :limit
            """)
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }

  private static String key(Rows.Row row) {
    return row.text("place");
  }

  private static Live pack(Rows.Row row) {
    return new Live(
        ContentId.parse(row.text("pack")),
        row.number("sequence"),
        row.number("size_bytes"),
        row.number("index_bytes"),
        row.number("bitmap_bytes"),
        row.number("objects"),
        Origin.ofColumn(row.text("origin")));
  }

  /** Whether a pack is part of the repository. */
  public boolean isLive(ContentId pack) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select exists (select 1 from git_packs
                      where repo_id = :repo and pack = :pack and state = 'live') as live
                    """)
                .text("repo", repoId)
                .text("pack", pack.hex()))
        .first()
        .orElseThrow()
        .flag("live");
  }

  /** Makes a pack that a push brought part of the repository, one that was retired included. */
  public void add(Live pack, GitTelling telling) {
    GitTelling.Told told = telling.told();
    List<String> suffix =
        told.add(Action.CREATE, Travelling.GIT_PACKS.name(), List.of(record(pack)));
    catalog.execute(
        told.bind(
            bind(
                    Statement.of(
                        """
                        with added as (
                          insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes,
                            objects, origin, state, created_at, ordinal, op_ulid)
                          values (:repo, :pack, :sequence, :size, :index, :objects, 'push', 'live',
                            :now::timestamptz, :sequence, %s || :suffix)
                          on conflict (repo_id, pack) do update set state = 'live',
                            origin = 'push', retired_at = null, index_bytes = excluded.index_bytes,
                            sequence = case when git_packs.state = 'awaited'
                              then excluded.sequence else git_packs.sequence end,
                            ordinal = excluded.ordinal,
                            op_ulid = coalesce(excluded.op_ulid, git_packs.op_ulid)
                        )%s
                        select 1
                        """
                            .formatted(told.prefix(), told.records())),
                    pack,
                    telling.now())
                .text("suffix", suffix.isEmpty() ? null : suffix.getFirst())));
  }

  private ObjectNode record(Live pack) {
    return OwnRow.JSON
        .createObjectNode()
        .put("repo_id", repoId)
        .put("pack", pack.pack().hex())
        .put("size_bytes", pack.sizeBytes())
        .put("objects", pack.objects())
        .put("ordinal", pack.sequence());
  }

  private Statement bind(Statement statement, Live pack, Instant now) {
    return statement
        .text("repo", repoId)
        .text("pack", pack.pack().hex())
        .number("sequence", pack.sequence())
        .number("size", pack.sizeBytes())
        .number("index", pack.indexBytes())
        .number("objects", pack.objects())
        .text("now", now.toString());
  }

  /**
   * Makes a pack that came from a peer part of the repository; whoever told of it has told
   * everybody.
   */
  public void arrived(Live pack, Instant now) {
    catalog.execute(
        bind(
            Statement.of(
                """
                insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes, objects,
                  origin, state, created_at)
                values (:repo, :pack, :sequence, :size, :index, :objects, 'peer', 'live',
                  :now::timestamptz)
                on conflict (repo_id, pack) do update set state = 'live', retired_at = null,
                  size_bytes = excluded.size_bytes, index_bytes = excluded.index_bytes,
                  objects = excluded.objects, sequence = excluded.sequence,
                  created_at = excluded.created_at
                where git_packs.state <> 'live'
                """),
            pack,
            now));
  }
}
