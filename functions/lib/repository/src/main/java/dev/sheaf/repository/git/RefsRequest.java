package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitHead;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * What a push asks for.
 *
 * @param updates at most one for each ref
 * @param head what HEAD is to be; null leaves it
 * @param firstHead what HEAD is to be where there is none yet; null has a branch chosen
 * @param atomic whether all updates take place or none
 */
public record RefsRequest(
    List<RefUpdate> updates, @Nullable GitHead head, @Nullable GitHead firstHead, boolean atomic) {

  public RefsRequest {
    updates = List.copyOf(updates);
    Set<RefName> names = new HashSet<>();
    for (RefUpdate update : updates) {
      if (!names.add(update.name())) {
        throw new SheafException(
            ErrorKind.INVALID, "the push names " + update.name() + " twice; send one update a ref");
      }
    }
  }

  /** The same with another choice for the first HEAD. */
  RefsRequest withFirstHead(@Nullable GitHead first) {
    return new RefsRequest(updates, head, first, atomic);
  }

  /** Objects that refs are to point to. */
  Set<ObjectId> targets() {
    Set<ObjectId> targets = new HashSet<>();
    for (RefUpdate update : updates) {
      ObjectId target = update.target();
      if (target != null) {
        targets.add(target);
      }
    }
    for (GitHead wanted : new @Nullable GitHead[] {head, firstHead}) {
      if (wanted instanceof GitHead.Detached(ObjectId commit)) {
        targets.add(commit);
      }
    }
    return targets;
  }

  Set<RefName> names() {
    Set<RefName> names = new HashSet<>();
    updates.forEach(update -> names.add(update.name()));
    return names;
  }
}
