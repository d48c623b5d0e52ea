package dev.sheaf.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Threads of which exactly one runs at a time, until it passes: which one is next is drawn from a
 * seeded source, so that a run with the same seed is the same run.
 */
final class Baton {
  private final Random random;
  private final List<Actor> actors = new ArrayList<>();
  private final Semaphore back = new Semaphore(0);
  private @Nullable Throwable failure;
  private @Nullable Actor current;

  Baton(Random random) {
    this.random = random;
  }

  /** A thread in the game. */
  private static final class Actor {
    final Semaphore go = new Semaphore(0);
    boolean done;
  }

  /** Adds a thread, which runs when it is drawn. */
  void add(Runnable work) {
    Actor actor = new Actor();
    actors.add(actor);
    Thread.ofVirtual()
        .start(() -> {
          actor.go.acquireUninterruptibly();
          try {
            work.run();
          } catch (Throwable e) {
            failure = failure == null ? e : failure;
          } finally {
            actor.done = true;
            back.release();
          }
        });
  }

  /** Called by the running thread: others may go on now. */
  void pass() {
    Actor me = current;
    if (me == null) {
      return; // outside the game: a check at its end
    }
    back.release();
    me.go.acquireUninterruptibly();
  }

  /** Runs until no thread is left; throws the first failure of any. */
  void run(int mostSteps) {
    for (int step = 0; !actors.isEmpty(); step++) {
      if (step > mostSteps) {
        throw new AssertionError("the simulation does not end");
      }
      Actor next = actors.get(random.nextInt(actors.size()));
      current = next;
      next.go.release();
      back.acquireUninterruptibly();
      current = null;
      if (next.done) {
        actors.remove(next);
      }
      if (failure != null) {
        throw new AssertionError("an actor failed", failure);
      }
    }
  }
}
