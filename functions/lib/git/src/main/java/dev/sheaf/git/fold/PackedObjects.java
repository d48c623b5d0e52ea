package dev.sheaf.git.fold;

import dev.sheaf.git.StoredPack;
import dev.sheaf.git.fold.FoldPlan.Action;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.internal.storage.dfs.DfsPackFile;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.file.PackIndex;
import org.eclipse.jgit.lib.ObjectId;

/**
 * The objects of a fold's sources, newer packs first.
 *
 * @param folded those in packs that become another's part
 * @param expired those in packs of unreached objects whose time is over
 * @param kept those in packs that stay
 */
record PackedObjects(Set<ObjectId> folded, Set<ObjectId> expired, Set<ObjectId> kept) {
  static PackedObjects of(FoldPlan plan, DfsRepository repository, DfsReader reader)
      throws IOException {
    return new PackedObjects(
        in(plan.packs(Action.FOLD, false), repository, reader),
        in(plan.packs(Action.FOLD, true), repository, reader),
        in(plan.packs(Action.KEEP, true), repository, reader));
  }

  private static Set<ObjectId> in(
      List<StoredPack> packs, DfsRepository repository, DfsReader reader) throws IOException {
    Set<String> names = new HashSet<>();
    packs.forEach(pack -> names.add(pack.name().hex()));
    Set<ObjectId> ids = new LinkedHashSet<>();
    for (DfsPackFile pack : repository.getObjectDatabase().getPacks()) {
      if (names.contains(pack.getPackDescription().getPackName())) {
        ids.addAll(inOrder(pack.getPackIndex(reader)));
      }
    }
    return ids;
  }

  /** As they stand in the pack: what belongs together stays near. */
  private static List<ObjectId> inOrder(PackIndex index) {
    record Placed(ObjectId id, long offset) {}
    List<Placed> placed = new ArrayList<>();
    index.forEach(entry -> placed.add(new Placed(entry.toObjectId(), entry.getOffset())));
    placed.sort(Comparator.comparingLong(Placed::offset));
    return placed.stream().map(Placed::id).toList();
  }
}
