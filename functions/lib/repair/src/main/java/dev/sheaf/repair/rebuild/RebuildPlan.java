package dev.sheaf.repair.rebuild;

import dev.sheaf.repair.rebuild.Rebuild.Progress;
import dev.sheaf.repair.rebuild.Rebuild.Step;
import java.util.function.Consumer;

/** Tells of each step of a rebuild, counts them, and does them unless it is a dry run. */
final class RebuildPlan {
  private final boolean isDry;
  private final Consumer<Step> sink;
  private long steps;
  private long waiting;
  private long missing;

  RebuildPlan(boolean isDry, Consumer<Step> sink) {
    this.isDry = isDry;
    this.sink = sink;
  }

  boolean isDry() {
    return isDry;
  }

  void step(Step step, Runnable work) {
    sink.accept(step);
    steps++;
    if (!isDry) {
      work.run();
    }
  }

  /** Something that nothing can be done about here. */
  void missing(Step step) {
    sink.accept(step);
    missing++;
  }

  /** Bundles that jobs are still to take in. */
  void waiting(long bundles) {
    waiting += bundles;
  }

  Progress progress(int repositories) {
    return new Progress(repositories, steps, waiting, missing);
  }
}
