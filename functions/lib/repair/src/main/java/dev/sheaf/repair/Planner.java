package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.Step.Action;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.HeadPresence;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares rows of the catalog with what is in the bucket, and says what is to be done. Changes
 * nothing. Questions are answered from memory; a miss is confirmed by one HEAD before anything is
 * planned on it, and where the store does not answer nothing is.
 */
final class Planner {
  private final Presence presence;
  private final ObjectStore store;
  private final RecentKeys recent;
  private final LossLedger ledger;
  private final boolean isCleanup;
  private final Settings settings;
  private Counters counters = new Counters();
  private long contentBytes;

  /**
   * What a plan depends on besides.
   *
   * @param anyLost whether the ledger has to be asked at all
   * @param peers which sites are to have what
   * @param mayDrop whether all that is known of the bucket was listed in this cycle
   * @param bundlesKeptSince bundles from before may have expired, as they were set to
   * @param surplusBefore what is younger is left to sites that are not to have it
   */
  record Settings(
      boolean anyLost,
      Peers peers,
      boolean mayDrop,
      Instant bundlesKeptSince,
      Instant surplusBefore,
      Instant now) {}

  Planner(
      Presence presence,
      ObjectStore store,
      RecentKeys recent,
      LossLedger ledger,
      boolean isCleanup,
      Settings settings) {
    this.presence = presence;
    this.store = store;
    this.recent = recent;
    this.ledger = ledger;
    this.isCleanup = isCleanup;
    this.settings = settings;
  }

  /**
   * What is to be done about a batch, and what was found.
   *
   * @param counters to be added to the cycle's once the batch is done
   * @param contentBytes of what is there
   */
  record Plan(List<Step> steps, Counters counters, long contentBytes) {}

  /**
   * Plans a batch. Objects that are marked to go are let go.
   *
   * @param scrub cursors of those that are to be read whole in turn
   */
  Plan plan(Kind kind, List<Inventory.Item> items, Set<String> scrub) {
    counters = new Counters();
    contentBytes = 0;
    List<Inventory.Item> kept = items.stream().filter(item -> !item.isMarked()).toList();
    List<Step> steps = steps(kind, kept, scrub);
    return new Plan(List.copyOf(steps), counters, contentBytes);
  }

  private List<Step> steps(Kind kind, List<Inventory.Item> items, Set<String> scrub) {
    counters.add(Counter.TOTAL_CHECKED, items.size());
    List<Standing> standings = presence.of(kind, items.stream().map(Inventory.Item::key).toList());
    List<Step> steps = new ArrayList<>();
    List<Inventory.Item> missing = new ArrayList<>();
    List<Inventory.Item> found = new ArrayList<>();
    int absent = 0;
    for (int i = 0; i < items.size(); i++) {
      Inventory.Item item = items.get(i);
      switch (standings.get(i)) {
        case Standing.Present present -> {
          found.add(item);
          have(present.size());
          look(kind, item, present, scrub, steps);
        }
        case Standing.Absent() -> {
          absent++;
          if (settings.peers().isMine(kind, item.id())) {
            missing.add(item);
          } else {
            counters.add(Counter.NOT_PLACED);
          }
        }
        case Standing.Unknown(String _) -> counters.add(Counter.READ_ATTRS_FAIL);
      }
    }
    count(items.size(), absent);
    steps.addAll(ofAbsent(kind, confirmed(kind, missing, found)));
    if (settings.anyLost()) {
      steps.addAll(ofRecovered(kind, found));
    }
    return steps;
  }

  private void count(int checked, int missing) {
    if (presence.isListed()) {
      counters.add(Counter.PRESENCE_INDEX_HIT, checked - (long) missing);
      counters.add(Counter.PRESENCE_INDEX_MISS, missing);
    } else {
      counters.add(Counter.HEAD_INSTEAD_OF_LIST, checked);
    }
  }

  private void have(long size) {
    counters.add(Counter.ALREADY_HAVE);
    contentBytes += size;
  }

  /** A difference is a suspicion only: whoever acts on it reads the bytes first. */
  private void look(
      Kind kind,
      Inventory.Item item,
      Standing.Present present,
      Set<String> scrub,
      List<Step> steps) {
    if (!isCleanup) {
      return;
    }
    String etag = item.etag();
    if (present.size() != item.sizeBytes()) {
      String reason =
          "the store has %d bytes, the catalog says %d".formatted(present.size(), item.sizeBytes());
      steps.add(new Step(Action.VERIFY, kind, item, reason));
    } else if (etag != null && !present.isAs(item.sizeBytes(), etag)) {
      steps.add(new Step(Action.VERIFY, kind, item, "its ETag is not the one that was noted"));
    } else {
      if (scrub.contains(item.cursor())) {
        steps.add(new Step(Action.VERIFY, kind, item, "its turn to be read"));
      } else if (etag == null) {
        steps.add(new Step(Action.NOTE_ETAG, kind, item, "no ETag is noted"));
      }
      if (etag != null && !settings.peers().isMine(kind, item.id())) {
        surplus(kind, item, present, steps);
      }
    }
  }

  /** Whoever drops it asks those that are to have it, and the store, once more. */
  private void surplus(Kind kind, Inventory.Item item, Standing.Present present, List<Step> steps) {
    counters.add(Counter.DELETE_OVER_REPLICATED_NEEDED);
    if (settings.mayDrop() && present.lastModified().isBefore(settings.surplusBefore())) {
      String sites =
          settings.peers().placed(item.id()).stream()
              .map(BlobPeer::site)
              .collect(Collectors.joining(" and "));
      steps.add(new Step(Action.DROP, kind, item, "this site is not to have it, but " + sites));
    } else {
      counters.add(Counter.DELETE_OVER_REPLICATED_KEPT);
    }
  }

  /** Those that are not there, by whom else can be asked. Adds to {@code found} what is. */
  private List<Inventory.Item> confirmed(
      Kind kind, List<Inventory.Item> missing, List<Inventory.Item> found) {
    if (!presence.isListed() || missing.isEmpty()) {
      return missing;
    }
    List<Inventory.Item> unknown = new ArrayList<>();
    for (Inventory.Item item : missing) {
      // It is a cache of good news: a cleanup does not rely on it.
      if (!isCleanup && recent.contains(item.key())) {
        counters.add(Counter.REPAIR_KNOWN_PRESENT);
        have(item.sizeBytes());
      } else {
        unknown.add(item);
      }
    }
    return headed(kind, unknown, found);
  }

  private List<Inventory.Item> headed(
      Kind kind, List<Inventory.Item> unknown, List<Inventory.Item> found) {
    counters.add(Counter.HEAD_CONFIRM, unknown.size());
    List<Standing> heads =
        new HeadPresence(store).of(kind, unknown.stream().map(Inventory.Item::key).toList());
    List<Inventory.Item> absent = new ArrayList<>();
    for (int i = 0; i < unknown.size(); i++) {
      switch (heads.get(i)) {
        case Standing.Present present -> {
          found.add(unknown.get(i));
          have(present.size());
        }
        case Standing.Absent() -> absent.add(unknown.get(i));
        case Standing.Unknown(String _) -> counters.add(Counter.READ_ATTRS_FAIL);
      }
    }
    return absent;
  }

  private List<Step> ofAbsent(Kind kind, List<Inventory.Item> absent) {
    if (absent.isEmpty()) {
      return List.of();
    }
    if (kind == Kind.PACK) {
      return absent.stream()
          .map(item -> new Step(Action.FORGET, kind, item, "it is gone, and can be made anew"))
          .toList();
    }
    Map<String, LossLedger.Entry> lost = settings.anyLost() ? ledger.of(kind, absent) : Map.of();
    Set<ContentId> origins =
        absent.stream()
            .filter(item -> !item.isDerived())
            .map(Inventory.Item::id)
            .collect(Collectors.toSet());
    List<Step> steps = new ArrayList<>();
    for (Inventory.Item item : absent) {
      if (item.isDerived()) {
        // Whoever brings back what it is derived from makes it, too.
        if (!origins.contains(item.id())) {
          steps.add(new Step(Action.REMAKE, kind, item, "it is gone, and can be made anew"));
        }
        continue;
      }
      LossLedger.Entry entry = lost.get(item.cursor());
      if (kind == Kind.BUNDLE && item.since().isBefore(settings.bundlesKeptSince())) {
        continue;
      }
      if (entry != null && settings.now().isBefore(entry.tryAfter())) {
        counters.add(Counter.LOST_LEFT_ALONE);
      } else {
        String reason = presence.isListed() ? "neither listed nor found by HEAD" : "HEAD says 404";
        steps.add(new Step(Action.RESTORE, kind, item, reason));
      }
    }
    return steps;
  }

  private List<Step> ofRecovered(Kind kind, Collection<Inventory.Item> found) {
    Set<String> lost = ledger.of(kind, found).keySet();
    return found.stream()
        .filter(item -> lost.contains(item.cursor()))
        .map(item -> new Step(Action.RECOVERED, kind, item, "it was lost, and is there again"))
        .collect(Collectors.toList());
  }
}
