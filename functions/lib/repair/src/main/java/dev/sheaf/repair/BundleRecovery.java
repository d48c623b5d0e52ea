package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.PresenceIndex;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.inventory.Inventory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Re-makes lost objects out of the bundles that brought them, by the one intake: the same reading,
 * proving and storing as on their first day.
 *
 * <p>A bundle that is read gives back all that the listing lacks of it, not only what is asked for
 * now: after the loss of a whole prefix every bundle is read once, however the ids are spread. A
 * bundle that this site does not have is read at a peer, after those that it has. Of one that is
 * damaged, where it is or put aside, comes back what is not (see {@link Salvage}).
 */
final class BundleRecovery {
  private final Inventory inventory;
  private final Presence presence;
  private final BundleSources sources;
  private final Set<ContentId> restored;
  private final Set<String> come = new HashSet<>();
  private final Set<ContentId> asked = new HashSet<>();

  BundleRecovery(
      Intake.Ports ports,
      BundleReader reader,
      Inventory inventory,
      Presence presence,
      Peers peers,
      Attempts attempts,
      Counters counters) {
    this.inventory = inventory;
    this.presence = presence;
    this.sources = new BundleSources(ports, reader, peers, this::isUnlisted, attempts, counters);
    this.restored = sources.restored();
  }

  /** Whether an object has come back already, in this invocation. */
  boolean hasRestored(ContentId id) {
    return restored.contains(id);
  }

  /** A bundle is here that was not when the bucket was listed. */
  void hasCome(Inventory.Item bundle) {
    come.add(bundle.key());
  }

  /**
   * Brings objects back out of the bundles with which they are likely to have come.
   *
   * @param lost objects that are not in the store
   * @param isShortOfTime asked before each bundle
   * @return whether time sufficed; {@link #hasRestored} tells what came back
   */
  boolean restoreLikely(Collection<ContentId> lost, BooleanSupplier isShortOfTime) {
    Set<ContentId> wanted = wanted(lost);
    for (List<Inventory.Holder> repository : byRepository(wanted)) {
      Set<ContentId> here = objects(repository);
      for (Candidate candidate : likely(repository)) {
        here.removeAll(restored);
        if (here.isEmpty()) {
          break;
        }
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        String repoId = repository.getFirst().repoId();
        sources.restoreFrom(candidate.bundle(), candidate.isHere(), repoId, here, wanted);
      }
    }
    return true;
  }

  /**
   * Brings objects back out of whatever bundles their repositories have, from where each search
   * stands. It moves on with them.
   *
   * @param lost objects that are not in the store
   * @param isShortOfTime asked before each bundle
   * @return whether time sufficed to come to the end of all; {@link #hasRestored} tells what came
   *     back
   */
  boolean restore(Map<ContentId, Searched> lost, BooleanSupplier isShortOfTime) {
    Set<ContentId> wanted = wanted(lost.keySet());
    for (List<Inventory.Holder> repository : byRepository(wanted)) {
      List<Inventory.Numbered> bundles = inventory.bundlesOf(repository.getFirst());
      Map<ContentId, Searched> open = new HashMap<>();
      objects(repository).forEach(id -> open.put(id, searched(lost, id)));
      String repoId = repository.getFirst().repoId();
      long newest = bundles.isEmpty() ? 0 : bundles.getFirst().number();
      long from =
          open.values().stream()
              .map(one -> Objects.requireNonNullElse(one.newest(repoId), newest))
              .reduce(newest, Math::min);
      open.values().forEach(one -> one.begin(repoId, from));
      Walk walk = new Walk(repoId, open, wanted, present(items(bundles)));
      List<Inventory.Numbered> newer = bundles.stream().filter(one -> one.number() > from).toList();
      if (!walk(walk, newer.reversed(), Searched::isNewer, isShortOfTime)
          || !walk(walk, bundles, Searched::isOlder, isShortOfTime)) {
        return false;
      }
    }
    return true;
  }

  private static Searched searched(Map<ContentId, Searched> lost, ContentId id) {
    return Objects.requireNonNull(lost.get(id), id.hex());
  }

  /**
   * Through the bundles of a repository.
   *
   * @param open of each object that is looked for how far that is
   * @param here keys of bundles that this site has
   */
  private record Walk(
      String repoId, Map<ContentId, Searched> open, Set<ContentId> wanted, Set<String> here) {}

  /** Whether a bundle lies before a search, on the way that is gone. */
  @FunctionalInterface
  private interface Ahead {
    boolean is(Searched search, String repoId, long number);
  }

  private boolean walk(
      Walk walk, List<Inventory.Numbered> bundles, Ahead ahead, BooleanSupplier isShortOfTime) {
    String repoId = walk.repoId();
    for (Inventory.Numbered one : bundles) {
      walk.open().keySet().removeAll(restored);
      List<Searched> open =
          walk.open().values().stream()
              .filter(search -> ahead.is(search, repoId, one.number()))
              .toList();
      Inventory.Item bundle = one.bundle();
      if (!open.isEmpty() && !sources.isRead(bundle)) {
        if (isShortOfTime.getAsBoolean()) {
          return false;
        }
        boolean isHere = walk.here().contains(bundle.key());
        sources.restoreFrom(bundle, isHere, repoId, walk.open().keySet(), walk.wanted());
      }
      boolean isPassedOver = sources.isPassedOver(bundle);
      open.forEach(search -> search.reached(repoId, one.number(), isPassedOver));
      walk.open().forEach((id, search) -> sources.damagedIn(id).ifPresent(search::damagedIn));
    }
    return true;
  }

  private Set<ContentId> wanted(Collection<ContentId> lost) {
    Set<ContentId> wanted = new HashSet<>(lost);
    wanted.removeAll(restored);
    if (!asked.containsAll(wanted) && !wanted.stream().allMatch(this::isUnlisted)) {
      sources.forgetRead(); // these were not looked for when they were read
    }
    asked.addAll(wanted);
    return wanted;
  }

  private static Set<ContentId> objects(List<Inventory.Holder> repository) {
    Set<ContentId> objects = new HashSet<>();
    repository.forEach(holder -> objects.add(holder.object()));
    return objects;
  }

  private static List<Inventory.Item> items(List<Inventory.Numbered> bundles) {
    return bundles.stream().map(Inventory.Numbered::bundle).toList();
  }

  private Collection<List<Inventory.Holder>> byRepository(Set<ContentId> wanted) {
    Map<String, List<Inventory.Holder>> repositories = new LinkedHashMap<>();
    if (!wanted.isEmpty()) {
      inventory
          .holders(wanted)
          .forEach(holder ->
              repositories.computeIfAbsent(holder.repoId(), _ -> new ArrayList<>()).add(holder));
    }
    return repositories.values();
  }

  private record Candidate(Inventory.Item bundle, boolean isHere) {}

  /**
   * An object came with the last bundle that had been registered when its repository got it, and
   * the bundle of most objects is read first. Those that are not here come last.
   */
  private List<Candidate> likely(List<Inventory.Holder> repository) {
    List<Inventory.Item> bundles =
        items(inventory.bundlesOf(repository.getFirst())).stream()
            .filter(bundle -> !sources.isRead(bundle))
            .toList();
    Map<String, Long> votes = new HashMap<>();
    for (Inventory.Holder holder : repository) {
      bundles.stream()
          .filter(bundle -> !bundle.since().isAfter(holder.since()))
          .findFirst() // they come newest first
          .ifPresent(bundle -> votes.merge(bundle.key(), 1L, Long::sum));
    }
    Set<String> here = present(bundles);
    return bundles.stream()
        .filter(bundle -> votes.containsKey(bundle.key()))
        .map(bundle -> new Candidate(bundle, here.contains(bundle.key())))
        .sorted(
            Comparator.comparing(Candidate::isHere)
                .thenComparing(one -> votes.getOrDefault(one.bundle().key(), 0L))
                .reversed()) // stable
        .toList();
  }

  private Set<String> present(List<Inventory.Item> bundles) {
    List<String> keys = bundles.stream().map(Inventory.Item::key).toList();
    if (!presence.isListed()) {
      return new HashSet<>(keys); // a GET says it for the same price
    }
    List<Standing> standings = presence.of(Kind.BUNDLE, keys);
    Set<String> present = new HashSet<>(come);
    for (int i = 0; i < keys.size(); i++) {
      if (standings.get(i) instanceof Standing.Present) {
        present.add(keys.get(i));
      }
    }
    return present;
  }

  private boolean isUnlisted(ContentId id) {
    return presence instanceof PresenceIndex index
        && index.of(Kind.OBJECT, ObjectKeys.object(id)).equals(Standing.ABSENT);
  }
}
