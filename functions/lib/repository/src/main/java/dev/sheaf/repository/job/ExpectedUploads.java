package dev.sheaf.repository.job;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.ops.InlineOps;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;

/**
 * The table {@code uploads}: what is known about an upload beside its event. One for which an URL
 * was given out is about to be announced, and its event waits a moment for that; one whose
 * announcement was refused moves nothing, whenever its event comes.
 */
public final class ExpectedUploads {
  /** How long the event of such an upload waits for the announcement. */
  static final Duration GRACE = Duration.ofSeconds(20);

  /** An URL lives for less, and an upload is announced when it is complete. */
  private static final Duration PRESIGNED_LIFE = Duration.ofDays(1);

  /** Longer than a queue keeps an event. */
  private static final Duration REFUSED_LIFE = Duration.ofDays(15);

  private final Catalog catalog;
  private final SiteLog log;
  private final KnownBucket bucket;

  /** Of a site that nobody follows. */
  public ExpectedUploads(Catalog catalog) {
    this(catalog, SiteLog.OFF, KnownBucket.none(catalog));
  }

  /**
   * @param log tells of repositories that are made here
   * @param bucket asked before the first is made
   */
  public ExpectedUploads(Catalog catalog, SiteLog log, KnownBucket bucket) {
    this.catalog = catalog;
    this.log = log;
    this.bucket = bucket;
  }

  /**
   * Notes that an URL for a bundle is given out; rows that are past their time go.
   *
   * @param name as the repository is shown
   * @param newId the id that the repository gets when this makes it
   * @return the repository to whose keys that of the upload belongs
   * @throws dev.sheaf.bundle.SheafException of kind CONFLICT when a deleted one has the name still
   */
  public Repo expect(String owner, String name, String newId, ContentId bundle, Instant now) {
    InlineOps ops = log.ops(now);
    Statement statement =
        Statement.of(
            """
            with past as (
              delete from uploads where ctid = any(array(
                select ctid from uploads where expires_at < :now::timestamptz
                order by expires_at limit 100 for update skip locked))
            ), %s, expected as (
              insert into uploads (repo_id, bundle, presigned_at, expires_at)
              select repo_id, :bundle, :now::timestamptz, :expires::timestamptz from repo
              on conflict (repo_id, bundle) do update set presigned_at = excluded.presigned_at,
                expires_at = greatest(uploads.expires_at, excluded.expires_at)
            )
            select %s from repo
            """
                .formatted(Repos.made(ops), Repos.COLUMNS));
    Statement bound =
        Repos.bindMade(statement, ops, log, bucket, owner, name, newId, now)
            .text("bundle", bundle.hex())
            .text("expires", now.plus(PRESIGNED_LIFE).toString());
    return bucket
        .making(() -> catalog.execute(bound).first().map(Repos::repo))
        .orElseThrow(() -> Repos.nameIsTaken(catalog, owner, name));
  }

  /**
   * Notes that the announcement of an upload was refused, unless an earlier one was accepted: its
   * event makes no job from now on, and a job that it has made is over. Under the repository's
   * lock.
   *
   * @param upload S3's LastModified of what was announced
   */
  static void refuse(
      Catalog transaction,
      String repoId,
      ContentId bundle,
      Instant upload,
      String reason,
      Instant now) {
    transaction.execute(
        Statement.of(
                """
                with refused as (
                  insert into uploads (repo_id, bundle, refused_upload, refusal, expires_at)
                  select :repo, :bundle, :upload::timestamptz, :reason, :expires::timestamptz
                  where not exists (
                    select 1 from jobs where repo_id = :repo and bundle = :bundle
                      and (status = 'done' or status in ('pending', 'running')
                        and decision not in ('bare', 'refused')))
                  on conflict (repo_id, bundle) do update set
                    refused_upload = excluded.refused_upload, refusal = excluded.refusal,
                    expires_at = excluded.expires_at
                  returning repo_id
                ), stopped as (
                  update jobs j set decision = 'refused', uploaded_at = :upload::timestamptz,
                    error = :reason, not_before = null,
                    status = case status when 'pending' then 'failed' else status end,
                    done_at = case status when 'pending' then :now::timestamptz end
                  from refused r
                  where j.repo_id = r.repo_id and j.bundle = :bundle
                    and j.status in ('pending', 'running') and j.decision = 'bare'
                  returning j.repo_id, j.bundle, j.status
                )
                update bundles b set state = 'failed'
                from stopped s
                where b.repo_id = s.repo_id and b.bundle = s.bundle and b.state = 'pending'
                  and s.status = 'failed'
                """)
            .text("repo", repoId)
            .text("bundle", bundle.hex())
            .text("upload", upload.toString())
            .text("reason", reason)
            .text("now", now.toString())
            .text("expires", now.plus(REFUSED_LIFE).toString()));
  }
}
