package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.Step.Action;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a plan says. Done again after a crash anywhere, it ends in the same state. */
final class Repairs {
  private static final Logger log = LoggerFactory.getLogger(Repairs.class);

  private static final int READS_IN_FLIGHT = 16;
  private static final String TOO_LONG = "the bundles that may have it take too long to read";

  private final Ports ports;
  private final BundleRecovery recovery;
  private final GitRecovery packs;
  private final PeerPulls pulls;
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
      Peers peers,
      Path folder,
      InstantSource clock) {}

  /**
   * @param mayDelete false in a cycle whose listing was not to be believed
   * @param surplusBefore what was written since stays, whoever is to have it
   */
  Repairs(
      Ports ports,
      BundleRecovery recovery,
      GitRecovery packs,
      RepairTracker tracker,
      boolean mayDelete,
      Instant surplusBefore) {
    this.ports = ports;
    this.recovery = recovery;
    this.packs = packs;
    this.pulls = new PeerPulls(ports.peers(), ports.store(), tracker.counters());
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
    recovered(kind, items(steps, Action.RECOVERED));
    return true;
  }

  private static List<Inventory.Item> items(List<Step> steps, Action action) {
    return steps.stream().filter(step -> step.action() == action).map(Step::item).toList();
  }

  /** As many as there is time for. */
  private List<Verification.Verdict> verify(List<Step> steps, BooleanSupplier isShortOfTime) {
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
    List<ObjectRows.Stored> objects = new ArrayList<>();
    Map<Inventory.Item, String> named = new LinkedHashMap<>();
    for (Verification.Verdict verdict : verdicts) {
      if (verdict instanceof Verification.Verdict.Sound(var item, var facts)
          && !facts.etag().equals(item.etag())) {
        switch (kind) {
          case OBJECT -> objects.add(new ObjectRows.Stored(item.id(), facts.size(), facts.etag()));
          case BUNDLE, GIT -> named.put(item, facts.etag());
          case PACK -> {} // nobody keeps them
        }
      }
    }
    noteObjects(objects);
    proven(kind, named);
    tracker.counters().add(Counter.ETAGS_NOTED, objects.size() + (long) named.size());
  }

  private void proven(Kind kind, Map<Inventory.Item, String> etags) {
    if (kind == Kind.GIT) {
      ports.gitInventory().proven(etags);
    } else {
      ports.inventory().proven(etags);
    }
  }

  private void noteObjects(List<ObjectRows.Stored> objects) {
    new ObjectRows(ports.catalog())
        .putStored(objects, ports.store().bucket(), ports.clock().instant());
  }

  private void forget(List<Inventory.Item> packs) {
    if (!packs.isEmpty()) {
      ports.inventory().forgetPacks(packs.stream().map(Inventory.Item::id).distinct().toList());
      tracker.counters().add(Counter.PACKS_FORGOTTEN, packs.size());
    }
  }

  private boolean restore(Kind kind, List<Inventory.Item> missing, BooleanSupplier isShortOfTime) {
    if (missing.isEmpty()) {
      return true;
    }
    if (kind == Kind.PACK) {
      forget(missing); // deleted, since it was false
      return true;
    }
    if (kind == Kind.GIT) {
      return restorePacks(missing, isShortOfTime);
    }
    List<Inventory.Item> left = missing;
    if (kind == Kind.OBJECT) {
      List<ContentId> ids = missing.stream().map(Inventory.Item::id).toList();
      boolean hasLookedEverywhere = recovery.restore(ids, isShortOfTime);
      if (!hasLookedEverywhere && ids.stream().anyMatch(recovery::hasRestored)) {
        return false;
      }
      left = missing.stream().filter(item -> !recovery.hasRestored(item.id())).toList();
      if (!hasLookedEverywhere) {
        // Another invocation would come no further. They are tried again, and stop no others.
        fail(
            kind,
            left.stream().map(item -> new LossLedger.Failure(item, TOO_LONG, false)).toList());
        return true;
      }
    }
    return pull(kind, missing, left, isShortOfTime);
  }

  /** What is derived first: an upload may build on what is read by it. */
  private boolean restorePacks(List<Inventory.Item> missing, BooleanSupplier isShortOfTime) {
    List<Inventory.Item> lost = missing.stream().filter(item -> !item.isDerived()).toList();
    Set<ContentId> gone = lost.stream().map(Inventory.Item::id).collect(Collectors.toSet());
    for (Inventory.Item item : missing) {
      // With a pack that comes back its index does.
      if (item.isDerived() && !gone.contains(item.id())) {
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        packs.remake(item);
      }
    }
    if (lost.isEmpty()) {
      return true;
    }
    GitRecovery.Restored restored = packs.restore(lost, isShortOfTime);
    List<Inventory.Item> left =
        lost.stream().filter(pack -> !restored.packs().contains(pack)).toList();
    return restored.hasLookedEverywhere() && pull(Kind.GIT, lost, left, isShortOfTime);
  }

  private boolean pull(
      Kind kind,
      List<Inventory.Item> missing,
      List<Inventory.Item> left,
      BooleanSupplier isShortOfTime) {
    List<Inventory.Item> back = new ArrayList<>(missing);
    back.removeAll(left);
    List<LossLedger.Failure> failures = new ArrayList<>();
    List<Inventory.Item> later = new ArrayList<>();
    Map<String, LossLedger.Entry> tried =
        ports.peers().isNarrow(0) ? ports.ledger().of(kind, left) : Map.of();
    for (Inventory.Item item : left) {
      if (isShortOfTime.getAsBoolean()) {
        return false;
      }
      if (ports.peers().isMine(kind, item.id())) {
        tracker.counters().add(Counter.PULL_MINE_NEEDED);
        switch (pull(kind, item, tried)) {
          case Outcome.Back() -> back.add(item);
          case Outcome.Later(LossLedger.Failure _) -> later.add(item);
          case Outcome.Failed(LossLedger.Failure failure) -> failures.add(failure);
        }
      }
    }
    pulls.askBusyAgain();
    for (Inventory.Item item : later) {
      if (isShortOfTime.getAsBoolean()) {
        return false;
      }
      switch (pull(kind, item, tried)) {
        case Outcome.Back() -> back.add(item);
        case Outcome.Later(LossLedger.Failure failure) -> failures.add(failure);
        case Outcome.Failed(LossLedger.Failure failure) -> failures.add(failure);
      }
    }
    fail(kind, failures);
    recovered(kind, back);
    return true;
  }

  /** Whoever sends such an object again is to put it: it is healed then, too. */
  private void fail(Kind kind, List<LossLedger.Failure> failures) {
    if (!failures.isEmpty() && kind == Kind.OBJECT) {
      ports.inventory().notInStore(failures.stream().map(f -> f.item().id()).toList());
    }
    Instant now = ports.clock().instant();
    long declared = ports.ledger().failed(kind, failures, tracker.startedAt(), now);
    tracker.counters().add(Counter.LOST_DECLARED, declared);
  }

  private void recovered(Kind kind, List<Inventory.Item> items) {
    long recovered = ports.ledger().recovered(kind, items, ports.clock().instant());
    tracker.counters().add(Counter.LOST_RECOVERED, recovered);
    if (recovered > 0 && kind == Kind.OBJECT) {
      ports.inventory().inStoreAgain(items.stream().map(Inventory.Item::id).toList());
    }
  }

  /** How the pull of one thing ended. */
  private sealed interface Outcome {
    /** It is here again. */
    record Back() implements Outcome {}

    /** A peer that may have it was busy. */
    record Later(LossLedger.Failure failure) implements Outcome {}

    /** Nobody gave it. */
    record Failed(LossLedger.Failure failure) implements Outcome {}
  }

  private Outcome pull(Kind kind, Inventory.Item item, Map<String, LossLedger.Entry> tried) {
    Counters counters = tracker.counters();
    LossLedger.@Nullable Entry before = tried.get(item.cursor());
    PeerPulls.Pulled pulled;
    try {
      pulled = pulls.pull(item, before == null ? 0 : before.failedCycles());
    } catch (SheafException e) {
      log.warn("{} could not be stored: {}", item.key(), e.getMessage());
      return new Outcome.Failed(
          new LossLedger.Failure(item, "it could not be stored: " + e.getMessage(), false));
    }
    if (pulled.stored().isEmpty()) {
      String asked = pulled.reasons().isEmpty() ? "" : "; " + String.join("; ", pulled.reasons());
      boolean exhaustive =
          pulled.exhaustive() && recovery.hasSeenAll() && (kind != Kind.GIT || packs.hasSeenAll());
      LossLedger.Failure failure =
          new LossLedger.Failure(item, notHere(kind, item) + asked, exhaustive);
      return pulled.isBusy() ? new Outcome.Later(failure) : new Outcome.Failed(failure);
    }
    ObjectRows.Stored stored = pulled.stored().get();
    counters.add(Counter.PULL_MINE_SUCCESS);
    tracker.addContent(stored.sizeBytes());
    String etag = stored.etag();
    if (kind == Kind.OBJECT) {
      noteObjects(List.of(stored));
    } else if (etag != null) {
      proven(kind, Map.of(item, etag));
    }
    switch (kind) {
      case GIT -> packs.isIndexed(item);
      case BUNDLE -> recovery.hasCome(item);
      case OBJECT, PACK -> {}
    }
    return new Outcome.Back();
  }

  private String notHere(Kind kind, Inventory.Item item) {
    return switch (kind) {
      case OBJECT ->
          recovery
              .damagedIn(item.id())
              .map(bundle -> "it is damaged in " + bundle)
              .orElse("no stored bundle has it");
      case GIT -> "no upload that is kept becomes it";
      case BUNDLE, PACK -> "the upload is gone";
    };
  }
}
