package dev.sheaf.repository.git;

import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.ObjectId;

/** Failed jobs of git bundles that came before what they build on ({@code jobs.awaits}). */
public final class GitWaits {
  /** Uploads that are woken at a time; those that came first. */
  private static final int MOST = 1_000;

  private GitWaits() {}

  /**
   * Puts the jobs that wait for objects which have arrived now back into their lane. Under the
   * repository's lock.
   *
   * @param arrived whether an object is here now
   * @return how many jobs can run
   */
  public static int wake(Catalog transaction, String repoId, Predicate<ObjectId> arrived) {
    List<String> ready = new ArrayList<>();
    for (Rows.Row row : transaction.execute(waiting(repoId))) {
      if (arrived.test(ObjectId.fromString(row.text("awaits")))) {
        ready.add(row.text("job_id"));
      }
    }
    if (!ready.isEmpty()) {
      transaction.execute(
          Statement.of(
                  """
                  with again as (
                    update jobs set status = 'pending', attempt = 0, error = null, done_at = null,
                      awaits = null
                    where repo_id = :repo and job_id = any(:jobs::text[])
                    returning bundle
                  )
                  update bundles b set state = 'pending' from again a
                  where b.repo_id = :repo and b.bundle = a.bundle and b.state = 'failed'
                  """)
              .text("repo", repoId)
              .text("jobs", PgArray.texts(ready)));
    }
    return ready.size();
  }

  /** Not those whose bundle has a later job. */
  private static Statement waiting(String repoId) {
    return Statement.of(
            """
            select job_id, awaits from jobs j
            where repo_id = :repo and status = 'failed' and awaits is not null
              and not exists (select 1 from jobs l
                where l.repo_id = j.repo_id and l.bundle = j.bundle and l.seq > j.seq)
            order by seq limit :limit
            """)
        .text("repo", repoId)
        .number("limit", MOST);
  }
}
