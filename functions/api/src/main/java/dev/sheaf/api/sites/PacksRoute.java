package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.storage.catalog.Catalog;
import java.util.List;
import java.util.Map;

/**
 * {@code GET /internal/packs/{repo_id}}: the packs that a git repository consists of here, for
 * peers that were told of one which was folded away meanwhile. Their bytes are blobs.
 */
public final class PacksRoute {
  private final Catalog catalog;

  public PacksRoute(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Answers {@code {packs: [{pack, size_bytes}]}}, those first that others build on. */
  public Reply answer(String repoId) {
    List<Map<String, Object>> packs =
        new GitPacks(catalog, repoId)
            .live().stream()
                .map(pack ->
                    Map.<String, Object>of(
                        "pack", pack.pack().hex(), "size_bytes", pack.sizeBytes()))
                .toList();
    return Reply.ok(Map.of("packs", packs));
  }
}
