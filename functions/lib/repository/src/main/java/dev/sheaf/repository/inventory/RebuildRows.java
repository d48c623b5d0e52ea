package dev.sheaf.repository.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rows of repositories that are written by what the bucket says of them. */
public final class RebuildRows {
  /** A statement takes 4 MiB, and a name may be long. */
  private static final int REFS_A_STATEMENT = 2_000;

  private final Catalog catalog;

  public RebuildRows(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Makes a repository that is not there.
   *
   * @param record as {@link RecordRows#record} made it
   * @param isMarked whether it is under way until {@link #branches} has been called: until then
   *     nothing is written down of it
   */
  public void repository(JsonNode record, boolean isMarked) {
    catalog.transaction(transaction -> {
      transaction.execute(
          Statement.of(
                  """
                  with made as (
                  insert into repos (repo_id, owner, name, told_name, kind, public, default_branch,
                    home, epoch, made_at, created_at, named_at, pushed_at, deleted_at,
                    last_bundle_seq)
                  select repo_id, owner, name, coalesce(told_name, name), kind,
                    coalesce(public, false), default_branch, home, coalesce(epoch, 0),
                    coalesce(made_at, ''), created_at, named_at, pushed_at, deleted_at,
                    case when kind = 'git' then coalesce(last_bundle_seq, 0) else 0 end
                  from jsonb_to_record(:record::jsonb) as r (repo_id text, owner text, name text,
                    told_name text, kind text, public boolean, default_branch text, home text,
                    epoch bigint, made_at text, created_at timestamptz, named_at timestamptz,
                    pushed_at timestamptz,
                    deleted_at timestamptz, last_bundle_seq integer)
                  where not exists (
                    select 1 from repos k where k.owner = r.owner and k.name = r.name)
                  on conflict do nothing
                  returning repo_id)
                  insert into repo_records (repo_id, digest, etag)
                  select repo_id, 'rebuilding', '' from made where :marked
                  """)
              .text("record", record.toString())
              .flag("marked", isMarked));
      Travelling.REPOS.settle(transaction);
      return null;
    });
  }

  /**
   * Takes up a repository of which peers have told before it was made here: of what only its home
   * knows they told nothing.
   *
   * @param record as {@link RecordRows#record} made it, with branches
   * @return whether there was anything to take up
   */
  public boolean takeUp(JsonNode record) {
    return catalog
            .execute(
                Statement.of(
                        """
                        with told as (
                          select r.* from jsonb_to_record(:record::jsonb) as r (repo_id text,
                              public boolean, default_branch text, last_bundle_seq integer)
                            join repos k using (repo_id)
                          where not exists (
                              select 1 from repo_records w where w.repo_id = r.repo_id)
                            and (k.last_bundle_seq < coalesce(r.last_bundle_seq, 0) or not exists (
                              select 1 from branches b where b.repo_id = r.repo_id))
                        ), known as (
                          update repos k set public = coalesce(t.public, false),
                            default_branch = coalesce(t.default_branch, k.default_branch)
                          from told t where k.repo_id = t.repo_id
                        )
                        insert into repo_records (repo_id, digest, etag)
                        select repo_id, 'rebuilding', '' from told
                        on conflict do nothing returning 1::bigint as n
                        """)
                    .text("record", record.toString()))
            .size()
        > 0;
  }

  /** Whether a repository has come back, and its branches are still to be put where they were. */
  public boolean isUnderWay(String repoId) {
    return catalog
            .execute(
                Statement.of(
                        """
                        select 1::bigint as n from repo_records
                        where repo_id = :repo and digest = 'rebuilding'
                        """)
                    .text("repo", repoId))
            .size()
        > 0;
  }

  /**
   * Notes bundles that move no branches of a repository, as its home is elsewhere: what has become
   * of its branches stands in its record, and is told by its home.
   */
  public void copied(String repoId, ContentId bundle, long sizeBytes) {
    catalog.execute(
        Statement.of(
                """
                insert into bundles (repo_id, bundle, size_bytes, state, registered_at)
                values (:repo, :bundle, :size, 'awaited', now())
                on conflict (repo_id, bundle) do nothing
                """)
            .text("repo", repoId)
            .text("bundle", bundle.hex())
            .number("size", sizeBytes));
  }

  /**
   * The bundles that the catalog knows of a repository, and whether each has been seen to. Those
   * that only peers have told of are not among them: they may be here.
   */
  public Map<ContentId, Boolean> bundles(String repoId) {
    Map<ContentId, Boolean> bundles = new HashMap<>();
    new PagedRead<String>(
            (after, limit) ->
                Statement.of(
                        """
                        select bundle, state in ('indexed', 'failed') as over from bundles
                        where repo_id = :repo and bundle > :after and state <> 'awaited'
                        order by bundle limit :limit
                        """)
                    .text("repo", repoId)
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("bundle"),
            3_000)
        .forEach(
            catalog, "", row -> bundles.put(ContentId.parse(row.text("bundle")), row.flag("over")));
    return bundles;
  }

  /**
   * Puts branches where a record says that they were, as far as their commits are here, and takes
   * away all others.
   */
  public void branches(String repoId, JsonNode record) {
    BranchMoves.transaction(
        catalog,
        repoId,
        SiteLog.OFF,
        moves -> {
          moves.transaction().execute(branches(SET_BRANCHES, repoId, record));
          moves.transaction().execute(branches(DROP_BRANCHES, repoId, record));
          moves
              .transaction()
              .execute(
                  Statement.of(
                          """
                          update bundles b set registered_at = r.registered_at
                          from jsonb_to_recordset(:bundles::jsonb)
                            as r (bundle text, registered_at timestamptz)
                          where b.repo_id = :repo and b.bundle = r.bundle
                          """)
                      .text("repo", repoId)
                      .text("bundles", record.path("bundles").toString()));
          moves
              .transaction()
              .execute(
                  Statement.of(
                          """
                          update repos r set pushed_at = was.pushed_at,
                            default_branch = was.default_branch
                          from jsonb_to_record(:record::jsonb)
                            as was (pushed_at timestamptz, default_branch text)
                          where repo_id = :repo
                          """)
                      .text("repo", repoId)
                      .text("record", stamps(record)));
          moves
              .transaction()
              .execute(
                  Statement.of(
                          "delete from repo_records where repo_id = :repo and digest = 'rebuilding'")
                      .text("repo", repoId));
          return null;
        });
  }

  private static String stamps(JsonNode record) {
    ObjectNode stamps = JsonNodeFactory.instance.objectNode();
    stamps.set("pushed_at", record.path("pushed_at"));
    stamps.set("default_branch", record.path("default_branch"));
    return stamps.toString();
  }

  private static final String SET_BRANCHES =
      """
      insert into branches (repo_id, name, head_commit_id, updated_at, epoch)
      select :repo, r.name, r.head, r.updated_at, r.epoch
      from jsonb_to_recordset(:branches::jsonb)
        as r (name text, head text, updated_at timestamptz, epoch bigint)
      where exists (select from commits c where c.repo_id = :repo and c.commit_id = r.head)
      on conflict (repo_id, name) do update set head_commit_id = excluded.head_commit_id,
        updated_at = excluded.updated_at, epoch = excluded.epoch
      """;

  private static final String DROP_BRANCHES =
      """
      delete from branches where repo_id = :repo and name not in (
        select name from jsonb_to_recordset(:branches::jsonb) as r (name text))
      """;

  private static Statement branches(String sql, String repoId, JsonNode record) {
    return Statement.of(sql)
        .text("repo", repoId)
        .text("branches", record.path("branches").toString());
  }

  /**
   * Writes refs, packs and HEAD of a git repository as its manifest tells of them, if that tells of
   * a later change than the catalog.
   *
   * @param etag the manifest's
   */
  public void git(String repoId, JsonNode manifest, String etag) {
    catalog.transaction(transaction -> {
      GitState state = GitState.lock(transaction, repoId);
      if (state.sequence() < manifest.path("sequence").asLong()) {
        write(transaction, PACKS, repoId, manifest.path("packs"));
        List<JsonNode> refs = new ArrayList<>();
        manifest.path("refs").forEach(refs::add);
        for (int from = 0; from < refs.size(); from += REFS_A_STATEMENT) {
          ArrayNode some = JsonNodeFactory.instance.arrayNode();
          some.addAll(refs.subList(from, Math.min(refs.size(), from + REFS_A_STATEMENT)));
          write(transaction, REFS, repoId, some);
        }
        if (manifest.path("head").isObject()) {
          write(transaction, HEAD_ROW, repoId, manifest.path("head"));
        }
        transaction.execute(
            Statement.of(
                    """
                    update repos set kind = 'git', git_sequence = :sequence, git_epoch = :epoch,
                      manifest_sequence = :sequence, manifest_etag = :etag
                    where repo_id = :repo
                    """)
                .text("repo", repoId)
                .number("sequence", manifest.path("sequence").asLong())
                .number("epoch", manifest.path("epoch").asLong())
                .text("etag", etag));
      }
      return null;
    });
  }

  private static void write(Catalog transaction, String sql, String repoId, JsonNode json) {
    transaction.execute(Statement.of(sql).text("repo", repoId).text("json", json.toString()));
  }

  private static final String PACKS =
      """
      insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes, bitmap_bytes,
        objects, origin, state, created_at, ordinal)
      select :repo, pack, sequence, size_bytes, index_bytes, bitmap_bytes, objects,
        case when reached is false then 'unreachable' else 'push' end, 'live', now(), sequence
      from jsonb_to_recordset(:json::jsonb) as p (pack text, sequence bigint,
        size_bytes bigint, index_bytes bigint, bitmap_bytes bigint, objects bigint,
        reached boolean)
      on conflict (repo_id, pack) do nothing
      """;

  private static final String NAME =
      "coalesce(convert_to(name, 'UTF8'), decode(name_b64, 'base64'))";

  private static final String REFS =
      """
      insert into git_refs (repo_id, name, target, peeled, shown_target, shown_peeled, updated_at)
      select :repo, %s, target, peeled, target, peeled, now()
      from jsonb_to_recordset(:json::jsonb)
        as r (name text, name_b64 text, target text, peeled text)
      on conflict (repo_id, name) do nothing
      """
          .formatted(NAME);

  private static final String HEAD_ROW =
      """
      insert into git_refs (repo_id, name, target, shown_target, symref, updated_at)
      select :repo, convert_to('HEAD', 'UTF8'), detached, detached,
        coalesce(convert_to(symref, 'UTF8'), decode(symref_b64, 'base64')), now()
      from jsonb_to_record(:json::jsonb)
        as h (detached text, symref text, symref_b64 text)
      where coalesce(detached, symref, symref_b64) is not null
      on conflict (repo_id, name) do nothing
      """;
}
