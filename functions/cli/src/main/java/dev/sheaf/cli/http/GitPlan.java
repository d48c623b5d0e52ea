package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import java.util.List;
import java.util.stream.Stream;

/**
 * What to download for a git repository.
 *
 * @param packs whole packs, in any order
 * @param bundles git bundles that build on the packs and on those before
 */
public record GitPlan(List<StoredFile> packs, List<StoredFile> bundles) {
  public GitPlan {
    packs = List.copyOf(packs);
    bundles = List.copyOf(bundles);
  }

  /** What the server calls them. */
  public List<ContentId> ids() {
    return Stream.concat(packs.stream(), bundles.stream()).map(StoredFile::id).toList();
  }

  /** Bytes of all. */
  public long sizeBytes() {
    return packs.stream().mapToLong(StoredFile::sizeBytes).sum()
        + bundles.stream().mapToLong(StoredFile::sizeBytes).sum();
  }
}
