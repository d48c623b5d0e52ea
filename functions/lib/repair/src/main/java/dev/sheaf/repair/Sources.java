package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.presence.Standing;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.Inventory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where what is missing is going to be looked for: for people who read a plan. */
final class Sources {
  private final Inventory inventory;
  private final GitInventory gitInventory;
  private final Presence presence;
  private final Peers peers;
  private final Map<String, List<Inventory.Item>> bundles = new HashMap<>();

  Sources(Inventory inventory, GitInventory gitInventory, Presence presence, Peers peers) {
    this.inventory = inventory;
    this.gitInventory = gitInventory;
    this.presence = presence;
    this.peers = peers;
  }

  /** The same steps, with what is known of where a thing is to come from. */
  List<Step> named(List<Step> steps) {
    List<ContentId> objects =
        steps.stream()
            .filter(step -> isMissing(step) && step.kind() == Kind.OBJECT)
            .map(step -> step.item().id())
            .toList();
    Map<ContentId, Inventory.Holder> holders = new HashMap<>();
    inventory.holders(objects).forEach(holder -> holders.putIfAbsent(holder.object(), holder));
    return steps.stream().map(step -> isMissing(step) ? named(step, holders) : step).toList();
  }

  private static boolean isMissing(Step step) {
    return step.action() == Step.Action.RESTORE;
  }

  private Step named(Step step, Map<ContentId, Inventory.Holder> holders) {
    Inventory.Item item = step.item();
    List<String> sources = new ArrayList<>();
    switch (step.kind()) {
      case OBJECT -> {
        Inventory.Holder holder = holders.get(item.id());
        if (holder != null) {
          sources.addAll(likely(holder));
        }
      }
      case GIT ->
          gitInventory.uploadsOf(GitInventory.repoId(item), item.id()).stream()
              .map(upload -> "the upload " + upload.hex())
              .forEach(sources::add);
      case BUNDLE, PACK -> {}
    }
    if (peers.hasOthers()) {
      sources.add(
          peers.toAsk(item.id(), 0).stream()
              .map(BlobPeer::site)
              .collect(Collectors.joining(", ", "peers (", ")")));
    }
    String from =
        sources.isEmpty() ? "nobody known has it" : "from " + String.join(", or ", sources);
    return new Step(step.action(), step.kind(), item, step.reason() + "; " + from);
  }

  /** The last bundle that had come when the repository got the object, and how many others. */
  private List<String> likely(Inventory.Holder holder) {
    List<Inventory.Item> all = bundles.computeIfAbsent(holder.repoId(), _ -> bundlesOf(holder));
    if (all.isEmpty()) {
      return List.of();
    }
    Inventory.Item first =
        all.stream()
            .filter(bundle -> !bundle.since().isAfter(holder.since()))
            .findFirst() // they come newest first
            .orElse(all.getFirst());
    String others = all.size() > 1 ? " (or one of %d others)".formatted(all.size() - 1) : "";
    return List.of(first.key() + (isHere(first) ? "" : ", which is not here") + others);
  }

  private List<Inventory.Item> bundlesOf(Inventory.Holder holder) {
    return inventory.bundlesOf(holder).stream().map(Inventory.Numbered::bundle).toList();
  }

  private boolean isHere(Inventory.Item bundle) {
    return presence.of(Kind.BUNDLE, List.of(bundle.key())).getFirst() instanceof Standing.Present;
  }
}
