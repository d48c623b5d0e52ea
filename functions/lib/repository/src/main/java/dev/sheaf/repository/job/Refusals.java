package dev.sheaf.repository.job;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Notes that announcements of uploads were refused, by whatever door they came, so that the event
 * of such an upload moves nothing and makes nothing visible, whether it came before or comes later.
 * An announcement of the same upload that was accepted stays so, and one that is accepted later
 * counts.
 */
public final class Refusals {
  private final Catalog catalog;
  private final InstantSource clock;

  public Refusals(Catalog catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * Notes one.
   *
   * @param upload S3's LastModified of what was announced
   * @param reason what its client was told
   */
  public void note(Repo repo, ContentId bundle, Instant upload, String reason) {
    BranchMoves.transaction(
        catalog,
        repo.repoId(),
        SiteLog.OFF,
        moves -> {
          ExpectedUploads.refuse(
              moves.transaction(),
              repo.repoId(),
              bundle,
              upload,
              Jobs.cut("the push was refused: " + reason),
              clock.instant());
          return null;
        });
  }
}
