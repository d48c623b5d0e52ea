package dev.sheaf.repository.job;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What there is in the table {@code jobs}, for {@link Jobs}: nothing here changes a row. */
record JobLookups(Catalog catalog) {
  /** So that a page of jobs stays within the Data API's limits. */
  private static final int LIST_LIMIT = 100;

  private static final int REPOS_LISTED = 1_000;

  List<String> activeRepos() {
    List<String> repos = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select repo_id from jobs where status in ('pending', 'running')
                    group by repo_id order by min(seq) limit :limit
                    """)
                .number("limit", REPOS_LISTED))
        .forEach(row -> repos.add(row.text("repo_id")));
    return repos;
  }

  Optional<Job> find(String repoId, String jobId) {
    return catalog
        .execute(
            Statement.of(
                    "select "
                        + JobSql.COLUMNS
                        + " from jobs where repo_id = :repo and job_id = :job")
                .text("repo", repoId)
                .text("job", jobId))
        .first()
        .map(JobSql::job);
  }

  List<Job> list(String repoId, int limit) {
    List<Job> jobs = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    "select "
                        + JobSql.COLUMNS
                        + " from jobs where repo_id = :repo order by seq desc limit :limit")
                .text("repo", repoId)
                .number("limit", Math.min(limit, LIST_LIMIT)))
        .forEach(row -> jobs.add(JobSql.job(row)));
    return jobs;
  }

  Jobs.Upload upload(Job job) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select b.size_bytes, coalesce(j.upload_id, '') as upload_id
                    from jobs j join bundles b on b.repo_id = j.repo_id and b.bundle = j.bundle
                    where j.job_id = :job
                    """)
                .text("job", job.jobId()))
        .first()
        .map(row ->
            new Jobs.Upload(
                ContentId.parse(job.bundle()), row.number("size_bytes"), row.text("upload_id")))
        .orElseThrow();
  }

  boolean hasActiveBesides(String repoId, ContentId bundle) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select exists (select 1 from jobs
                      where repo_id = :repo and status in ('pending', 'running')
                        and bundle <> :bundle) as active
                    """)
                .text("repo", repoId)
                .text("bundle", bundle.hex()))
        .first()
        .orElseThrow()
        .flag("active");
  }
}
