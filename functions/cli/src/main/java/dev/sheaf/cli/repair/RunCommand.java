package dev.sheaf.cli.repair;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.TextOutput;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.repair.Counter;
import dev.sheaf.repair.Counters;
import dev.sheaf.repair.Cycle;
import dev.sheaf.repair.CycleRun;
import dev.sheaf.repair.LossLedger;
import dev.sheaf.repair.Progress;
import dev.sheaf.repair.RepairTracker;
import dev.sheaf.repair.wiring.SiteRepair;
import dev.sheaf.storage.wiring.Site;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf repair run}: one cycle, here, from its beginning or from where it stands. */
@Command(
    name = "run",
    description =
        "Compare the catalog with the bucket and bring back what is lost; ends with status 1 where"
            + " something stays lost.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final long LISTED_A_LINE = 100_000;
  private static final long CHECKED_A_LINE = 100_000;
  private static final long RESTORED_A_LINE = 100;
  private static final int MISSING_TOLD = 50;

  @Option(names = "--dry-run", description = "Print the plan, with its reasons; change nothing.")
  private boolean dryRun;

  private final Environment environment;

  RunCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Cycle cycle = SiteRepair.cycleByHand(environment.variables(), new Lines());
    if (dryRun) {
      CycleRun run = cycle.plan(step -> environment.out().println(Visible.line(step)));
      run.cycle().ifPresent(this::summarise);
      return 0;
    }
    CycleRun run = cycle.run(Optional.empty(), () -> false);
    while (run.outcome() == CycleRun.Outcome.CONTINUES) { // range by range
      run = cycle.run(run.cycle().map(RepairTracker::startedAt), () -> false);
    }
    if (run.outcome() == CycleRun.Outcome.BUSY) {
      environment.err().println("sheaf: another run is at it; try again when it is over");
      return 1;
    }
    run.cycle().ifPresent(this::summarise);
    boolean isWhole = run.cycle().filter(done -> done.abortedReason().isEmpty()).isPresent();
    return tellMissing() == 0 && isWhole ? 0 : 1;
  }

  /** What could not be brought back, and why. */
  private int tellMissing() {
    List<LossLedger.Entry> missing =
        new LossLedger(Site.from(environment.variables()).catalog()).all();
    TextOutput out = environment.out();
    missing.stream()
        .limit(MISSING_TOLD)
        .forEach(entry ->
            out.println(Visible.line("still missing: " + entry.key() + ": " + entry.reason())));
    if (missing.size() > MISSING_TOLD) {
      out.printf("and %,d more, see `sheaf repair lost`%n", missing.size() - MISSING_TOLD);
    }
    return missing.size();
  }

  /** Progress, a line for each so many. */
  private final class Lines implements Progress {
    private long listed;
    private long checked;
    private long restored;

    @Override
    public synchronized void listed(long keys) {
      listed = keys < listed ? 0 : listed; // the next range
      if (keys >= listed + LISTED_A_LINE) {
        listed = keys / LISTED_A_LINE * LISTED_A_LINE;
        environment.err().printf("%,d keys listed%n", listed);
      }
    }

    @Override
    public synchronized void working(Counters counters) {
      long checkedNow = counters.get(Counter.TOTAL_CHECKED);
      long restoredNow =
          counters.get(Counter.REMADE_FROM_BUNDLE)
              + counters.get(Counter.PULL_MINE_SUCCESS)
              + counters.get(Counter.DERIVED_REMADE);
      if (checkedNow >= checked + CHECKED_A_LINE || restoredNow >= restored + RESTORED_A_LINE) {
        checked = checkedNow;
        restored = restoredNow;
        environment.err().printf("%,d checked, %,d brought back%n", checked, restored);
      }
    }
  }

  private void summarise(RepairTracker cycle) {
    TextOutput out = environment.out();
    Counters counters = cycle.counters();
    out.printf(
        "%s: %,d checked, %,d there (%,d bytes)%n",
        cycle.isCleanup() ? "cleanup" : "cycle",
        counters.get(Counter.TOTAL_CHECKED),
        counters.get(Counter.ALREADY_HAVE),
        cycle.contentSize());
    cycle
        .listingRefused()
        .ifPresentOrElse(
            why -> out.println(Visible.line("asked key by key, since " + why)),
            () ->
                out.printf(
                    "%,d keys in %,d listings, %,d of them confirmed by HEAD%n",
                    counters.get(Counter.PRESENCE_INDEX_ENTRIES),
                    counters.get(Counter.LIST_REQUESTS),
                    counters.get(Counter.HEAD_CONFIRM)));
    line(counters, Counter.REMADE_FROM_BUNDLE, "objects re-made from bundles");
    line(counters, Counter.GIT_PACKS_REPLACED, "git packs replaced by packs of peers");
    line(counters, Counter.BUNDLES_READ_AT_PEERS, "bundles read at peers for that");
    line(counters, Counter.PULL_MINE_SUCCESS, "pulled from peers");
    line(counters, Counter.DERIVED_REMADE, "files of git repositories made anew");
    line(counters, Counter.RECORDS_WRITTEN, "records of repositories written");
    line(counters, Counter.DELETE_INVALID_SUCCESS, "false ones deleted");
    line(counters, Counter.DAMAGED_KEPT, "of them kept below " + ObjectKeys.DAMAGED);
    line(counters, Counter.DELETE_OVER_REPLICATED_SUCCESS, "deleted that only other sites keep");
    line(
        counters, Counter.DELETE_OVER_REPLICATED_KEPT, "kept, though other sites are to have them");
    line(counters, Counter.PACKS_FORGOTTEN, "prepared answers forgotten");
    line(counters, Counter.LOST_RECOVERED, "recovered that were lost");
    line(counters, Counter.LOST_LEFT_ALONE, "still missing, not tried again yet");
    line(counters, Counter.LOST_DECLARED, "declared lost");
    line(counters, Counter.SURPLUS_OBJECTS, "objects that the catalog does not know");
    if (!cycle.abortedReason().isEmpty()) {
      out.println(Visible.line("aborted: " + cycle.abortedReason()));
    }
  }

  private void line(Counters counters, Counter counter, String what) {
    if (counters.get(counter) > 0) {
      environment.out().printf("%,d %s%n", counters.get(counter), what);
    }
  }
}
