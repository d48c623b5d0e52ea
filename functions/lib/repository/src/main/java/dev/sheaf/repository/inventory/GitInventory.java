package dev.sheaf.repository.inventory;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.repository.inventory.Inventory.Item;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The packs of git repositories as the catalog says them to be in the bucket, with what is derived
 * from them. A pack that a fold has replaced, or is still to put, is missed by nobody.
 */
public final class GitInventory {
  private static final int UPLOADS = 5;

  private final Catalog catalog;

  public GitInventory(Catalog catalog) {
    this.catalog = catalog;
  }

  /** A file each: packs, indexes and bitmaps, in the order of repositories and names. */
  public List<Item> files(String after, int limit) {
    List<Item> files = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select p.repo_id || '/' || file as cursor, pack as id, bytes as size_bytes,
                      part, part_etag as etag, owner, name,
                      floor(extract(epoch from p.created_at))::bigint as since
                    from git_packs p join repos using (repo_id), lateral (values
                      (pack || '.bitmap', 'BITMAP', bitmap_bytes, bitmap_etag),
                      (pack || '.idx', 'INDEX', index_bytes, index_etag),
                      (pack || '.pack', 'PACK', size_bytes, etag))
                      as files (file, part, bytes, part_etag)
                    where p.repo_id >= :repo and (p.repo_id > :repo or pack >= left(:file, 64))
                      and (p.repo_id, file collate "C") > (:repo, :file)
                      and p.state = 'live' and bytes > 0
                    order by p.repo_id, pack, file collate "C" limit :limit
                    """)
                .text("repo", repo(after))
                .text("file", file(after))
                .number("limit", limit))
        .forEach(row -> files.add(item(row)));
    return files;
  }

  private static String repo(String cursor) {
    return cursor.substring(0, Math.max(0, cursor.lastIndexOf('/')));
  }

  private static String file(String cursor) {
    return cursor.substring(cursor.lastIndexOf('/') + 1);
  }

  private static Item item(Rows.Row row) {
    Part part = Part.valueOf(row.text("part"));
    ContentId pack = ContentId.parse(row.text("id"));
    return new Item(
        row.text("cursor"),
        pack,
        GitKeys.key(new RepoPath(row.text("owner"), row.text("name")), pack, part),
        row.number("size_bytes"),
        row.textOrNull("etag"),
        Instant.ofEpochSecond(row.number("since")),
        part != Part.PACK,
        false);
  }

  /** The repository that a file is of. */
  public static String repoId(Item file) {
    return repo(file.cursor());
  }

  /** Which part of its pack a file is. */
  public static Part part(Item file) {
    GitKeys.PackKey key = GitKeys.parse(file.key());
    if (key == null) {
      throw new IllegalArgumentException(file.key() + " is no file of a git repository");
    }
    return key.part();
  }

  /** The packs of a repository, as they can be read where they are there. */
  public List<StoredPack> packs(String repoId) {
    return new GitPacks(catalog, repoId)
        .live().stream()
            .map(pack ->
                new StoredPack(
                    pack.pack(),
                    pack.sizeBytes(),
                    pack.indexBytes(),
                    pack.objects(),
                    pack.bitmapBytes()))
            .toList();
  }

  /** A repository, and the ETag of the manifest that was written of it. */
  public record Manifest(Repo repo, String etag) {}

  /** Manifests that were written of repositories behind one. */
  public List<Manifest> manifests(String after, int limit) {
    List<Manifest> manifests = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select %s, manifest_etag from repos
                    where repo_id > :after and manifest_etag is not null and purged_at is null
                    order by repo_id limit :limit
                    """
                        .formatted(Repos.COLUMNS))
                .text("after", after)
                .number("limit", limit))
        .forEach(row -> manifests.add(new Manifest(Repos.repo(row), row.text("manifest_etag"))));
    return manifests;
  }

  /** The uploads of which jobs made a pack and that nobody has deleted since, newest first. */
  public List<ContentId> uploadsOf(String repoId, ContentId pack) {
    List<ContentId> uploads = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select b.bundle from bundles b
                    where b.repo_id = :repo and b.expired_at is null and exists (
                      select from jobs j where j.repo_id = b.repo_id and j.bundle = b.bundle
                        and j.result ->> 'pack' = :pack)
                    order by b.seq desc nulls last limit :limit
                    """)
                .text("repo", repoId)
                .text("pack", pack.hex())
                .number("limit", UPLOADS))
        .forEach(row -> uploads.add(ContentId.parse(row.text("bundle"))));
    return uploads;
  }

  /**
   * Notes the ETags of files that have been proven.
   *
   * @param files at most as many as a page has
   */
  public void proven(Map<Item, String> files) {
    if (files.isEmpty()) {
      return;
    }
    List<Item> items = List.copyOf(files.keySet());
    catalog.execute(
        Statement.of(
                """
                update git_packs p set
                  etag = coalesce(proven.pack_etag, p.etag),
                  index_etag = coalesce(proven.index_etag, p.index_etag),
                  bitmap_etag = coalesce(proven.bitmap_etag, p.bitmap_etag)
                from (
                  select repo_id, pack, max(etag) filter (where part = 'PACK') as pack_etag,
                    max(etag) filter (where part = 'INDEX') as index_etag,
                    max(etag) filter (where part = 'BITMAP') as bitmap_etag
                  from unnest(:repos::text[], :packs::text[], :parts::text[], :etags::text[])
                    as noted (repo_id, pack, part, etag)
                  group by repo_id, pack) proven
                where p.repo_id = proven.repo_id and p.pack = proven.pack
                """)
            .text("repos", PgArray.texts(items, GitInventory::repoId))
            .text("packs", PgArray.texts(items, item -> item.id().hex()))
            .text("parts", PgArray.texts(items, item -> part(item).name()))
            .text("etags", PgArray.texts(items, files::get)));
  }

  /**
   * Forgets that a pack has a bitmap, which only makes reading faster: the next full fold writes
   * another.
   */
  public void forgetBitmap(Item bitmap) {
    catalog.execute(
        Statement.of(
                """
                update git_packs set bitmap_bytes = 0, bitmap_etag = null
                where repo_id = :repo and pack = :pack
                """)
            .text("repo", repoId(bitmap))
            .text("pack", bitmap.id().hex()));
  }
}
