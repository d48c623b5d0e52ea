package dev.sheaf.repair.rebuild;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.Travelling;
import dev.sheaf.repository.inventory.RebuildRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the catalog anew out of the bucket. Done again at any time, it goes on from where it
 * stands: what the catalog knows is left as it is.
 *
 * <ol>
 *   <li>A repository comes back from its record, or, if it was never written down, from what lies
 *       under its name; private then.
 *   <li>A git repository's packs, refs and HEAD come from its manifest. Uploads that are older than
 *       that have been decided upon; younger ones are taken in like those that nobody announces.
 *   <li>A muse repository's bundles are taken in by jobs, in the order in which they came the first
 *       time. When all that the record names have been, branches go where the record says, and only
 *       then come bundles that are younger than it.
 * </ol>
 */
public final class Rebuild {
  private final Ports ports;
  private final Consumer<Step> sink;
  private final boolean isDry;

  /**
   * What a rebuild stands on.
   *
   * @param log how this site tells others
   * @param peers brings a bundle, proven, from a site that keeps it, in a file that the caller
   *     deletes; empty when none does
   * @param queue where workers are told of jobs; asked for when needed
   * @param ids names repositories that were never written down, and jobs
   */
  public record Ports(
      Catalog catalog,
      ObjectStore store,
      SiteLog log,
      Function<ContentId, Optional<FileContent>> peers,
      Supplier<JobQueue> queue,
      InstantSource clock,
      Supplier<String> ids) {
    /** What writes records that this site is the home of; empty where there are no others. */
    Optional<OwnOps> own() {
      return Optional.ofNullable(log.self())
          .map(self -> new OwnOps(self, Travelling.TABLES, clock, log.random().get()));
    }
  }

  /**
   * Something that is done, or missing, and why.
   *
   * @param place a repository as {@code owner/name}
   */
  public record Step(Action action, String place, String reason) {
    /** What there is to do. */
    public enum Action {
      /** Make the repository's row. */
      REPOSITORY,
      /** Write a git repository's refs and packs. */
      REFS,
      /** Let a bundle be taken in. */
      BUNDLE,
      /** Put branches where they were. */
      BRANCHES,
      /** Something is named and is not in the bucket; nothing can be done here. */
      MISSING
    }

    /** As a line of a plan. */
    @Override
    public String toString() {
      return "%-10s %s: %s".formatted(action.name().toLowerCase(Locale.ROOT), place, reason);
    }
  }

  /**
   * How far it is.
   *
   * @param waiting bundles that jobs are still to take in: run it again when they have
   * @param missing things that are named and not in the bucket
   */
  public record Progress(int repositories, long steps, long waiting, long missing) {}

  /**
   * @param isDry whether to say only what there is to do
   * @param sink takes each step
   */
  public Rebuild(Ports ports, boolean isDry, Consumer<Step> sink) {
    this.ports = ports;
    this.isDry = isDry;
    this.sink = sink;
  }

  /** Does what can be done now. */
  public Progress run() {
    Holdings holdings = Holdings.list(ports.store());
    RebuildPlan plan = new RebuildPlan(isDry, sink);
    boolean areAllRead = true;
    for (String place : holdings.places()) {
      areAllRead &= isRead(place, holdings, plan);
    }
    if (!isDry) {
      KnownBucket.isRead(ports.catalog());
      if (areAllRead) { // what is lost still has nothing in the bucket
        LostHomes.clear(ports.catalog());
      }
      new RebuildRows(ports.catalog(), ports.own(), ports.clock()).begin();
    }
    return plan.progress(holdings.places().size());
  }

  /** What is wrong with one repository keeps no other one from coming back. */
  private boolean isRead(String place, Holdings holdings, RebuildPlan plan) {
    try {
      new RepositoryRebuild(ports, place, holdings, plan).run();
      return true;
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.UNAVAILABLE || e.kind() == ErrorKind.SITE) {
        throw e;
      }
      plan.missing(new Step(Step.Action.MISSING, place, String.valueOf(e.getMessage())));
      return false;
    }
  }
}
