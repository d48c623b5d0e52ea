package dev.sheaf.repository.inventory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.ops.Stamp;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What only the catalog knows of a repository, to be written into the bucket: who may read it, its
 * home, where its branches are, in which order its bundles came. Of a git repository refs and packs
 * are told by its manifest.
 */
public final class RecordRows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS_A_PAGE = 1_000;

  private final Catalog catalog;

  public RecordRows(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A repository of which something else is to be written down than was.
   *
   * @param digest of what there is to write
   * @param etag of what was written; null for nothing
   */
  public record Changed(
      String repoId, String owner, String name, String digest, @Nullable String etag) {}

  /** A page of repositories, of which the changed ones are of interest; next is null at the end. */
  public record Page(List<Changed> changed, @Nullable String next) {}

  private static final String IS_LOST = LostHomes.contains("r.repo_id");

  private static final String DIGESTS =
      """
      select repo_id, owner, name, etag, now.digest,
        now.digest is distinct from written.digest
          and written.digest is distinct from 'rebuilding' as changed
      from (
        select r.repo_id, r.owner, r.name, md5(concat_ws('|', r.owner, r.name, r.told_name,
          r.kind, r.public, r.default_branch, r.home, r.epoch, r.last_bundle_seq,
          r.deleted_at, r.named_at,
          (select md5(string_agg(b.name || ' ' || b.head_commit_id, '|'
              order by b.name)) from branches b where b.repo_id = r.repo_id),
          (select count(*) from bundles b
            where b.repo_id = r.repo_id and b.state = 'indexed'))) as digest
        from repos r where r.purged_at is null and not %s and %s
      ) now left join repo_records written using (repo_id)
      order by repo_id
      """;

  /** Looks at repositories behind one. */
  public Page page(String after, int limit) {
    List<Changed> changed = new ArrayList<>();
    int rows = 0;
    String last = after;
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                    DIGESTS.formatted(
                        IS_LOST, "r.repo_id > :after order by r.repo_id limit :limit"))
                .text("after", after)
                .number("limit", limit))) {
      rows++;
      last = row.text("repo_id");
      changed(row).ifPresent(changed::add);
    }
    return new Page(changed, rows < limit ? null : last);
  }

  /** Looks at one repository; empty when there is nothing to write of it. */
  public Optional<Changed> changed(String repoId) {
    return catalog
        .execute(Statement.of(DIGESTS.formatted(IS_LOST, "r.repo_id = :repo")).text("repo", repoId))
        .first()
        .flatMap(RecordRows::changed);
  }

  private static Optional<Changed> changed(Rows.Row row) {
    return row.flag("changed")
        ? Optional.of(
            new Changed(
                row.text("repo_id"),
                row.text("owner"),
                row.text("name"),
                row.text("digest"),
                row.textOrNull("etag")))
        : Optional.empty();
  }

  /** Notes what was written. */
  public void written(Changed repository, String etag) {
    catalog.execute(
        Statement.of(
                """
                insert into repo_records (repo_id, digest, etag) values (:repo, :digest, :etag)
                on conflict (repo_id) do update
                  set digest = excluded.digest, etag = excluded.etag
                """)
            .text("repo", repository.repoId())
            .text("digest", repository.digest())
            .text("etag", etag));
  }

  /** Looks at what was written of repositories behind one: by repository, its key and its ETag. */
  public Map<String, Written> written(String after, int limit) {
    Map<String, Written> written = new TreeMap<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select repo_id, owner, name, etag from repo_records join repos using (repo_id)
                    where repo_id > :after and digest <> 'rebuilding' and purged_at is null
                    order by repo_id limit :limit
                    """)
                .text("after", after)
                .number("limit", limit))
        .forEach(row ->
            written.put(
                row.text("repo_id"),
                new Written(
                    ObjectKeys.record(row.text("owner"), row.text("name")), row.text("etag"))));
    return written;
  }

  /** What was written under a key. */
  public record Written(String key, String etag) {}

  /** Forgets what was written: it is found changed then. */
  public void forget(Collection<String> repoIds) {
    if (!repoIds.isEmpty()) {
      catalog.execute(
          Statement.of(
                  """
                  delete from repo_records
                  where repo_id = any (:repos::text[]) and digest <> 'rebuilding'
                  """)
              .text("repos", PgArray.texts(repoIds)));
    }
  }

  /** What there is to write; empty when the repository is gone. */
  public Optional<ObjectNode> record(String repoId) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select repo_id, owner, name, told_name, kind, public, default_branch, home,
                      epoch::bigint as epoch, made_at, %s as created, %s as pushed,
                      %s as deleted, %s as named,
                      last_bundle_seq::bigint as bundles, seen::text as seen,
                      (select last_millis from ops_tail) as last_millis
                    from repos where repo_id = :repo
                    """
                        .formatted(
                            stamp("created_at"),
                            stamp("pushed_at"),
                            stamp("deleted_at"),
                            stamp("named_at")))
                .text("repo", repoId))
        .first()
        .map(this::record);
  }

  private static String stamp(String column) {
    return "to_char(%s at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')".formatted(column);
  }

  private ObjectNode record(Rows.Row row) {
    ObjectNode json = JSON.createObjectNode().put("version", 1);
    json.put("repo_id", row.text("repo_id"));
    json.put("owner", row.text("owner")).put("name", row.text("name"));
    json.put("told_name", row.text("told_name"));
    json.put("kind", row.textOrNull("kind")).put("public", row.flag("public"));
    json.put("default_branch", row.textOrNull("default_branch"));
    json.put("home", row.textOrNull("home")).put("epoch", row.number("epoch"));
    json.set("seen", seen(row.textOrNull("seen")));
    json.put("as_of", Stamp.end(row.number("last_millis")).map(Ulid::text).orElse(null));
    json.put("made_at", row.text("made_at")).put("created_at", row.text("created"));
    json.put("deleted_at", row.textOrNull("deleted")).put("named_at", row.textOrNull("named"));
    json.put("pushed_at", row.textOrNull("pushed")).put("last_bundle_seq", row.number("bundles"));
    branches(row.text("repo_id"), json.putArray("branches"));
    ArrayNode bundles = json.putArray("bundles");
    if (!"git".equals(row.textOrNull("kind"))) {
      bundles(row.text("repo_id"), bundles);
    }
    return json;
  }

  private static JsonNode seen(@Nullable String text) {
    try {
      return text == null ? JSON.nullNode() : JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Postgres wrote what is no JSON", e);
    }
  }

  private void branches(String repoId, ArrayNode branches) {
    new PagedRead<String>(
            (after, limit) ->
                Statement.of(
                        """
                        select name, head_commit_id, %s as updated, epoch::bigint as epoch
                        from branches where repo_id = :repo and name > :after
                        order by name limit :limit
                        """
                            .formatted(stamp("updated_at")))
                    .text("repo", repoId)
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("name"),
            ROWS_A_PAGE)
        .forEach(
            catalog,
            "",
            row ->
                branches
                    .addObject()
                    .put("name", row.text("name"))
                    .put("head", row.text("head_commit_id"))
                    .put("updated_at", row.text("updated"))
                    .put("epoch", row.number("epoch")));
  }

  private void bundles(String repoId, ArrayNode bundles) {
    new PagedRead<Long>(
            (after, limit) ->
                Statement.of(
                        """
                        select bundle, seq::bigint as seq, %s as registered from bundles
                        where repo_id = :repo and seq > :after and state <> 'failed'
                        order by seq limit :limit
                        """
                            .formatted(stamp("registered_at")))
                    .text("repo", repoId)
                    .number("after", after)
                    .number("limit", limit),
            row -> row.number("seq"),
            ROWS_A_PAGE)
        .forEach(
            catalog,
            0L,
            row ->
                bundles
                    .addObject()
                    .put("bundle", row.text("bundle"))
                    .put("registered_at", row.text("registered")));
  }
}
