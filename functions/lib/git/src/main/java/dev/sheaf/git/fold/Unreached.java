package dev.sheaf.git.fold;

import dev.sheaf.git.References;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;

/**
 * What no ref reaches.
 *
 * @param kept what goes into a pack of its own
 * @param dropped how many objects are let go
 */
record Unreached(Set<ObjectId> kept, long dropped) {
  /**
   * Lets go of objects that are in packs of unreached ones alone, all of which are old enough. What
   * an object that is kept names is kept too, however old: else a push that builds on it would be
   * taken for whole.
   *
   * @param packer knows what is reached
   */
  static Unreached of(PackedObjects objects, PackWriter packer, DfsReader reader)
      throws IOException {
    Set<ObjectId> kept = new LinkedHashSet<>();
    for (ObjectId id : objects.folded()) {
      if (!packer.willInclude(id) && !objects.kept().contains(id)) {
        kept.add(id);
      }
    }
    Set<ObjectId> old = new HashSet<>();
    for (ObjectId id : objects.expired()) {
      if (!packer.willInclude(id) && !objects.kept().contains(id) && !kept.contains(id)) {
        old.add(id);
      }
    }
    Deque<ObjectId> asking = new ArrayDeque<>(kept);
    asking.addAll(objects.kept());
    while (!old.isEmpty() && !asking.isEmpty()) {
      for (References.Named named : namesOf(asking.remove(), reader)) {
        if (old.remove(named)) {
          kept.add(named.copy());
          asking.add(named.copy());
        }
      }
    }
    return new Unreached(kept, old.size());
  }

  private static References namesOf(ObjectId id, DfsReader reader) throws IOException {
    References references = new References();
    ObjectLoader object = reader.open(id);
    if (object.getType() != Constants.OBJ_BLOB) {
      references.addFrom(id, object.getType(), object.getCachedBytes());
    }
    return references;
  }
}
