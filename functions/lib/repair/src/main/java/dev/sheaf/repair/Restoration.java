package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Brings things back that are missing: objects out of the bundles with which they are likely to
 * have come, then from peers, then out of whatever bundle there is; git packs out of uploads, then
 * from peers; bundles from peers. What came and what did not is written down every so many, so that
 * an invocation that comes to its end leaves the next one something else to do.
 */
final class Restoration {
  private static final String TOO_LONG =
      "the bundles that may have it take too long to read; the next attempt goes on from there";

  private final Repairs.Ports ports;
  private final BundleRecovery recovery;
  private final GitRecovery packs;
  private final PeerPulls pulls;
  private final GitSubstitutes substitutes;
  private final Etags etags;
  private final RepairTracker tracker;
  private final Attempts attempts;
  private final BooleanSupplier isFurther;
  private long noted;
  private long come;

  /**
   * @param isFurther whether this invocation has come any further, so that the next one has more
   *     time for what is tried now
   */
  Restoration(
      Repairs.Ports ports,
      BundleRecovery recovery,
      GitRecovery packs,
      Etags etags,
      RepairTracker tracker,
      BooleanSupplier isFurther) {
    this.ports = ports;
    this.recovery = recovery;
    this.packs = packs;
    this.pulls = new PeerPulls(ports.peers(), ports.store(), tracker.counters());
    this.substitutes =
        new GitSubstitutes(
            packs.ports(ports.catalog(), ports.clock()), ports.peers(), tracker.counters());
    this.etags = etags;
    this.tracker = tracker;
    this.attempts = ports.attempts();
    this.isFurther = isFurther;
  }

  /** How many attempts that failed have been written down. */
  long noted() {
    return noted;
  }

  /**
   * Brings things back.
   *
   * @param isShortOfTime whether to leave the rest to another invocation
   * @return whether there is nothing left to do for them in this cycle
   */
  boolean restore(Kind kind, List<Inventory.Item> missing, BooleanSupplier isShortOfTime) {
    return switch (kind) {
      case OBJECT -> restoreObjects(missing, isShortOfTime);
      case GIT -> restorePacks(missing, isShortOfTime);
      case BUNDLE -> isOver(kind, pull(kind, missing, isShortOfTime));
      case PACK -> throw new IllegalArgumentException("prepared answers are forgotten");
    };
  }

  /** Others are asked before all bundles are read through. */
  private boolean restoreObjects(List<Inventory.Item> missing, BooleanSupplier isShortOfTime) {
    Map<ContentId, Searched> searches = new HashMap<>(ports.ledger().searched(missing));
    List<Inventory.Item> fresh =
        missing.stream().filter(item -> !searches.containsKey(item.id())).toList();
    missing.forEach(item -> searches.putIfAbsent(item.id(), new Searched()));
    boolean isRead = recovery.restoreLikely(ids(fresh), isShortOfTime);
    hasCome(missing);
    if (!isRead) {
      return isPutOff(missing, searches);
    }
    Asked asked = pull(Kind.OBJECT, unrestored(missing), isShortOfTime);
    if (!asked.isAll()) {
      return isOver(Kind.OBJECT, asked, searches);
    }
    List<Inventory.Item> missed = asked.missed().stream().map(PeerPulls.Pulled::item).toList();
    isRead = recovery.restore(only(searches, missed), isShortOfTime);
    hasCome(missed);
    if (!isRead) {
      return isPutOff(missing, only(searches, missed));
    }
    List<PeerPulls.Pulled> left =
        asked.missed().stream().filter(one -> !recovery.hasRestored(one.item().id())).toList();
    return isOver(Kind.OBJECT, new Asked(left, true), searches);
  }

  private void hasCome(List<Inventory.Item> wanted) {
    recovered(
        Kind.OBJECT, wanted.stream().filter(item -> recovery.hasRestored(item.id())).toList());
  }

  private static List<ContentId> ids(List<Inventory.Item> items) {
    return items.stream().map(Inventory.Item::id).toList();
  }

  private static Map<ContentId, Searched> only(
      Map<ContentId, Searched> searches, List<Inventory.Item> items) {
    Map<ContentId, Searched> only = new HashMap<>(searches);
    only.keySet().retainAll(ids(items));
    return only;
  }

  private List<Inventory.Item> unrestored(List<Inventory.Item> items) {
    return items.stream().filter(item -> !recovery.hasRestored(item.id())).toList();
  }

  /**
   * Where something has come back another invocation gets further. Where nothing has it would not:
   * these are tried again, and stop no others.
   */
  private boolean isPutOff(
      Kind kind,
      List<Inventory.Item> missing,
      List<Inventory.Item> left,
      Map<ContentId, Searched> searches) {
    if (left.size() < missing.size()) {
      return false;
    }
    fail(
        kind,
        left.stream()
            .map(item -> new LossLedger.Failure(item, TOO_LONG, false, searches.get(item.id())))
            .toList());
    return true;
  }

  /** They are gone on with where they stand. */
  private boolean isPutOff(List<Inventory.Item> missing, Map<ContentId, Searched> searches) {
    List<Inventory.Item> left =
        unrestored(missing).stream().filter(item -> searches.containsKey(item.id())).toList();
    return isPutOff(Kind.OBJECT, missing, left, searches);
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
    recovered(Kind.GIT, List.copyOf(restored.packs()));
    List<Inventory.Item> left =
        lost.stream().filter(pack -> !restored.packs().contains(pack)).toList();
    if (!restored.hasLookedEverywhere()) {
      return isPutOff(Kind.GIT, lost, left, Map.of());
    }
    Asked asked = pull(Kind.GIT, left, isShortOfTime);
    return isOver(Kind.GIT, asked.isAll() ? substituted(asked.missed(), isShortOfTime) : asked);
  }

  /** What nobody has by its name others may have in packs of theirs. */
  private Asked substituted(List<PeerPulls.Pulled> missed, BooleanSupplier isShortOfTime) {
    Map<String, List<PeerPulls.Pulled>> repositories = new LinkedHashMap<>();
    for (PeerPulls.Pulled one : missed) {
      repositories
          .computeIfAbsent(GitInventory.repoId(one.item()), _ -> new ArrayList<>())
          .add(one);
    }
    List<PeerPulls.Pulled> left = new ArrayList<>();
    for (Map.Entry<String, List<PeerPulls.Pulled>> repository : repositories.entrySet()) {
      if (isShortOfTime.getAsBoolean()) {
        return new Asked(left, false);
      }
      left.addAll(substituted(repository.getKey(), repository.getValue(), isShortOfTime));
    }
    return new Asked(left, true);
  }

  private List<PeerPulls.Pulled> substituted(
      String repoId, List<PeerPulls.Pulled> missed, BooleanSupplier isShortOfTime) {
    Optional<Repo> repo = new Repos(ports.catalog()).byIdEvenDeleted(repoId);
    if (repo.isEmpty()) {
      return missed;
    }
    String attempt = "replace packs of " + repoId;
    Optional<String> passedOver = attempts.passedOver(attempt);
    if (passedOver.isPresent()) {
      return missed.stream().map(one -> one.and(false, List.of(passedOver.get()))).toList();
    }
    attempts.begin(attempt);
    List<Inventory.Item> items = missed.stream().map(PeerPulls.Pulled::item).toList();
    Set<ContentId> lost = items.stream().map(Inventory.Item::id).collect(Collectors.toSet());
    GitSubstitutes.Ended ended =
        substitutes.replace(repo.get(), lost, packs.unreadable(items), isShortOfTime);
    if (!ended.isReplaced()) {
      return missed.stream().map(one -> one.and(ended.exhaustive(), ended.reasons())).toList();
    }
    recovered(Kind.GIT, items);
    return List.of();
  }

  /**
   * What peers were asked for.
   *
   * @param missed those that nobody gave
   * @param isAll whether time sufficed to ask for all
   */
  private record Asked(List<PeerPulls.Pulled> missed, boolean isAll) {}

  /** Asks peers for what this site is to have; those that were busy once more at the end. */
  private Asked pull(Kind kind, List<Inventory.Item> wanted, BooleanSupplier isShortOfTime) {
    List<Inventory.Item> mine =
        wanted.stream().filter(item -> ports.peers().isMine(kind, item.id())).toList();
    Asked first = ask(kind, mine, Counter.PULL_MINE_NEEDED, isShortOfTime);
    List<Inventory.Item> later =
        first.missed().stream()
            .filter(PeerPulls.Pulled::isBusy)
            .map(PeerPulls.Pulled::item)
            .toList();
    if (!first.isAll() || later.isEmpty()) {
      return first;
    }
    pulls.askBusyAgain();
    Asked again = ask(kind, later, Counter.PULL_MINE_AGAIN, isShortOfTime);
    List<PeerPulls.Pulled> missed = new ArrayList<>(again.missed());
    first.missed().stream().filter(one -> !one.isBusy()).forEach(missed::add);
    return new Asked(missed, again.isAll());
  }

  private Asked ask(
      Kind kind, List<Inventory.Item> items, Counter counter, BooleanSupplier isShortOfTime) {
    Map<String, LossLedger.Entry> tried =
        ports.peers().isNarrow(0) ? ports.ledger().of(kind, items) : Map.of();
    List<PeerPulls.Pulled> missed = new ArrayList<>();
    List<Inventory.Item> open = new ArrayList<>();
    for (Inventory.Item item : items) {
      attempts
          .passedOver(pulling(item))
          .ifPresentOrElse(
              why -> missed.add(PeerPulls.Pulled.missed(item, false, false, List.of(why))),
              () -> open.add(item));
    }
    int wave = 0;
    for (int from = 0; from < open.size(); ) {
      List<Inventory.Item> some =
          PeerPulls.wave(open, from, wave++, item -> attempts.isSuspect(pulling(item)));
      attempts.begin(some.stream().map(Restoration::pulling).toList());
      List<PeerPulls.Pulled> all = pulls.pull(some, tried, isShortOfTime);
      came(kind, all.stream().filter(one -> one.stored().isPresent()).toList());
      List<PeerPulls.Pulled> pulled = hadTheirTime(all);
      tracker.counters().add(counter, pulled.size());
      pulled.stream().filter(one -> one.stored().isEmpty()).forEach(missed::add);
      if (pulled.size() < some.size() || pulled.stream().anyMatch(PeerPulls.Pulled::isCutOff)) {
        return new Asked(missed, false);
      }
      from += some.size();
    }
    return new Asked(missed, true);
  }

  private static String pulling(Inventory.Item item) {
    return "pull " + item.key();
  }

  /**
   * What was cut off comes first in the next invocation, and has it whole. What has had a whole one
   * is tried again in a later cycle, and stops no others.
   */
  private List<PeerPulls.Pulled> hadTheirTime(List<PeerPulls.Pulled> pulled) {
    boolean hasMoreTime = isFurther.getAsBoolean() || noted > 0 || come > 0;
    return hasMoreTime ? pulled.stream().filter(one -> !one.isCutOff()).toList() : pulled;
  }

  private void came(Kind kind, List<PeerPulls.Pulled> pulled) {
    if (pulled.isEmpty()) {
      return;
    }
    List<Etags.Proven> proven = new ArrayList<>();
    for (PeerPulls.Pulled one : pulled) {
      ObjectRows.Stored stored = one.stored().orElseThrow();
      tracker.addContent(stored.sizeBytes());
      proven.add(new Etags.Proven(one.item(), stored.sizeBytes(), stored.etag()));
      switch (kind) {
        case GIT -> packs.isIndexed(one.item());
        case BUNDLE -> recovery.hasCome(one.item());
        case OBJECT, PACK -> {}
      }
    }
    come += pulled.size();
    tracker.counters().add(Counter.PULL_MINE_SUCCESS, pulled.size());
    etags.note(kind, proven, ports.clock().instant());
    recovered(kind, pulled.stream().map(PeerPulls.Pulled::item).toList());
  }

  /** Writes down what nobody gave; where time did not suffice that proves no loss. */
  private boolean isOver(Kind kind, Asked asked) {
    return isOver(kind, asked, Map.of());
  }

  /**
   * The same of objects.
   *
   * @param searches how far bundles were read for them: to the end, where time sufficed to ask all
   */
  private boolean isOver(Kind kind, Asked asked, Map<ContentId, Searched> searches) {
    List<LossLedger.Failure> failures = new ArrayList<>();
    for (PeerPulls.Pulled one : asked.missed()) {
      Searched search = searches.getOrDefault(one.item().id(), new Searched());
      failures.add(failure(kind, one, search, asked.isAll()));
    }
    fail(kind, failures);
    return asked.isAll();
  }

  private LossLedger.Failure failure(
      Kind kind, PeerPulls.Pulled missed, Searched search, boolean isAll) {
    List<String> reasons = new ArrayList<>();
    reasons.add(notHere(kind, search));
    reasons.addAll(missed.reasons());
    boolean hasSeenAll = search.isCertain() && (kind != Kind.GIT || packs.hasSeenAll());
    return new LossLedger.Failure(
        missed.item(),
        String.join("; ", reasons),
        missed.exhaustive() && hasSeenAll && isAll,
        kind == Kind.OBJECT && !isAll ? search : null);
  }

  private static String notHere(Kind kind, Searched search) {
    return switch (kind) {
      case OBJECT ->
          search
              .damagedIn()
              .map(bundle -> "it is damaged in " + bundle)
              .orElse("no stored bundle has it");
      case GIT -> "no upload that is kept becomes it";
      case BUNDLE, PACK -> "the upload is gone";
    };
  }

  /** Whoever sends such an object again is to put it: it is healed then, too. */
  private void fail(Kind kind, List<LossLedger.Failure> failures) {
    if (!failures.isEmpty() && kind == Kind.OBJECT) {
      ports.inventory().notInStore(failures.stream().map(f -> f.item().id()).toList());
    }
    Instant now = ports.clock().instant();
    long declared = ports.ledger().failed(kind, failures, tracker.startedAt(), now);
    tracker.counters().add(Counter.LOST_DECLARED, declared);
    noted += failures.size();
  }

  /** Notes that things are there again. */
  void recovered(Kind kind, List<Inventory.Item> items) {
    long recovered = ports.ledger().recovered(kind, items, ports.clock().instant());
    tracker.counters().add(Counter.LOST_RECOVERED, recovered);
    if (recovered > 0 && kind == Kind.OBJECT) {
      ports.inventory().inStoreAgain(items.stream().map(Inventory.Item::id).toList());
    }
  }
}
