package dev.sheaf.api.push;

import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.queue.JobQueue;
import java.util.function.Supplier;

/**
 * Makes a worker look at the jobs of a repository. An upload does that by itself; a job that is put
 * back into its lane does not.
 */
public final class LaneWakeUp {
  private final Supplier<JobQueue> queue;

  public LaneWakeUp(Supplier<JobQueue> queue) {
    this.queue = queue;
  }

  /** Sends the message. Too many do no harm: a worker that finds no job is done. */
  public void wake(String repoId) {
    queue.get().send(WakeUp.of(repoId).body());
  }
}
