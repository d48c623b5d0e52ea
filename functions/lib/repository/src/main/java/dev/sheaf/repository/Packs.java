package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;

/** The table {@code packs}: prepared answers of large fetches, by what was asked. */
public final class Packs {
  private final Catalog catalog;

  public Packs(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A prepared pack in the store.
   *
   * @param pack SHA-256 of its bytes
   * @param sizeBytes its length
   */
  public record Pack(ContentId pack, long sizeBytes) {}

  /**
   * The pack that answers a request.
   *
   * @param request a hash of everything that the answer depends on
   */
  public Optional<Pack> find(String repoId, ContentId request) {
    return catalog
        .execute(
            Statement.of(
                    "select pack, size_bytes from packs"
                        + " where repo_id = :repo and request = :request")
                .text("repo", repoId)
                .text("request", request.hex()))
        .first()
        .map(row -> new Pack(ContentId.parse(row.text("pack")), row.number("size_bytes")));
  }

  /**
   * Remembers a pack that is in the store; of two answers to one request the last is kept.
   *
   * @param put how the store took it: what it wrote is proven, by its checksum
   */
  public void remember(
      String repoId, ContentId request, Pack pack, ObjectStore.PutResult put, Instant now) {
    String etag = put instanceof ObjectStore.PutResult.Written(String written) ? written : null;
    catalog.execute(
        Statement.of(
                """
                insert into packs (repo_id, request, pack, size_bytes, etag, created_at)
                values (:repo, :request, :pack, :size, :etag, :now::timestamptz)
                on conflict (repo_id, request) do update
                  set pack = excluded.pack, size_bytes = excluded.size_bytes,
                      etag = excluded.etag, created_at = excluded.created_at
                """)
            .text("repo", repoId)
            .text("request", request.hex())
            .text("pack", pack.pack().hex())
            .number("size", pack.sizeBytes())
            .text("etag", etag)
            .text("now", now.toString()));
  }
}
