package dev.sheaf.repository.job;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How jobs come into their lane. What each does is said at {@link Jobs}. */
final class JobEntries {
  private final Catalog catalog;
  private final Instant now;
  private final String newId;

  /**
   * @param newId the id of a job that is made
   */
  JobEntries(Catalog catalog, Instant now, String newId) {
    this.catalog = catalog;
    this.now = now;
    this.newId = newId;
  }

  Jobs.Noted noted(String owner, String name, Jobs.Upload upload) {
    return catalog
        .execute(
            Statement.of(JobSql.NOTED)
                .text("owner", owner)
                .text("name", name)
                .text("bundle", upload.bundle().hex())
                .text("type", Job.BUNDLE_INDEX)
                .text("upload", upload.uploadId()))
        .first()
        .map(row -> new Jobs.Noted(Optional.of(Repos.repo(row)), row.flag("noted")))
        .orElse(new Jobs.Noted(Optional.empty(), false));
  }

  Optional<Job> uploaded(String repoId, Jobs.Upload upload, Supplier<Optional<Instant>> storedAt) {
    return BranchMoves.transaction(
        catalog,
        repoId,
        SiteLog.OFF,
        moves -> {
          Rows.Row row = uploaded(moves, repoId, upload, null);
          if (row.flag("asks")) {
            Optional<Instant> stored = storedAt.get();
            if (stored.isPresent()) {
              row = uploaded(moves, repoId, upload, stored.get());
            }
          }
          return row.textOrNull("job_id") == null ? Optional.empty() : Optional.of(JobSql.job(row));
        });
  }

  private Rows.Row uploaded(
      BranchMoves moves, String repoId, Jobs.Upload upload, @Nullable Instant stored) {
    return moves
        .transaction()
        .execute(
            Statement.of(JobSql.UPLOADED)
                .text("repo", repoId)
                .text("bundle", upload.bundle().hex())
                .number("size", upload.sizeBytes())
                .text("new_id", newId)
                .text("type", Job.BUNDLE_INDEX)
                .text("upload", upload.uploadId())
                .text("stored", stored == null ? null : stored.toString())
                .text("not_before", now.plus(ExpectedUploads.GRACE).toString())
                .text("now", now.toString()))
        .first()
        .orElseThrow();
  }

  Jobs.Announced announced(
      String repoId, ContentId bundle, long sizeBytes, Job.Decision decision, Instant uploadedAt) {
    return catalog
        .execute(
            Statement.of(JobSql.ANNOUNCED)
                .text("repo", repoId)
                .text("bundle", bundle.hex())
                .number("size", sizeBytes)
                .text("new_id", newId)
                .text("type", Job.BUNDLE_INDEX)
                .text("decision", decision.column())
                .text("uploaded", uploadedAt.toString())
                .text("now", now.toString()))
        .first()
        .map(row -> {
          Job job = JobSql.job(row);
          Long first = row.numberOrNull("first_seq");
          return new Jobs.Announced(job, row.flag("wakes"), first == null ? job.seq() : first);
        })
        .orElseThrow();
  }
}
