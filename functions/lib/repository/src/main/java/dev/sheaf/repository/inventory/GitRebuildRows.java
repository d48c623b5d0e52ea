package dev.sheaf.repository.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.OpLog;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Travelling;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of git repositories that are written by what their manifests say of them. */
public final class GitRebuildRows {
  /** A statement takes 4 MiB, and a name may be long. */
  private static final int REFS_A_STATEMENT = 2_000;

  private final Catalog catalog;
  private final Optional<OwnOps> own;

  /**
   * @param own writes what this site is the home of; empty where there are no others
   */
  public GitRebuildRows(Catalog catalog, Optional<OwnOps> own) {
    this.catalog = catalog;
    this.own = own;
  }

  /**
   * Writes refs, packs and HEAD of a git repository as its manifest tells of them, if that tells of
   * a later change than the catalog. At its home what peers told of meanwhile gives way where it is
   * older, and refs that they still have go.
   *
   * @param etag the manifest's
   */
  public void write(String repoId, JsonNode manifest, String etag) {
    catalog.transaction(transaction -> {
      GitState state = GitState.lock(transaction, repoId);
      if (state.isLost() || state.sequence() < manifest.path("sequence").asLong()) {
        Told told = told(manifest);
        write(transaction, PACKS, repoId, manifest.path("packs"));
        List<JsonNode> refs = new ArrayList<>();
        manifest.path("refs").forEach(refs::add);
        for (int from = 0; from < refs.size(); from += REFS_A_STATEMENT) {
          ArrayNode some = JsonNodeFactory.instance.arrayNode();
          some.addAll(refs.subList(from, Math.min(refs.size(), from + REFS_A_STATEMENT)));
          transaction.execute(told.bind(statement(REFS, repoId, some)));
        }
        if (manifest.path("head").isObject()) {
          transaction.execute(told.bind(statement(HEAD_ROW, repoId, manifest.path("head"))));
        }
        dropOlder(transaction, repoId, told);
        transaction.execute(
            Statement.of(
                    """
                    update repos set kind = 'git', git_epoch = :epoch,
                      git_sequence = greatest(git_sequence, :sequence),
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

  /**
   * What has no place in the manifest, and was told of by peers that had not heard that it went.
   */
  private void dropOlder(Catalog transaction, String repoId, Told told) {
    if (told.asOf() == null) {
      return;
    }
    List<ObjectNode> gone = new ArrayList<>();
    transaction
        .execute(
            told.bind(
                Statement.of(
                        """
                        select encode(name, 'hex') as name, epoch::bigint as epoch from git_refs
                        where repo_id = :repo and name <> convert_to('HEAD', 'UTF8')
                          and job_id is null and epoch <= :epoch
                          and (op_ulid is null or op_ulid < :as_of)
                        """)
                    .text("repo", repoId)))
        .forEach(row -> gone.add(RebuildRows.key(repoId, row)));
    if (!gone.isEmpty()) {
      own.orElseThrow()
          .write(
              transaction,
              List.of(new OpLog.Change(Action.DELETE, Travelling.GIT_REFS.name(), gone)));
    }
  }

  /**
   * What the records of a repository are written by.
   *
   * @param asOf null where this site is not its home: then they give way to what peers tell
   */
  private record Told(@Nullable String asOf, long epoch) {
    Statement bind(Statement statement) {
      return statement.text("as_of", asOf).number("epoch", epoch);
    }
  }

  private static Told told(JsonNode manifest) {
    String asOf = manifest.path("as_of").textValue();
    return new Told(asOf, asOf == null ? 0 : manifest.path("home_epoch").asLong());
  }

  private static void write(Catalog transaction, String sql, String repoId, JsonNode json) {
    transaction.execute(statement(sql, repoId, json));
  }

  private static Statement statement(String sql, String repoId, JsonNode json) {
    return Statement.of(sql).text("repo", repoId).text("json", json.toString());
  }

  private static final String PACKS =
      """
      insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes, bitmap_bytes,
        objects, origin, state, created_at, ordinal)
      select :repo, pack, sequence, size_bytes, index_bytes, bitmap_bytes, objects, made_by,
        'live', now(), case when made_by = 'push' then sequence end
      from jsonb_to_recordset(:json::jsonb) as p (pack text, sequence bigint,
          size_bytes bigint, index_bytes bigint, bitmap_bytes bigint, objects bigint,
          origin text, reached boolean),
        coalesce(origin, case when reached is false then 'unreachable' else 'push' end) as made_by
      on conflict (repo_id, pack) do update set sequence = excluded.sequence,
        size_bytes = excluded.size_bytes, index_bytes = excluded.index_bytes,
        bitmap_bytes = excluded.bitmap_bytes, objects = excluded.objects,
        origin = excluded.origin, state = excluded.state
      where git_packs.state = 'awaited'
      """;

  private static final String NAME =
      "coalesce(convert_to(name, 'UTF8'), decode(name_b64, 'base64'))";

  /** What a peer told of is newer by its epoch and its op, as everywhere. */
  private static final String UNLESS_NEWER =
      """
      on conflict (repo_id, name) do update set target = excluded.target,
        peeled = excluded.peeled, symref = excluded.symref, shown_target = excluded.shown_target,
        shown_peeled = excluded.shown_peeled, epoch = excluded.epoch, op_ulid = excluded.op_ulid
      where git_refs.job_id is null and (git_refs.epoch < excluded.epoch
        or git_refs.epoch = excluded.epoch
          and coalesce(git_refs.op_ulid, '') < excluded.op_ulid)
      """;

  private static final String REFS =
      """
      insert into git_refs (repo_id, name, target, peeled, shown_target, shown_peeled, epoch,
        op_ulid, updated_at)
      select :repo, %s, target, peeled, target, peeled, :epoch, :as_of, now()
      from jsonb_to_recordset(:json::jsonb)
        as r (name text, name_b64 text, target text, peeled text)
      %s
      """
          .formatted(NAME, UNLESS_NEWER);

  private static final String HEAD_ROW =
      """
      insert into git_refs (repo_id, name, target, shown_target, symref, epoch, op_ulid, updated_at)
      select :repo, convert_to('HEAD', 'UTF8'), detached, detached,
        coalesce(convert_to(symref, 'UTF8'), decode(symref_b64, 'base64')), :epoch, :as_of, now()
      from jsonb_to_record(:json::jsonb)
        as h (detached text, symref text, symref_b64 text)
      where coalesce(detached, symref, symref_b64) is not null
      %s
      """
          .formatted(UNLESS_NEWER);
}
