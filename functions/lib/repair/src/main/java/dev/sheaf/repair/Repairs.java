package dev.sheaf.repair;

import dev.sheaf.repair.Step.Action;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Does what a plan says. Done again after a crash anywhere, it ends in the same state. */
final class Repairs {
  private static final int READS_IN_FLIGHT = 16;

  private final Ports ports;
  private final Etags etags;
  private final Restoration restoration;
  private final Verification verification;
  private final Surplus surplus;
  private final RepairTracker tracker;
  private final boolean mayDelete;

  /**
   * What repairs work on.
   *
   * @param folder for what is damaged, on its way aside
   */
  record Ports(
      Catalog catalog,
      ObjectStore store,
      Inventory inventory,
      GitInventory gitInventory,
      LossLedger ledger,
      Attempts attempts,
      Peers peers,
      Path folder,
      InstantSource clock) {}

  /**
   * @param mayDelete false in a cycle whose listing was not to be believed
   * @param surplusBefore what was written since stays, whoever is to have it
   * @param isFurther whether this invocation has come any further
   */
  Repairs(
      Ports ports,
      BundleRecovery recovery,
      GitRecovery packs,
      RepairTracker tracker,
      boolean mayDelete,
      Instant surplusBefore,
      BooleanSupplier isFurther) {
    this.ports = ports;
    this.etags = new Etags(ports.catalog(), ports.store().bucket());
    this.restoration = new Restoration(ports, recovery, packs, etags, tracker, isFurther);
    this.verification =
        new Verification(
            ports.store(), new DamagedCopies(ports.store(), ports.folder()), tracker.counters());
    this.surplus =
        new Surplus(
            ports.peers(), ports.store(), ports.inventory(), surplusBefore, tracker.counters());
    this.tracker = tracker;
    this.mayDelete = mayDelete;
  }

  /**
   * Does a batch.
   *
   * @param isShortOfTime whether to leave the rest to another invocation
   * @return whether all was done
   */
  boolean run(Kind kind, List<Step> steps, BooleanSupplier isShortOfTime) {
    List<Inventory.Item> missing = new ArrayList<>(items(steps, Action.RESTORE));
    missing.addAll(items(steps, Action.REMAKE));
    List<Step> toVerify =
        steps.stream()
            .filter(step -> step.action() == Action.VERIFY || step.action() == Action.NOTE_ETAG)
            .filter(step -> ports.attempts().passedOver(verifying(step)).isEmpty())
            .toList();
    List<Verification.Verdict> verdicts = verify(toVerify, isShortOfTime);
    note(kind, verdicts);
    for (Verification.Verdict verdict : verdicts) {
      if (verdict instanceof Verification.Verdict.Deleted(Inventory.Item item)) {
        missing.add(item);
      }
    }
    if (verdicts.size() < toVerify.size() || !restore(kind, missing, isShortOfTime)) {
      return false;
    }
    if (mayDelete && !surplus.drop(items(steps, Action.DROP), isShortOfTime)) {
      return false;
    }
    forget(items(steps, Action.FORGET));
    restoration.recovered(kind, items(steps, Action.RECOVERED));
    ports.attempts().end();
    return true;
  }

  private static List<Inventory.Item> items(List<Step> steps, Action action) {
    return steps.stream().filter(step -> step.action() == action).map(Step::item).toList();
  }

  private static String verifying(Step step) {
    return "verify " + step.item().key();
  }

  /** As many as there is time for; alone what may have ended an invocation. */
  private List<Verification.Verdict> verify(List<Step> steps, BooleanSupplier isShortOfTime) {
    List<Verification.Verdict> verdicts = new ArrayList<>();
    List<Step> others = new ArrayList<>();
    for (Step step : steps) {
      if (ports.attempts().isSuspect(verifying(step))) {
        verdicts.addAll(verifyTogether(List.of(step), isShortOfTime));
      } else {
        others.add(step);
      }
    }
    verdicts.addAll(verifyTogether(others, isShortOfTime));
    return verdicts;
  }

  private List<Verification.Verdict> verifyTogether(
      List<Step> steps, BooleanSupplier isShortOfTime) {
    ports.attempts().begin(steps.stream().map(Repairs::verifying).toList());
    try (ParallelCalls<Verification.Verdict> calls = new ParallelCalls<>(READS_IN_FLIGHT)) {
      for (Step step : steps) {
        if (isShortOfTime.getAsBoolean()) {
          break;
        }
        calls.submit(() ->
            step.action() == Action.VERIFY
                ? verification.read(step.item(), mayDelete)
                : verification.prove(step.item(), mayDelete));
      }
      return calls.results();
    }
  }

  private void note(Kind kind, List<Verification.Verdict> verdicts) {
    List<Etags.Proven> proven = new ArrayList<>();
    for (Verification.Verdict verdict : verdicts) {
      if (verdict instanceof Verification.Verdict.Sound(var item, var facts)
          && !facts.etag().equals(item.etag())) {
        proven.add(new Etags.Proven(item, facts.size(), facts.etag()));
      }
    }
    etags.note(kind, proven, ports.clock().instant());
    tracker.counters().add(Counter.ETAGS_NOTED, proven.size());
  }

  private void forget(List<Inventory.Item> packs) {
    if (!packs.isEmpty()) {
      ports.inventory().forgetPacks(packs.stream().map(Inventory.Item::id).distinct().toList());
      tracker.counters().add(Counter.PACKS_FORGOTTEN, packs.size());
    }
  }

  private boolean restore(Kind kind, List<Inventory.Item> missing, BooleanSupplier isShortOfTime) {
    if (kind == Kind.PACK) {
      forget(missing); // deleted, since it was false
      return true;
    }
    return missing.isEmpty() || restoration.restore(kind, missing, isShortOfTime);
  }

  /**
   * How much has been done that stays done, whether or not a batch comes to its end: another
   * invocation goes on from there.
   */
  long progress() {
    return restoration.noted()
        + Stream.of(
                Counter.REMADE_FROM_BUNDLE,
                Counter.PULL_MINE_SUCCESS,
                Counter.GIT_PACKS_TAKEN,
                Counter.GIT_PACKS_REPLACED,
                Counter.DERIVED_REMADE,
                Counter.PACKS_FORGOTTEN,
                Counter.ETAGS_NOTED,
                Counter.DELETE_INVALID_SUCCESS,
                Counter.DELETE_OVER_REPLICATED_SUCCESS)
            .mapToLong(tracker.counters()::get)
            .sum();
  }
}
