package dev.sheaf.cli.http;

import java.util.List;

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

  /** Bytes of all. */
  public long sizeBytes() {
    return packs.stream().mapToLong(StoredFile::sizeBytes).sum()
        + bundles.stream().mapToLong(StoredFile::sizeBytes).sum();
  }
}
