package dev.sheaf.repository.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of repositories that are written by what the bucket says of them. */
public final class RebuildRows {
  private final Catalog catalog;
  private final Optional<OwnOps> own;
  private final InstantSource clock;

  /**
   * @param own writes what this site is the home of; empty where there are no others
   */
  public RebuildRows(Catalog catalog, Optional<OwnOps> own, InstantSource clock) {
    this.catalog = catalog;
    this.own = own;
    this.clock = clock;
  }

  /** What this site has told until now is not greater. */
  private String now() {
    return Ulid.least(clock.instant().plusMillis(1)).previous().text();
  }

  /**
   * Makes a repository that is not there.
   *
   * @param record as {@link RecordRows#record} made it, with {@code as_of} if this is its home
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
                    home, epoch, seen, made_at, created_at, named_at, pushed_at, deleted_at,
                    last_bundle_seq, op_ulid, rebuilt_as_of, rebuilt_at)
                  select repo_id, owner, name, coalesce(told_name, name), kind,
                    coalesce(public, false), default_branch, home, coalesce(epoch, 0),
                    seen, coalesce(made_at, ''), created_at, named_at, pushed_at, deleted_at,
                    case when kind = 'git' then coalesce(last_bundle_seq, 0) else 0 end,
                    as_of, as_of, case when as_of is not null then :now end
                  from jsonb_to_record(:record::jsonb) as r (repo_id text, owner text, name text,
                    told_name text, kind text, public boolean, default_branch text, home text,
                    epoch bigint, seen jsonb, made_at text, created_at timestamptz,
                    named_at timestamptz, pushed_at timestamptz, deleted_at timestamptz,
                    last_bundle_seq integer, as_of text)
                  where not exists (
                    select 1 from repos k where k.owner = r.owner and k.name = r.name)
                  on conflict do nothing
                  returning repo_id)
                  insert into repo_records (repo_id, digest, etag)
                  select repo_id, 'rebuilding', '' from made where :marked
                  """)
              .text("record", record.toString())
              .text("now", now())
              .flag("marked", isMarked));
      Travelling.REPOS.settle(transaction);
      return null;
    });
  }

  /**
   * Takes back a repository that this site is the home of, and of which peers have told before it
   * was rebuilt: what they did not know yet holds, and what is newer than the record as well.
   *
   * @param record as {@link RecordRows#record} made it, with {@code as_of}
   * @return whether there was anything to take back: not where this catalog has written it down
   */
  public boolean takeBack(ObjectNode record) {
    String asOf = record.path("as_of").asText("");
    String repoId = record.path("repo_id").asText();
    if (own.isEmpty() || asOf.isEmpty() || !isNew(repoId)) {
      return false;
    }
    catalog.transaction(transaction -> {
      if (record.has("told_name")) { // a manifest alone says less than peers
        ObjectNode told = record.deepCopy();
        told.set("name", record.get("told_name"));
        String repos = Travelling.REPOS.name();
        own.get()
            .restore(
                transaction,
                new Ulid(asOf),
                List.of(new OpLog.Change(Action.UPDATE, repos, List.of(told))));
      }
      return transaction.execute(
          Statement.of(
                  """
                  update repos set rebuilt_as_of = :as_of, rebuilt_at = :now
                  where repo_id = :repo and epoch = :epoch
                  """)
              .text("as_of", asOf)
              .text("now", now())
              .text("repo", repoId)
              .number("epoch", record.path("epoch").asLong()));
    });
    return true;
  }

  /** Whether peers have told of a repository, and nothing was written down of it since. */
  private boolean isNew(String repoId) {
    return catalog
            .execute(
                Statement.of(
                        """
                        select 1::bigint as n from repos r where repo_id = :repo
                          and rebuilt_as_of is null
                          and not exists (select 1 from repo_records w where w.repo_id = r.repo_id)
                        """)
                    .text("repo", repoId))
            .size()
        > 0;
  }

  /** Tells peers that the log begins anew, if it has not: they come for what they do not have. */
  public void begin() {
    boolean isEmpty =
        catalog.execute(Statement.of("select 1::bigint as n from ops limit 1")).size() == 0;
    if (own.isPresent() && isEmpty) {
      catalog.transaction(transaction -> {
        own.get().begin(transaction, Travelling.REPOS);
        return null;
      });
    }
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
                          update repos k set
                            public = case when k.op_ulid is null then coalesce(t.public, false)
                              else k.public end,
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
   * away all others. Peers are told of all of them, if this is their home: what became of each
   * while bundles were taken in again has been told, too.
   */
  public void branches(String repoId, JsonNode record) {
    BranchMoves.transaction(
        catalog,
        repoId,
        SiteLog.OFF,
        moves -> {
          moves.transaction().execute(branches(SET_BRANCHES, repoId, record));
          List<ObjectNode> gone = new ArrayList<>();
          moves
              .transaction()
              .execute(branches(DROP_BRANCHES, repoId, record))
              .forEach(row -> gone.add(key(repoId, row)));
          if (moves.elsewhere() == null) {
            tell(moves.transaction(), repoId, gone);
          }
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

  private void tell(Catalog transaction, String repoId, List<ObjectNode> gone) {
    List<ObjectNode> heads = new ArrayList<>();
    new PagedRead<String>(
            (after, limit) ->
                Statement.of(
                        """
                        select name, head_commit_id, epoch::bigint as epoch from branches
                        where repo_id = :repo and name > :after order by name limit :limit
                        """)
                    .text("repo", repoId)
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("name"),
            1_000)
        .forEach(
            transaction,
            "",
            row -> heads.add(key(repoId, row).put("head_commit_id", row.text("head_commit_id"))));
    String branches = Travelling.BRANCHES.name();
    own.ifPresent(ops ->
        ops.write(
            transaction,
            List.of(
                new OpLog.Change(Action.UPDATE, branches, heads),
                new OpLog.Change(Action.DELETE, branches, gone))));
  }

  static ObjectNode key(String repoId, Rows.Row row) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("repo_id", repoId)
        .put("name", row.text("name"))
        .put("epoch", row.number("epoch"));
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
      returning name, epoch::bigint as epoch
      """;

  private static Statement branches(String sql, String repoId, JsonNode record) {
    return Statement.of(sql)
        .text("repo", repoId)
        .text("branches", record.path("branches").toString());
  }
}
