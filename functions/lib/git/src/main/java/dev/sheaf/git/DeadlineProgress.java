package dev.sheaf.git;

import dev.sheaf.storage.Deadline;
import java.util.Optional;
import org.eclipse.jgit.lib.EmptyProgressMonitor;

/** Ends JGit's longer work when the calling thread's time is over. */
public final class DeadlineProgress extends EmptyProgressMonitor {
  /** JGit asks from threads of its own. */
  private final Optional<Deadline> deadline = Deadline.current();

  @Override
  public boolean isCancelled() {
    return Thread.currentThread().isInterrupted()
        || deadline.filter(Deadline::hasPassed).isPresent();
  }
}
